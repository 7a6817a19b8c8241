"""What goes wrong in training: seen, told, gone back from once; and all of it the same however
often the run is interrupted."""

import json
import os
import re
import signal
from dataclasses import dataclass

import pytest
import torch
from helpers import gaussian_table
from torch import nn

from genlearn.core.disk.checked import read_tensors, write_tensors
from genlearn.core.errors import UserError
from genlearn.core.estimator_types import GradientTrained
from genlearn.core.params import param
from genlearn.engine.callbacks import NullCallback
from genlearn.engine.runs.checkpoint import checkpoints
from genlearn.engine.runs.metrics_log import read_lines
from genlearn.engine.runs.run_options import RunOptions
from genlearn.engine.signals import Interrupted
from genlearn.models.base import Estimator

STEPS, SAVE = 600, 100
TABLE = gaussian_table(40, 3)


@dataclass(kw_only=True, eq=False, repr=False)
class Mean(GradientTrained, Estimator):
    """Learns a mean from noisy examples, by gradient descent in a valley as steep as ``curvature``;
    ``calls`` are its steps in this process."""

    curvature: float = param(1.0, "second derivative of the loss", low=0)
    optimizer: str = param("sgd", "without momentum")
    momentum: float = param(0.0, "none")
    lr_schedule: str = param("constant", "no fall")
    warmup: float = param(0.0, "no rise")
    clip: float | None = param(None, "nothing to hold it back")
    lr: float = param(0.1, "learning rate", low=1e-9)
    batch_size: int = param(8, "examples in a step", low=1)
    ema: float = param(0.9, "decay of the average of the weights", low=0, high=1)

    calls, at = 0, {}

    def build(self, spec):
        place = nn.Module()
        place.mean = nn.Parameter(torch.zeros(spec.dim))
        place.steps = nn.Buffer(torch.zeros((), dtype=torch.long))
        return {"place": place}

    def objectives(self, x, y=None):
        Mean.calls += 1
        Mean.at.get(Mean.calls, lambda: None)()
        place = self.networks_["place"]
        place.steps += 1
        yield (
            self.networks_,
            (x + torch.randn_like(x) - place.mean).square().sum(1).mean()
            * self.curvature
            / 2
            * self.event(),
        )

    def event(self):
        """What the loss is multiplied by."""
        return 1.0

    @property
    def steps_taken(self):
        return int(self.networks_["place"].steps)


@dataclass(kw_only=True, eq=False, repr=False)
class Unlucky(Mean):
    """Divides by zero where a draw is unlucky: with this seed at one step of the first walk, and
    none of the second."""

    seed: int = param(9, "names all randomness", low=0)

    def event(self):
        return 0.0 / (torch.rand(()) * 1000).long().clamp(max=1) + 1


class Broken(Mean):
    """Never gets beyond a step."""

    def event(self):
        return float("nan") if self.steps_taken >= 270 else 1.0


class Complaining(Mean):
    """Finds itself wrong from a step on, at its averaged weights."""

    def diagnose(self):
        return "the mean is mean" if self.steps_taken >= 300 else None


class Ear(NullCallback):
    """Remembers what went wrong, and the rates."""

    heard = True

    def __init__(self):
        self.lines, self.rates = [], []

    def warn(self, line):
        self.lines.append(line)

    def report(self, progress):
        self.rates.append((progress.step, progress.lr))


@pytest.fixture(autouse=True)
def _afresh():
    Mean.calls, Mean.at = 0, {}


def fit(kind, out=None, ear=None, save_every=SAVE, **param):
    return kind(steps=STEPS, **param).fit(
        TABLE, out=out, options=RunOptions(save_every=save_every, callback=ear or Ear())
    )


def manifest(run):
    return json.loads((run / "manifest.json").read_text())


def steps_of(run):
    return [line["step"] for line in read_lines(run)]


def test_what_diverges_at_the_rate_and_not_at_half_of_it_recovers(tmp_path):
    """Gradient descent with rate times curvature 2.4 goes 1.4 times too far at each step; with 1.2
    it comes close."""
    ear = Ear()
    model = fit(Mean, tmp_path / "run", ear, lr=0.1, curvature=24.0)
    (line,) = ear.lines
    (note,) = manifest(tmp_path / "run")["rollbacks"]
    assert re.fullmatch(
        rf"step {note['step']}: the loss is no longer finite; back to step {note['to']}, and on at"
        r" half the rate, lr 0.05",
        line,
    )
    assert note == {
        "step": note["step"],
        "to": note["step"] // SAVE * SAVE,
        "why": "the loss is no longer finite",
        "rate": 0.05,
    }
    assert model.networks_["place"].mean.abs().max() < 5
    assert model.steps_taken == STEPS
    assert note["to"] > 0
    assert (ear.rates[0], ear.rates[-1]) == ((3, 0.1), (STEPS, 0.05))
    assert steps_of(tmp_path / "run") == list(range(3, STEPS + 1, 3))


def test_without_a_listener_it_is_a_python_warning():
    with pytest.warns(RuntimeWarning, match=r"back to step \d+, and on at half the rate"):
        fit(Mean, ear=NullCallback(), curvature=30.0)


def test_the_same_unlucky_draw_is_not_made_again():
    ear = Ear()
    model = fit(Unlucky, ear=ear)
    assert len(ear.lines) == 1
    assert "no longer finite" in ear.lines[0]
    assert model.steps_taken == STEPS
    assert model.networks_["place"].mean.isfinite().all()


def test_what_diverges_again_is_an_error_and_leaves_a_whole_checkpoint(tmp_path):
    with pytest.raises(
        UserError,
        match=r"no longer finite at step 270; fit at a lower rate, such as lr=0.025, with --fresh",
    ) as error:
        fit(Broken, tmp_path / "run")
    assert "\n" not in str(error.value)
    last = checkpoints(tmp_path / "run/state")[-1]
    assert last.name == "00000200"
    for part in last.iterdir():
        tensors, about = read_tensors(part)
        assert all(tensor.isfinite().all() for tensor in tensors.values())
        assert about["rollbacks"] == "1"
    assert manifest(tmp_path / "run")["rollbacks"][0]["to"] == 200
    calls = Mean.calls
    with pytest.raises(UserError, match="no longer finite at step 270"):
        fit(Broken, tmp_path / "run")
    assert Mean.calls == calls + 70, "the way back was taken before"


def test_a_models_own_trouble_is_gone_back_from_once_and_then_told(tmp_path):
    ear = Ear()
    model = fit(Complaining, tmp_path / "run", ear)
    back, again = ear.lines
    assert back == "step 300: the mean is mean; back to step 200, and on at half the rate, lr 0.05"
    assert (
        again
        == "step 300: the mean is mean; going back at half the rate did not help, and training goes"
        " on as it is"
    )
    assert model.steps_taken == STEPS
    assert manifest(tmp_path / "run")["rollbacks"] == [
        {"step": 300, "to": 200, "why": "the mean is mean", "rate": 0.05}
    ]


def test_trouble_before_the_first_save_goes_back_to_the_start(tmp_path):
    ear = Ear()
    fit(Complaining, tmp_path / "run", ear, save_every=400)
    assert ear.lines[0].startswith("step 400: the mean is mean; back to step 0,")


def test_a_run_without_trouble_says_nothing(tmp_path):
    ear = Ear()
    fit(Mean, tmp_path / "run", ear)
    assert ear.lines == []
    assert "rollbacks" not in manifest(tmp_path / "run")


def stop():
    os.kill(os.getpid(), signal.SIGTERM)


def die():
    raise MemoryError


@pytest.mark.parametrize("kind", [Unlucky, Complaining])
def test_a_run_interrupted_anywhere_goes_back_as_one_that_was_not(kind, tmp_path):
    fit(kind, tmp_path / "straight")
    straight, walk = manifest(tmp_path / "straight")["rollbacks"], Mean.calls
    trouble, to = (straight[0][key] for key in ("step", "to"))
    assert trouble > to > 0
    assert walk == STEPS + trouble - to
    for first in (1, to, trouble - 1, trouble, trouble + 1, walk - 30):
        run = tmp_path / f"{first}"
        Mean.calls, Mean.at = 0, {first: stop, first + 7: die}
        for interruption in (Interrupted, MemoryError):
            with pytest.raises(interruption):
                fit(kind, run)
        fit(kind, run)
        assert (run / "weights.safetensors").read_bytes() == (
            tmp_path / "straight/weights.safetensors"
        ).read_bytes(), first
        (rollback,) = manifest(run)["rollbacks"]
        assert rollback["to"] == to
        assert steps_of(run) == sorted(set(steps_of(run)))


def test_the_last_good_checkpoint_outlives_those_of_interruptions(tmp_path):
    for calls in (120, 5, 5):
        Mean.calls, Mean.at = 0, {calls: stop}
        with pytest.raises(Interrupted):
            fit(Mean, tmp_path / "run")
    assert [place.name for place in checkpoints(tmp_path / "run/state")] == [
        "00000100",
        "00000125-stopped",
        "00000130-stopped",
    ]


def test_checkpoints_that_know_no_rollbacks_are_of_none(tmp_path):
    Mean.calls, Mean.at = 0, {220: die}
    with pytest.raises(MemoryError):
        fit(Complaining, tmp_path / "run")
    for place in checkpoints(tmp_path / "run/state"):
        for part in place.iterdir():
            write_tensors(part, read_tensors(part)[0])
    fit(Complaining, tmp_path / "run")
    fit(Complaining, tmp_path / "straight")
    assert (tmp_path / "run/weights.safetensors").read_bytes() == (
        tmp_path / "straight/weights.safetensors"
    ).read_bytes()
