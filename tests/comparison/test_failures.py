"""What goes wrong in a comparison costs only what it touches."""

import json
import shutil

import numpy as np
import pytest
from helpers import blobs, gaussian_table, small
from stopping import Stopped, Stopping

import genlearn as gl
from genlearn.comparison import evaluate_run
from genlearn.core.disk.locks import Lock
from genlearn.core.errors import UserError
from genlearn.data.split import hold_out
from genlearn.engine.runs.run_options import RunOptions

QUICK = {
    "models": ["ppca latent_dim=2", "vae steps=20 latent_dim=2 batch_size=16"],
    "size": "tiny",
    "evaluation": "3s",
    "budget": "30s",
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A small comparison, to be copied."""
    out = tmp_path_factory.mktemp("trouble") / "out"
    gl.compare(blobs(100), out, **QUICK)
    return out


@pytest.fixture
def folder(compared, tmp_path):
    return shutil.copytree(compared, tmp_path / "out")


def by_name(report):
    return {model["name"]: model for model in report["models"]}


def test_sorted_data_is_judged_by_all_of_its_classes():
    values, labels = blobs(300), np.repeat(np.arange(5), 60)
    split = hold_out(gl.open_data(values, labels=labels))
    assert len(set(split.held_out.labels[:30].tolist())) == 5


def test_an_evaluation_does_not_replace_a_comparison(folder):
    run = folder / "runs/vae"
    with pytest.raises(UserError, match="holds other files"):
        evaluate_run(run, blobs(100), folder, evaluation="3s")
    assert (run / "weights.safetensors").exists()
    assert (folder / "report.html").exists()


@pytest.mark.parametrize("ability", ["encode", "score_samples", "decode"])
def test_a_model_that_cannot_do_what_it_says_leaves_the_others_alone(folder, monkeypatch, ability):
    def broken(*_, **__):
        raise ZeroDivisionError("out of luck")

    shutil.rmtree(folder / "judged")
    monkeypatch.setattr(gl.VAE, ability, broken)
    models = by_name(gl.compare(blobs(100), folder, **QUICK))
    assert models["ppca"]["status"] == "done"
    assert models["vae"]["status"] == "failed"
    assert "out of luck" in models["vae"]["reason"]


def test_panels_that_cannot_be_drawn_cost_no_figures(folder, monkeypatch):
    def broken(*_):
        raise ValueError("no ink")

    shutil.rmtree(folder / "judged")
    monkeypatch.setattr(gl.PPCA, "panels", broken)
    ppca = by_name(gl.compare(blobs(100), folder, **QUICK))["ppca"]
    assert ppca["status"] == "done"
    assert ppca["tier"] is not None
    assert any("no ink" in note for note in ppca["notes"])


@pytest.mark.parametrize(
    "file",
    ["judged/vae/metric_values.json", "judged/ppca/panels/panels.json", "reference_set/marks.json"],
)
def test_what_was_damaged_is_measured_again(folder, file):
    before, told = json.loads((folder / "report.json").read_text()), []
    (folder / file).write_text("{")
    report = gl.compare(blobs(100), folder, **QUICK, tell=told.append)
    assert any("measured again" in line for line in told)
    assert report["floor"] == before["floor"]
    for name, model in by_name(report).items():
        primary = report["protocol"]["primary"]
        assert model["figures"][primary] == by_name(before)[name]["figures"][primary]


@pytest.mark.parametrize("file", ["features.safetensors", "features.json"])
def test_features_that_are_damaged_are_learned_again_and_nothing_is_trained_again(folder, file):
    weights, told = (folder / "runs/vae/weights.safetensors").read_bytes(), []
    place = folder / "reference_set/features" / file
    place.write_bytes(place.read_bytes()[:-9])
    report = gl.compare(blobs(100), folder, **QUICK, tell=told.append)
    (line,) = [line for line in told if file in line]
    assert "to learn features anew" in line
    assert "--fresh" not in line
    assert {model["status"] for model in report["models"]} == {"done"}
    assert (folder / "runs/vae/weights.safetensors").read_bytes() == weights


def test_a_damaged_manifest_of_one_candidate_does_not_stop_the_others(folder):
    (folder / "runs/vae/manifest.json").write_text("{")
    models = by_name(gl.compare(blobs(100), folder, **QUICK))
    assert models["ppca"]["status"] == "done"
    assert models["vae"]["status"] == "failed"
    assert "manifest.json is damaged" in models["vae"]["reason"]


def test_a_report_that_a_kill_took_is_made_again(folder):
    before = json.loads((folder / "report.json").read_text())
    for name in ("report.json", "report.html"):
        (folder / name).unlink()
    gl.compare(blobs(100), folder, **QUICK)
    assert json.loads((folder / "report.json").read_text()) == before
    assert (folder / "report.html").stat().st_size > 1000


def test_a_comparison_has_one_writer_and_what_it_holds_can_be_read(folder):
    with Lock(folder / ".lock"):
        with pytest.raises(UserError, match="out is being written by"):
            gl.compare(blobs(100), folder, **QUICK)
        assert gl.load(folder / "runs/ppca").sample(1, seed=0).shape == (1, 12, 9)
        page = evaluate_run(folder / "runs/ppca", blobs(100), evaluation="2s")
    assert page["models"][0]["status"] == "done"
    with (
        Lock(folder / "runs/ppca/evaluation/.lock"),
        pytest.raises(UserError, match="evaluation is being written by"),
    ):
        evaluate_run(folder / "runs/ppca", blobs(100), evaluation="2s")


def test_the_page_of_an_unfinished_run_says_so(tmp_path):
    with pytest.raises(Stopped):
        small("vae", steps=8).fit(
            blobs(100), out=tmp_path / "run", options=RunOptions(callback=Stopping())
        )
    page = evaluate_run(tmp_path / "run", blobs(100), evaluation="2s")
    assert any("has learned 2 of 8 steps" in note for note in page["models"][0]["notes"])


def test_the_same_command_tells_the_same_report(folder):
    before = json.loads((folder / "report.json").read_text())
    again = json.loads(json.dumps(gl.compare(blobs(100), folder, **QUICK)))
    assert again == before


def test_other_held_out_data_is_another_comparison(tmp_path):
    table = gaussian_table(200, 3)
    for name, part in (("train", table[:120]), ("test", table[120:])):
        np.save(tmp_path / f"{name}.npy", part)
    np.savez(tmp_path / "data.npz", train=table[:120], test=table[120:])
    gl.compare(
        tmp_path / "data.npz", tmp_path / "out", **(QUICK | {"models": ["ppca latent_dim=2"]})
    )
    np.savez(tmp_path / "data.npz", train=table[:120], test=2 * table[120:])
    with pytest.raises(UserError, match="other data"):
        gl.compare(
            tmp_path / "data.npz", tmp_path / "out", **(QUICK | {"models": ["ppca latent_dim=2"]})
        )


def test_data_prepared_in_another_way_is_another_comparison(folder):
    with pytest.raises(UserError, match="prepared in another way"):
        gl.compare(blobs(100), folder, **QUICK, binarise="threshold")


def test_floor_and_models_are_measured_by_as_many(tmp_path):
    table = gaussian_table(700, 3)
    np.savez(tmp_path / "data.npz", train=table[:100], test=table[100:])
    report = gl.compare(
        tmp_path / "data.npz", tmp_path / "out", **(QUICK | {"models": ["ppca latent_dim=2"]})
    )
    primary = report["protocol"]["primary"]
    assert report["floor"][primary]["n"] == report["models"][0]["figures"][primary]["n"] == 100


def test_another_seed_tells_that_held_out_examples_may_be_known(folder):
    report = evaluate_run(folder / "runs/ppca", blobs(100), evaluation="3s", seed=1)
    assert any("figures flatter it" in note for note in report["models"][0]["notes"])
    assert not any(metric["group"] == "copies" for metric in report["metrics"].values())
    page = (folder / "runs/ppca/evaluation/report.html").read_text()
    assert "Nearest training images" not in page
    assert "Suspected copies" not in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": ["nosuch"]}, "no feature network 'nosuch'"),
        ({"device": "abacus"}, "device='abacus'"),
    ],
)
def test_mistakes_leave_no_folder(tmp_path, change, message):
    with pytest.raises(UserError, match=message):
        gl.compare(blobs(100), tmp_path / "out", **(QUICK | change))
    assert not (tmp_path / "out").exists()
