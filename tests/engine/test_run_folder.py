"""The folder of a run: one writer, weights that know their step, and what becomes of it when it is
damaged, linked elsewhere or removed."""

import json
import shutil
import warnings

import numpy as np
import pytest
from helpers import blobs, gaussian_table, small
from stopping import Stopped, Stopping, same_weights

import genlearn as gl
from genlearn.core.disk.locks import Lock
from genlearn.core.errors import UserError
from genlearn.engine.callbacks import NullCallback
from genlearn.engine.runs import preview
from genlearn.engine.runs.metrics_log import JsonlLogger, read_lines
from genlearn.engine.runs.run import Run
from genlearn.engine.runs.run_options import RunOptions

DATA = gaussian_table(60, 3)
FRESH = RunOptions(fresh=True)


def fit(out, steps=8, **how):
    return small("vae", steps=steps).fit(DATA, out=out, **how)


def stopped(out, steps=8, **options):
    """A run that was stopped on its way."""
    with pytest.raises(Stopped):
        fit(out, steps, options=RunOptions(callback=Stopping(), **options))


def told(caught):
    return [str(warning.message) for warning in caught]


def test_a_run_that_is_written_to_refuses_a_second_training_and_can_be_read(tmp_path):
    seen = []

    class Reader(NullCallback):
        def preview(self, model):
            with pytest.raises(UserError, match="run is being written by this process already"):
                small("vae", seed=1).fit(DATA, out=tmp_path / "run")
            with pytest.raises(UserError, match="is being written by"):
                model.save(tmp_path / "run")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                seen.append((gl.load(tmp_path / "run").sample(2, seed=0), told(caught)))

    fit(tmp_path / "run", options=RunOptions(callback=Reader()))
    assert len(seen) > 2
    assert all("has learned" in line for _, (line,) in seen)
    assert not (tmp_path / "run/.lock").exists()
    fit(tmp_path / "run")


def test_an_unfinished_run_says_so_wherever_it_is_used_and_so_does_its_copy(tmp_path):
    stopped(tmp_path / "run")
    with pytest.warns(UserWarning, match="has learned 2 of 8 steps; the command"):
        model = gl.load(tmp_path / "run")
    assert model.n_steps_ == 2
    model.save(tmp_path / "copy")
    with pytest.warns(UserWarning, match="copy has learned 2 of 8 steps"):
        gl.load(tmp_path / "copy")
    lines = []
    options = RunOptions(start_from=str(tmp_path / "run"), callback=Ear(lines))
    tuned = fit(tmp_path / "tuned", options=options)
    assert any("has learned 2 of 8" in line for line in lines)
    assert Run(tmp_path / "tuned").manifest["from"]["steps"] == 2
    tuned.save(tmp_path / "whole")
    assert gl.load(tmp_path / "whole").n_steps_ == 8


class Ear(NullCallback):
    heard = True

    def __init__(self, lines):
        self.lines = lines

    def tell(self, line):
        self.lines.append(line)

    def warn(self, line):
        self.lines.append(line)


def test_a_complete_run_whose_states_were_removed_stays_complete(tmp_path):
    first = fit(tmp_path / "run")
    shutil.rmtree(tmp_path / "run/state")
    before = (tmp_path / "run/weights.safetensors").stat().st_mtime_ns
    lines = []
    again = fit(tmp_path / "run", options=RunOptions(callback=Ear(lines)))
    assert any("is complete: step 8 of 8" in line for line in lines)
    assert same_weights(first, again)
    assert (again.sample(3, seed=1) == first.sample(3, seed=1)).all()
    assert again.n_steps_ == 8
    assert len(again.history_) == len(first.history_)
    assert (tmp_path / "run/weights.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["state", "samples", "metrics.jsonl", "weights.safetensors"])
def test_fresh_removes_links_and_not_what_they_lead_to(tmp_path, name):
    fit(tmp_path / "run")
    shutil.move(tmp_path / "run" / name, tmp_path / "mine")
    (tmp_path / "run" / name).symlink_to(tmp_path / "mine")
    before = contents(tmp_path / "mine")
    lines = []
    fit(tmp_path / "run", options=RunOptions(fresh=True, callback=Ear(lines)))
    assert any(f"{name} was a link to" in line for line in lines)
    assert not (tmp_path / "run" / name).is_symlink()
    assert (tmp_path / "run" / name).exists()
    assert contents(tmp_path / "mine") == before


def contents(path):
    files = [path] if path.is_file() else sorted(path.rglob("*.*"))
    return {str(file): file.read_bytes() for file in files}


def test_fresh_removes_the_parts_of_a_model_made_of_models(tmp_path):
    model = small("latent", steps=4)
    model.fit(DATA, out=tmp_path / "run")
    (tmp_path / "run/diffusion/note.txt").write_text("of the run of before")
    (tmp_path / "run/mine").mkdir()
    fit(tmp_path / "run", options=FRESH)
    there = {path.name for path in (tmp_path / "run").iterdir()}
    assert not there & {"autoencoder", "diffusion"}
    assert "mine" in there


@pytest.mark.parametrize("name", ["vae", "latent"])
def test_a_run_that_is_removed_while_it_trains_ends_in_one_line_and_leaves_nothing(tmp_path, name):
    class Remover(NullCallback):
        def preview(self, model):
            shutil.rmtree(tmp_path / "run")

    with pytest.raises(UserError, match="was removed or replaced while its training ran"):
        small(name, steps=8).fit(DATA, out=tmp_path / "run", options=RunOptions(callback=Remover()))
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_was_removed_by_hand_costs_nothing(tmp_path):
    class Remover(NullCallback):
        def preview(self, model):
            (tmp_path / "run/.lock").unlink()

    fit(tmp_path / "run", options=RunOptions(callback=Remover()))
    assert Run(tmp_path / "run").complete


def test_what_a_killed_process_left_unfinished_is_removed_by_the_next(tmp_path):
    stopped(tmp_path / "run")
    left = [tmp_path / "run/.weights.safetensors.0f.part", tmp_path / "run/samples/.x.npy.1f.part"]
    for path in left:
        path.write_text("half")
    (tmp_path / "run/state/.00000004.2f.part").mkdir()
    fit(tmp_path / "run")
    assert list((tmp_path / "run").rglob("*.part")) == []


def test_previews_that_a_kill_took_are_made_again_and_those_of_a_lost_life_go(tmp_path):
    fit(tmp_path / "whole")
    previews = contents(tmp_path / "whole/samples")
    stopped(tmp_path / "run")
    for step in range(3, 9):
        (tmp_path / f"run/samples/{step:08d}.csv").write_text("of a life that was lost")
    shutil.rmtree(tmp_path / f"run/state/{1:08d}")
    fit(tmp_path / "run")
    names = {path.rsplit("/", 1)[1]: text for path, text in previews.items()}
    found = contents(tmp_path / "run/samples")
    assert {path.rsplit("/", 1)[1]: text for path, text in found.items()} == names


JUNK = [b'{"step": 3, "lr"', b"\xff\xfe\x00", b"[1, 2]", b'"text"', b'{"step": "3"}', b"7", b"{}"]


@pytest.mark.parametrize("junk", JUNK)
def test_metrics_are_appended_to_and_damage_is_passed_over(tmp_path, junk):
    stopped(tmp_path / "run", save_every=3)
    before = (tmp_path / "run/metrics.jsonl").read_bytes()
    (tmp_path / "run/metrics.jsonl").write_bytes(before + junk)  # no end of line
    model = fit(tmp_path / "run", options=RunOptions(save_every=3))
    assert (tmp_path / "run/metrics.jsonl").read_bytes().startswith(before + junk)
    assert [line["step"] for line in read_lines(tmp_path / "run")] == list(range(1, 9))
    assert model.history_["step"].tolist() == list(range(1, 9))
    whole = fit(tmp_path / "whole").history_
    assert np.allclose(model.history_["loss"], whole["loss"], rtol=0, atol=0)


def test_a_report_after_resuming_is_the_mean_since_the_last_one(tmp_path):
    """A checkpoint may lie between two reports."""
    whole = fit(tmp_path / "whole", 450, options=RunOptions(save_every=5)).history_
    stopped(tmp_path / "run", 450, save_every=5)  # reports: every other step
    resumed = fit(tmp_path / "run", 450, options=RunOptions(save_every=5)).history_
    assert resumed["loss"].tolist() == whole["loss"].tolist()


def test_going_back_is_a_line_of_the_log(tmp_path):
    place = tmp_path / "metrics.jsonl"
    line = {"lr": 0.1, "losses": {}, "seconds": 1.0, "images_per_second": 1.0}
    place.write_text("".join(json.dumps({"step": step, **line}) + "\n" for step in (1, 2, 3)))
    before = place.read_text()
    JsonlLogger(place, 2).close()
    assert place.read_text() == before + '{"back": 2}\n'
    assert [line["step"] for line in read_lines(tmp_path)] == [1, 2]
    JsonlLogger(place, 2).close()
    assert place.read_text() == before + '{"back": 2}\n', "nothing is left to go back from"


def test_parts_are_trained_side_by_side_and_the_whole_alone(tmp_path):
    with Lock(tmp_path / "run/.lock", shared=True):
        options = RunOptions(only="autoencoder")
        small("latent", steps=4).fit(DATA, out=tmp_path / "run", options=options)
        with pytest.raises(UserError, match="is being written by"):
            small("latent", steps=4).fit(DATA, out=tmp_path / "run")
    small("latent", steps=4).fit(DATA, out=tmp_path / "run")
    assert Run(tmp_path / "run").complete


def test_a_preview_that_is_found_has_its_picture(tmp_path, monkeypatch):
    """Whoever watches the folder asks for it at once."""
    seen = []

    def write(path, content):
        path.write_bytes(content)
        found = preview.find_previews(tmp_path)
        assert all(one.with_suffix(".png").is_file() for one in found)
        seen.append(len(found))

    monkeypatch.setattr(preview, "write_bytes", write)
    preview.write_preview(small("vae").fit(blobs(30)), tmp_path / "00000003")
    assert seen == [0, 1]
