"""A comparison from end to end: its figures, its page, its runs, and what the same call does
again."""

import json
import multiprocessing

import pytest
from forked import preloaded
from helpers import small
from quick_judging import QUICK

import genlearn as gl
from genlearn.comparison import evaluate_run
from genlearn.core.errors import UserError
from genlearn.engine.runs.run_options import RunOptions


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


def test_a_browser_opens_the_page_without_an_error(compared, open_tab):
    tab = open_tab(compared[0] / "report.html")
    assert tab.locator("img").count() > 5
    assert all(
        tab.evaluate(
            "Promise.all([...document.images].map(image => image.decode().then(() =>"
            " image.naturalWidth > 0)))"
        )
    )
    assert not tab.told


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


@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_that_held_some_out_is_judged_by_that_and_copies_are_looked_for(
    tmp_path, pictures, seed
):
    model = small("vae", steps=4, seed=seed)
    model.fit(pictures, out=tmp_path / "run", validation=0.4, options=RunOptions(patience=2))
    told = []
    report = evaluate_run(tmp_path / "run", pictures, evaluation="4s", tell=told.append)
    held_out = round(0.4 * len(pictures))
    assert report["data"]["held_out"] == held_out
    assert "that its training held out, for about 4 s" in " ".join(told)
    judged = report["models"][0]
    assert any("chose which of its weights" in note for note in judged["notes"])
    assert judged["copies"]


def test_a_run_that_held_little_out_is_warned_of(tmp_path, pictures):
    small("vae", steps=4).fit(pictures, out=tmp_path / "run", validation=0.05)
    report = evaluate_run(tmp_path / "run", pictures, evaluation="4s")
    assert any("another part of this data" in note for note in report["models"][0]["notes"])
    assert not report["models"][0]["copies"]


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
