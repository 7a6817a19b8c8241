"""A comparison from end to end: figures, failures, and what is kept when it is killed."""

import json
import multiprocessing
import os
import shutil
import signal
import time

import numpy as np
import pandas as pd
import pytest
from forked import Command, preloaded
from helpers import blobs, gaussian_table, genlearn
from quick_judging import judge_quickly, judge_quickly_in_a_group_of_its_own

import genlearn as gl
from genlearn.comparison import evaluate_run
from genlearn.core.errors import UserError

QUICK = {
    "models": ["ppca latent_dim=4", "gmm components=3", "vae steps=40 latent_dim=4 batch_size=32"],
    "size": "tiny",
    "evaluation": "6s",
    "budget": "60s",
}


@pytest.fixture(scope="module")
def pictures():
    return gl.open_data(blobs(150), labels=np.arange(150) % 3)


@pytest.fixture(scope="module")
def compared(pictures, tmp_path_factory):
    """A comparison of three models on labelled images: its folder and its report."""
    out = tmp_path_factory.mktemp("comparison") / "out"
    return out, gl.compare(pictures, out, **QUICK)


def test_the_report_holds_every_model_with_figures_intervals_ranks_floor_and_ceiling(compared):
    out, report = compared
    assert json.loads((out / "report.json").read_text()) == json.loads(json.dumps(report))
    assert {model["name"] for model in report["models"]} == {"ppca", "gmm", "vae"}
    primary = report["protocol"]["primary"]
    for model in report["models"]:
        assert model["status"] == "done"
        assert set(model["figures"]) <= set(report["metrics"])
        for figure in model["figures"].values():
            assert figure["value"] is None or figure["low"] <= figure["value"] <= figure["high"]
            assert figure["n"] >= 0
        assert model["tiers"][primary] == model["tier"]
    assert report["models"][0]["tier"] == 1
    assert report["floor"][primary]["value"] < report["ceiling"][primary]["value"]


def test_two_equal_comparisons_by_steps_and_samples_differ_in_times_alone(pictures, tmp_path):
    how = {"models": ["gmm components=3", "vae steps=12 latent_dim=2"], "size": "tiny"}
    reports = [gl.compare(pictures, tmp_path / name, samples=40, **how) for name in ("a", "b")]

    def without_times(report):
        cost = {key for key, metric in report["metrics"].items() if metric["group"] == "cost"}
        models = [
            model
            | {
                part: {key: value for key, value in model[part].items() if key not in cost}
                for part in ("figures", "tiers")
            }
            for model in report["models"]
        ]
        timed = {"training_seconds", "evaluation_seconds"}
        protocol = {k: v for k, v in report["protocol"].items() if k not in timed}
        return report | {"models": models, "protocol": protocol}

    first, second = map(without_times, reports)
    assert first == second
    assert first["protocol"]["samples"] == 40


def test_the_report_says_how_it_was_measured(compared):
    _, report = compared
    assert all(
        feature["digest"] and feature["dim"] and feature["about"]
        for feature in report["protocol"]["features"]
    )
    assert report["protocol"]["samples"] == report["data"]["held_out"] == 50
    assert report["data"]["train"] == 100
    assert "held out at random, seed 0" in report["data"]["split"]
    assert {"resize", "seed", "machine", "date", "versions"} <= set(report["protocol"])


def test_each_model_gets_the_measures_that_it_can_have(compared):
    _, report = compared
    groups = {
        m["name"]: {report["metrics"][key]["group"] for key in m["figures"]}
        for m in report["models"]
    }
    assert {"samples", "density", "copies", "cost"} <= groups["gmm"]
    assert {"reconstruction", "embedding", "latent space"} <= groups["vae"]
    assert not {"reconstruction", "embedding"} & groups["gmm"]


def test_the_page_shows_them_all(compared):
    out, report = compared
    page = (out / "report.html").read_text()
    for text in (
        "Samples",
        "Reconstructions",
        "Latent map",
        "Learning curve",
        *[model["name"] for model in report["models"]],
    ):
        assert text in page


def test_a_browser_opens_the_page_without_an_error(compared):
    out, _ = compared
    playwright = pytest.importorskip("playwright.sync_api")
    if not (chromium := shutil.which("chromium")):
        pytest.skip("there is no chromium here")
    told = []
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.on("console", lambda message: told.append(message.text))
        tab.on("pageerror", lambda error: told.append(str(error)))
        tab.on(
            "request",
            lambda request: told.extend(
                [] if request.url.startswith(("file:", "data:")) else [request.url]
            ),
        )
        tab.goto(f"file://{out}/report.html")
        assert tab.locator("img").count() > 5
        assert all(
            tab.evaluate(
                "Promise.all([...document.images].map(image => image.decode().then(() =>"
                " image.naturalWidth > 0)))"
            )
        )
        browser.close()
    assert not told


def test_the_runs_are_runs_like_any_other(compared):
    out, _ = compared
    assert gl.load(out / "runs/vae").sample(3).shape == (3, 12, 9)


def test_the_same_call_again_measures_nothing_anew(compared, pictures):
    out, report = compared
    before = {
        path: path.stat().st_mtime_ns
        for folder in ("runs", "judged")
        for path in (out / folder).rglob("*.*")
        if path.suffix != ".jsonl"
    }
    again = gl.compare(pictures, out, **QUICK)
    assert [(m["name"], m["figures"]) for m in again["models"]] == [
        (m["name"], m["figures"]) for m in json.loads(json.dumps(report))["models"]
    ]
    unchanged = [path for path, then in before.items() if path.stat().st_mtime_ns == then]
    assert len([path for path in unchanged if path.name == "metric_values.json"]) == 3


def test_another_comparison_is_not_replaced_unless_asked(compared, pictures):
    out, _ = compared
    with pytest.raises(UserError, match="seed 0 there, 1 here"):
        gl.compare(pictures, out, **QUICK, seed=1)
    with pytest.raises(UserError, match="candidates ppca, gmm, vae there, kde here"):
        gl.compare(pictures, out, **(QUICK | {"models": ["kde"]}))


def test_a_folder_with_other_files_is_left_alone(pictures, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match="holds other files"):
        gl.compare(pictures, tmp_path, **QUICK)
    assert (tmp_path / "thesis.tex").exists()


def test_a_model_that_fails_is_told_and_the_others_go_on(pictures, tmp_path):
    told = []
    models = ["ppca", "vae steps=40 lr=1e12 clip=none batch_size=32"]
    report = gl.compare(
        pictures, tmp_path / "out", **(QUICK | {"models": models}), tell=told.append
    )
    by_name = {model["name"]: model for model in report["models"]}
    assert by_name["ppca"]["status"] == "done"
    assert by_name["vae"]["status"] == "failed"
    assert "diverged" in by_name["vae"]["reason"]
    assert any("vae failed" in sentence for sentence in report["summary"])
    assert any("the others go on" in line for line in told)
    assert "diverged" in (tmp_path / "out/report.html").read_text()


def test_a_table_without_labels(tmp_path):
    frame = pd.DataFrame(gaussian_table(150, 4), columns=list("abcd")).assign(constant=7.0)
    models = ["gmm components=3", "vae steps=40 latent_dim=4 batch_size=32"]
    report = gl.compare(frame, tmp_path / "out", **(QUICK | {"models": models}))
    assert {"marginals", "correlations", "synthetic"} <= set(report["metrics"])
    assert not any(metric["group"] == "embedding" for metric in report["metrics"].values())
    assert report["data"]["kind"] == "table"


def test_one_class_is_no_class(tmp_path):
    data = gl.open_data(blobs(90), labels=np.zeros(90, int))
    report = gl.compare(data, tmp_path / "out", **(QUICK | {"models": ["ppca"]}))
    assert not any(metric["group"] == "embedding" for metric in report["metrics"].values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models": ["vea"]}, "did you mean 'vae'"),
        ({"models": ["vae latentdim=3"]}, "did you mean 'latent_dim'"),
        ({"models": ["vae latent_dim"]}, "a candidate is a model and settings"),
        ({"models": ["vae", "vae"]}, "asked for twice"),
        ({"models": ["vae latent_dim=5000"]}, "larger than the data"),
        ({"budget": "soon"}, "it is a time above zero"),
        ({"evaluation": "2m"}, "leaves no time to train"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(pictures, tmp_path, change, message):
    with pytest.raises(UserError, match=message) as error:
        gl.compare(pictures, tmp_path / "out", **(QUICK | change))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_fewer_than_fifty_examples_are_refused(tmp_path):
    with pytest.raises(UserError, match="at least 50"):
        gl.compare(blobs(40), tmp_path / "out")


def test_entrants_of_one_model_are_told_apart(pictures, tmp_path):
    report = gl.compare(
        pictures,
        tmp_path / "out",
        **(QUICK | {"models": ["ppca latent_dim=2", "ppca latent_dim=8"]}),
    )
    assert {model["name"] for model in report["models"]} == {
        "ppca-latent_dim=2",
        "ppca-latent_dim=8",
    }


def test_tuning_keeps_to_the_training_part_and_leaves_a_run_like_any_other(pictures, tmp_path):
    models = ["ppca", "vae steps=30 batch_size=32"]
    report = gl.compare(pictures, tmp_path / "out", **(QUICK | {"models": models, "trials": 3}))
    assert all(model["status"] == "done" for model in report["models"])
    assert (tmp_path / "out/tuning/vae/trials.log").exists()
    assert gl.load(tmp_path / "out/runs/vae").n_samples_ == 100


def test_a_killed_comparison_goes_on(tmp_path):
    np.save(tmp_path / "images.npy", blobs(150))
    models = [
        part
        for text in ("ppca", "vae steps=200 batch_size=32", "autoencoder steps=20")
        for part in ("--model", text)
    ]
    command = [
        "compare",
        "images.npy",
        "--out",
        "out",
        "--evaluation",
        "6s",
        "--size",
        "tiny",
        *models,
    ]
    started = Command(*command, cwd=tmp_path, first=judge_quickly_in_a_group_of_its_own)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("out/runs/vae/state/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(started.process.pid, signal.SIGKILL)
    started.ended()
    first = (tmp_path / "out/runs/ppca/weights.safetensors").stat().st_mtime_ns
    done = genlearn(*command, cwd=tmp_path, first=judge_quickly)
    assert "going on with 3 models" in done.stderr
    assert "going on at step" in done.stderr
    assert "the report: out/report.html" in done.stdout
    assert (tmp_path / "out/runs/ppca/weights.safetensors").stat().st_mtime_ns == first


def test_one_run_has_its_page(compared, pictures):
    out, report = compared
    told = []
    alone = evaluate_run(out / "runs/vae", pictures, evaluation="6s", tell=told.append)
    assert (out / "runs/vae/evaluation/report.html").exists()
    compared_as = next(model for model in report["models"] if model["name"] == "vae")
    assert set(alone["models"][0]["figures"]) == set(compared_as["figures"])
    assert not alone["models"][0]["notes"][1:], (
        "trained on the training part: nothing to warn of but the importance samples"
    )
    assert "for about 6 s" in " ".join(told)


def test_a_run_that_saw_everything_is_told(tmp_path, pictures):
    gl.create("ppca", latent_dim=3).fit(pictures, out=tmp_path / "run")
    report = evaluate_run(tmp_path / "run", pictures, evaluation="4s")
    assert any("trained on all of this data" in note for note in report["models"][0]["notes"])


def test_processes_share_the_work_and_change_nothing(compared, pictures, monkeypatch):
    out, report = compared
    context = preloaded()
    monkeypatch.setattr(multiprocessing, "get_context", lambda *how, **more: context)
    shared = evaluate_run(out / "runs/vae", pictures, out / "shared", evaluation="6s", processes=2)
    alone = next(model for model in report["models"] if model["name"] == "vae")
    for key in ("frechet/random", "coverage/random"):
        assert shared["models"][0]["figures"][key]["value"] == pytest.approx(
            alone["figures"][key]["value"], rel=1e-3
        )
