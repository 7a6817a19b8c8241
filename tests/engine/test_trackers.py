"""What trackers of experiments hold after a training, read back by their own programs."""

import json
import os
import sys

import pytest
from helpers import gaussian_table, small

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.engine.callbacks import NullCallback
from genlearn.engine.runs.run_options import RunOptions
from genlearn.engine.trackers import TRACKERS


def fitted(out, trackers, steps=10, **options):
    model = small("vae", steps=steps)
    how = RunOptions(trackers=trackers, **options)
    return model.fit("digits" if "images" in out.name else gaussian_table(60), out=out, options=how)


class Interrupts(NullCallback):
    """A user who stops the training in its middle."""

    def report(self, progress):
        raise KeyboardInterrupt


def reported(out):
    """The losses that metrics.jsonl holds, by step."""
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return {line["step"]: line["losses"]["loss"] for line in lines if "losses" in line}


def test_ours_are_there_by_name():
    assert TRACKERS.available() == ["mlflow", "tensorboard", "trackio", "wandb"]
    with pytest.raises(UserError, match=r"no tracker is called 'tensorbord'.*tensorboard"):
        small("vae", steps=2).fit(gaussian_table(60), options=RunOptions(trackers=("tensorbord",)))


def test_tensorboard_holds_the_curves_and_pictures(tmp_path):
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    out = tmp_path / "images"
    fitted(out, ("tensorboard",))
    events = reading.EventAccumulator(str(out / "tensorboard"), {"images": 0, "scalars": 0})
    events.Reload()
    found = {event.step: event.value for event in events.Scalars("loss/loss")}
    assert found == pytest.approx(reported(out), rel=1e-6)
    assert {event.step for event in events.Images("samples")} <= set(range(11))
    assert events.Images("samples")


def test_mlflow_holds_one_run_that_goes_on(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.chdir(tmp_path)  # where its artifacts go
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    out, client = tmp_path / "images", mlflow.MlflowClient()

    def tracked():
        experiment = client.get_experiment_by_name("genlearn")
        (run,) = client.search_runs([experiment.experiment_id])
        return run

    with pytest.raises(KeyboardInterrupt):
        fitted(out, ("mlflow",), callback=Interrupts())
    assert tracked().info.status == "KILLED"
    fitted(out, ("mlflow",))
    fitted(out, ("mlflow",), more=5)
    run = tracked()
    assert run.info.status == "FINISHED"
    assert run.data.params["latent_dim"] == str(gl.load(out).latent_dim)
    history = client.get_metric_history(run.info.run_id, "loss/loss")
    assert {metric.step: metric.value for metric in history} == pytest.approx(reported(out))
    assert max(metric.step for metric in history) == 15


def test_wandb_and_trackio_take_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    pytest.importorskip("wandb")
    fitted(tmp_path / "images", ("wandb",))
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))


def test_one_that_is_not_installed_is_told_before_a_run_is_replaced(tmp_path, monkeypatch):
    fitted(tmp_path / "run", ())
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    for name in TRACKERS.available():
        needs = TRACKERS.find(name).needs
        monkeypatch.setitem(sys.modules, needs, None)
        with pytest.raises(UserError, match=f"needs {name}, which is not installed"):
            fitted(tmp_path / "run", (name,), fresh=True)
    assert before == {file: file.read_bytes() for file in before}


def test_a_tracker_of_ones_own_hears_every_report(tmp_path, monkeypatch):
    heard = []

    class Own(NullCallback):
        def __init__(self, run, step):
            heard.append((run.path.name, step))

        @classmethod
        def check(cls):
            """Nothing is needed."""

        def report(self, progress):
            heard.append(progress.step)

        def close(self):
            heard.append("closed")

    monkeypatch.setattr(type(TRACKERS), "find", lambda self, name: {"own": Own}[name])
    fitted(tmp_path / "run", ("own",))
    assert heard == [("run", 0), *range(1, 11), "closed"]
    assert not (tmp_path / "run/tensorboard").exists()
    assert os.listdir(tmp_path) == ["run"]


def test_one_that_fails_is_told_once_and_training_goes_on(tmp_path, monkeypatch):
    class Away(NullCallback):
        def __init__(self, run, step): ...

        @classmethod
        def check(cls):
            """Nothing is needed."""

        def report(self, progress):
            raise ConnectionError("no answer")

    monkeypatch.setattr(type(TRACKERS), "find", lambda self, name: Away)
    with pytest.warns(
        RuntimeWarning, match="tracker own failed .ConnectionError: no answer"
    ) as told:
        fitted(tmp_path / "run", ("own",))
    assert len(told) == 1
    assert len(reported(tmp_path / "run")) == 10


@pytest.mark.parametrize("name", ["ppca", "latent"])
def test_a_mistake_is_told_before_a_run_is_replaced(tmp_path, name):
    model, out = small(name, steps=4), tmp_path / "run"
    data = gaussian_table(60)
    model.fit(data, out=out)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(UserError, match="tracker"):
        model.fit(data, out=out, options=RunOptions(fresh=True, trackers=("nonsense",)))
    assert before == {file: file.read_bytes() for file in before}
