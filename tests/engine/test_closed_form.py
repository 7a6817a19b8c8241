"""A model that learns in one go has a run like any other: whole, equal to itself, taken as it
stands."""

import json
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from helpers import able, gaussian_table, genlearn, small
from torch import nn

import genlearn as gl
from genlearn.core.estimator_types import ClosedForm
from genlearn.core.params import param, params_of
from genlearn.core.registry import MODELS, Registry, find
from genlearn.engine.runs.run_options import RunOptions
from genlearn.models.base import Estimator

ESTIMATED = able(ClosedForm)


@dataclass(kw_only=True, eq=False, repr=False)
class Mean(ClosedForm, Estimator):
    """Counts how often it is estimated."""

    shift: float = param(0.0, "added")

    def build(self, spec):
        mean = nn.Module()
        mean.register_buffer("value", torch.zeros(spec.dim))
        return {"mean": mean}

    def estimate(self, data):
        Mean.times = getattr(Mean, "times", 0) + 1
        noise = torch.rand(())  # of a generator that is seeded by the model's seed
        self.networks_["mean"].value.copy_(
            data.batch(np.arange(len(data)))[0].mean(0) + self.shift + noise
        )


@pytest.fixture
def mean(monkeypatch):
    point = SimpleNamespace(name="mean", load=lambda: Mean)
    monkeypatch.setattr(
        Registry, "_foreign", lambda self: {"mean": point} if self is MODELS else {}
    )
    Mean.times = 0


def value(model):
    return model.networks_["mean"].value


def test_an_equal_run_that_stands_is_taken_and_not_estimated_again(mean, tmp_path):
    table = gaussian_table(40, 3)
    first = Mean().fit(table, out=tmp_path / "run")
    again = Mean().fit(table, out=tmp_path / "run")
    assert Mean.times == 1
    assert torch.equal(value(first), value(again))
    assert torch.equal(value(first), value(gl.load(tmp_path / "run")))
    with pytest.raises(ValueError, match="another run: shift 0"):
        Mean(shift=1.0).fit(table, out=tmp_path / "run")
    Mean(shift=1.0).fit(table, out=tmp_path / "run", options=RunOptions(fresh=True))
    assert Mean.times == 2


@pytest.mark.parametrize(
    "harm", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:60])]
)
def test_a_run_that_is_not_whole_is_estimated_again(mean, tmp_path, harm):
    table = gaussian_table(40, 3)
    first = Mean().fit(table, out=tmp_path / "run")
    harm(tmp_path / "run/weights.safetensors")
    assert torch.equal(value(Mean().fit(table, out=tmp_path / "run")), value(first))
    assert Mean.times == 2
    gl.load(tmp_path / "run")


def test_torchs_randomness_is_the_seeds(mean):
    table = gaussian_table(40, 3)
    assert torch.equal(value(Mean().fit(table)), value(Mean().fit(table)))
    assert not torch.equal(value(Mean().fit(table)), value(Mean(seed=1).fit(table)))


@pytest.mark.parametrize("name", ESTIMATED)
def test_a_run_describes_itself(name, tmp_path):
    model = small(name).fit(gaussian_table(100), out=tmp_path / "run")
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    assert (manifest["model"], manifest["steps"], manifest["data"]["count"]) == (name, 1, 100)
    assert [path.name for path in (tmp_path / "run/samples").iterdir()] == ["00000001.csv"]
    (line,) = map(json.loads, (tmp_path / "run/metrics.jsonl").read_text().splitlines())
    assert (line["step"], line["steps"], line["losses"]) == (1, 1, {})
    assert line["seconds"] > 0
    np.testing.assert_array_equal(gl.load(tmp_path / "run").sample(3), model.sample(3))


@pytest.mark.parametrize("name", ESTIMATED)
def test_hyper_parameters_of_training_are_not_its_own(name):
    table = params_of(find(name))
    assert list(table)[:2] == ["seed", "device"]
    assert not {"size", "steps", "budget", "lr", "ema", "precision"} & set(table)


def test_the_command_says_what_stands_and_has_no_flags_of_training(tmp_path):
    assert "estimated from 1,797 examples" in genlearn("fit", "ppca", "digits", cwd=tmp_path).stderr
    assert "is complete" in genlearn("fit", "ppca", "digits", cwd=tmp_path).stderr
    told = genlearn("fit", "ppca", "digits", "--steps", 5, cwd=tmp_path, check=False)
    assert (told.returncode, told.stderr.count("\n")) == (2, 1)
