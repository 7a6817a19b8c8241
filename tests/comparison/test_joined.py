"""Processes that share one comparison: the same report, whoever does what, and whoever dies."""

import json
import os
import signal
import time
from functools import partial

import pytest
from helpers import blobs
from joining import HOW, started

import genlearn as gl
from genlearn.comparison.sharing.joined import Job, Jobs
from genlearn.comparison.workspace import Workspace
from genlearn.core.disk.atomic import locked
from genlearn.core.disk.checked import write_document
from genlearn.core.disk.locks import Lock
from genlearn.core.errors import UserError

PATIENCE_SECONDS = 120


def without_times(report):
    cost = {key for key, metric in report["metrics"].items() if metric["group"] == "cost"}
    for model in report["models"]:
        for part in ("figures", "tiers"):
            model[part] = {key: value for key, value in model[part].items() if key not in cost}
    for key in ("training_seconds", "evaluation_seconds"):
        report["protocol"].pop(key)
    return report


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The report of one process."""
    out = tmp_path_factory.mktemp("alone") / "out"
    gl.compare(blobs(400), out, **HOW)
    return without_times(json.loads((out / "report.json").read_text()))


def test_two_processes_one_of_which_is_killed_write_the_report_of_one(alone, tmp_path):
    out = tmp_path / "out"
    first = started(out, blobs(400))
    end = time.monotonic() + PATIENCE_SECONDS
    while not list(out.glob(".jobs/*.lock")) or not list(out.glob("runs/*")):
        assert time.monotonic() < end
        time.sleep(0.01)
    second = started(out, blobs(400))
    os.killpg(first.pid, signal.SIGKILL)
    second.join(PATIENCE_SECONDS)
    assert second.exitcode == 0
    assert without_times(json.loads((out / "report.json").read_text())) == alone
    assert not list(out.glob(".jobs/*"))


def test_all_who_reach_the_end_together_write_the_report_of_one(alone, tmp_path):
    out = tmp_path / "out"
    for _ in range(2):  # the second time they find all of it done
        processes = [started(out, blobs(400)) for _ in range(3)]
        for process in processes:
            process.join(PATIENCE_SECONDS)
        assert [process.exitcode for process in processes] == [0, 0, 0]
        assert without_times(json.loads((out / "report.json").read_text())) == alone


def test_what_was_saved_and_not_noted_by_a_killed_process_is_found(alone, tmp_path):
    out = tmp_path / "out"
    gl.compare(blobs(400), out, join=True, **HOW)
    with locked(out / "comparison.json"):
        write_document(out / "comparison.json", {**Workspace(out).plan, "spent": {}})
    gl.compare(blobs(400), out, join=True, **HOW)
    assert without_times(json.loads((out / "report.json").read_text())) == alone


def test_two_processes_share_the_trials_of_a_search(tmp_path):
    optuna = pytest.importorskip("optuna")
    models, out = ["vae steps=20", "gmm"], tmp_path / "out"
    processes = [started(out, blobs(400), models=models, trials=4) for _ in range(2)]
    for process in processes:
        process.join(PATIENCE_SECONDS)
    assert [process.exitcode for process in processes] == [0, 0]
    for name in ("vae", "gmm"):
        journal = optuna.storages.journal.JournalFileBackend(str(out / f"tuning/{name}/trials.log"))
        storage = optuna.storages.JournalStorage(journal)
        trials = optuna.load_study(study_name=name, storage=storage).trials
        assert sorted(trial.user_attrs["number"] for trial in trials) == [0, 1, 2, 3]
        assert len({str(trial.params) for trial in trials}) > 1
    assert set(Workspace(out).plan["tuned"]) == {"vae", "gmm"}


def test_times_that_are_planned_stay(tmp_path):
    models = ["vae", "gan", "flow"]
    how = HOW | {"models": models, "budget": "12s", "evaluation": "2s"}
    with pytest.raises(KeyboardInterrupt):
        gl.compare(blobs(200), tmp_path / "out", tell=_stopping_at("flow: training"), **how)
    before = Workspace(tmp_path / "out").plan["seconds"]
    assert len(before) in (2, 3)
    report = gl.compare(blobs(200), tmp_path / "out", join=True, **how)
    assert {m["name"]: m["status"] for m in report["models"]} == dict.fromkeys(models, "done")
    assert before.items() <= Workspace(tmp_path / "out").plan["seconds"].items()


def _stopping_at(words):
    def tell(line):
        if words in line:
            raise KeyboardInterrupt

    return tell


def test_who_finds_all_of_it_done_writes_the_same_report_again(alone, tmp_path):
    out = tmp_path / "out"
    for _ in range(2):
        gl.compare(blobs(400), out, join=True, **HOW)
        assert without_times(json.loads((out / "report.json").read_text())) == alone


def test_one_that_works_alone_keeps_others_out(tmp_path):
    with Workspace(tmp_path).alone(), pytest.raises(UserError, match="is being written by"):
        gl.compare(blobs(60), tmp_path, join=True, **HOW)


def test_a_job_that_another_does_is_left_to_it(tmp_path):
    did, looks = [], iter(range(100))

    def done(name):
        return name in did or (name == "a" and next(looks) > 3)  # the other is through with it

    with Lock(tmp_path / ".jobs/a.lock"):
        jobs = {name: Job(partial(done, name), partial(did.append, name)) for name in "ab"}
        Jobs(Workspace(tmp_path)).share(jobs)
    assert did == ["b"]


def test_a_model_that_fails_in_one_process_is_left_out_in_all(tmp_path):
    models = ["ppca", "vae steps=40 lr=1e12 clip=none batch_size=32"]
    for _ in range(2):
        report = gl.compare(blobs(400), tmp_path / "out", join=True, **(HOW | {"models": models}))
        assert {m["name"]: m["status"] for m in report["models"]} == {
            "ppca": "done",
            "vae": "failed",
        }
