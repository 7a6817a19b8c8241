"""The folder of a comparison: notes are added one by one, errors kept whole."""

import gc
import json
import multiprocessing
import weakref

import pytest
from helpers import blobs, gaussian_table, small

import genlearn as gl
from genlearn.comparison import comparison, evaluate_run
from genlearn.comparison.candidates import Candidate
from genlearn.comparison.config import ComparisonConfig
from genlearn.comparison.workspace import Workspace
from genlearn.core.errors import UserError
from genlearn.core.registry import find
from genlearn.data.split import hold_out


@pytest.fixture
def folder(tmp_path):
    split = hold_out(gaussian_table(100))
    settings = ComparisonConfig.within("10s", None, features=(), size="tiny", seed=0, trials=0)
    workspace = Workspace(tmp_path / "out")
    workspace.open(Workspace.planned(settings, "x", split, [Candidate("a", "ppca", {})]), False)
    return workspace


def note(path, name):
    for index in range(20):
        Workspace(path).update("spent", **{f"{name}{index}": 1.0})


def test_notes_of_several_processes_are_all_there(folder):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=note, args=(folder.path, name)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(folder.plan["spent"]) == 60


def test_a_note_leaves_the_others_as_they_were(folder):
    before = folder.plan
    folder.update("tuned", a={"beta": 2.0})
    after = folder.update("seconds", a=3.0)
    noted = {"tuned": {"a": {"beta": 2.0}}, "seconds": {"a": 3.0}}
    changed = {key for key in before if folder.plan[key] != before[key]}
    assert changed - {"digest"} == set(noted)
    assert noted.items() <= folder.plan.items()
    assert after.keys() >= noted.keys()


def test_what_tuning_found_for_baselines_stays(tmp_path):
    pytest.importorskip("optuna")
    gl.compare(
        blobs(120),
        tmp_path,
        budget="6s",
        evaluation="2s",
        size="tiny",
        trials=2,
        models=["gmm", "vae"],
    )
    tuned = json.loads((tmp_path / "comparison.json").read_text())["tuned"]
    assert set(tuned) == {"gmm", "vae"}


def test_a_failure_keeps_its_traceback(tmp_path, monkeypatch):
    def broken(self, n=1, **options):
        raise RuntimeError("no samples today")

    monkeypatch.setattr(find("kde"), "sample", broken)
    told = []
    gl.compare(
        blobs(120),
        tmp_path,
        budget="8s",
        evaluation="3s",
        size="tiny",
        models=["kde", "ppca"],
        tell=told.append,
        debug=True,
    )
    log = (tmp_path / "errors.log").read_text()
    assert " kde\n" in log
    assert "in broken" in log
    assert "RuntimeError: no samples today" in log
    assert any("in broken" in line for line in told), "under debug it is told whole"


def test_models_are_held_one_at_a_time(tmp_path, monkeypatch):
    held, load = [], comparison.load

    def alone(path):
        gc.collect()
        assert not any(model() for model in held)
        model = load(path)
        held.append(weakref.ref(model))
        return model

    monkeypatch.setattr(comparison, "load", alone)
    report = gl.compare(
        blobs(120),
        tmp_path,
        budget="8s",
        evaluation="3s",
        models=["kde", "ppca latent_dim=2", "gmm components=2"],
    )
    assert [model["status"] for model in report["models"]] == 3 * ["done"]
    assert len(held) == 6, "once for its costs and once to be judged, each"


def test_why_no_trial_came_to_an_end_is_told_whatever_it_was(tmp_path, monkeypatch):
    pytest.importorskip("optuna")

    def broken(self, n=1, **options):
        raise TypeError("no samples\nof this kind")

    monkeypatch.setattr(find("gmm"), "sample", broken)
    settings = {"budget": "8s", "evaluation": "3s", "trials": 2}
    with pytest.raises(UserError, match=r"came to an end \(TypeError: no samples\); leave"):
        gl.compare(blobs(120), tmp_path, models=["gmm"], **settings)
    log = (tmp_path / "errors.log").read_text()
    assert [f" gmm: trial {number}\n" in log for number in range(2)] == [True, True]
    assert log.count("in broken") == 2


def test_what_cannot_be_shown_keeps_its_traceback(tmp_path, monkeypatch):
    def broken(self, data):
        raise ValueError("no ink")

    small("ppca", latent_dim=2).fit(blobs(120), out=tmp_path / "run")
    monkeypatch.setattr(find("ppca"), "panels", broken)
    told = []
    evaluate_run(tmp_path / "run", blobs(120), evaluation="2s", tell=told.append, debug=True)
    log = (tmp_path / "run/evaluation/errors.log").read_text()
    assert " run: the model's own panels\n" in log
    assert "in broken" in log
    assert any("in broken" in line for line in told)
