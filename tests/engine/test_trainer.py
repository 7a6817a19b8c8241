"""The loop: data order, schedules, averages, accumulation over several networks."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import torch
from helpers import DATA, able, by_family, gaussian_table, small, training
from torch import nn

from genlearn.core.disk.checked import read_tensors
from genlearn.core.errors import UserError
from genlearn.core.estimator_types import GradientTrained
from genlearn.core.params import param
from genlearn.core.seeding import seeded
from genlearn.data import open_data
from genlearn.engine.duration.plan import Plan
from genlearn.engine.optimizers.ema import EMA
from genlearn.engine.optimizers.optim import SCHEDULES, learning_rate
from genlearn.engine.runs.run_options import RunOptions
from genlearn.models.base import Estimator


@pytest.mark.parametrize("schedule", list(SCHEDULES))
def test_rates_rise_over_the_warm_up_and_never_again(schedule):
    model = small("vae", lr_schedule=schedule, warmup=0.1, lr=1.0)
    rates = [learning_rate(model, Plan.of(1000), step) for step in range(1000)]
    assert rates[0] < 0.02
    assert max(rates) <= 1.0
    assert all(a >= b for a, b in pairwise(rates[100:]))


def test_stages_are_those_of_burda_et_al():
    """Stage i of 8 lasts 3^i epochs at 10^(-i/7); there are 3,280 epochs."""
    ends = np.cumsum(3 ** np.arange(8))
    epochs = np.arange(3280)
    expected = 10 ** (-np.searchsorted(ends, epochs, side="right") / 7)
    np.testing.assert_allclose(
        [SCHEDULES["stages"]((epoch + 0.5) / 3280) for epoch in epochs], expected, rtol=1e-12
    )


def test_the_average_warms_up_and_follows():
    with seeded(0):
        net = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        net.weight.fill_(0.0)
        average = EMA(net, 0.99)
        net.weight.fill_(1.0)
        values = []
        for step in range(2000):
            average.update(step)
            values.append(average.average[0].item())
    assert values[0] == pytest.approx(0.9)
    assert values[-1] == pytest.approx(1.0, abs=1e-3)
    with average.applied():
        assert net.weight.item() == values[-1]
    assert net.weight.item() == 1.0


@pytest.mark.parametrize("name", able(GradientTrained))
def test_what_is_saved_and_used_is_the_average(name, tmp_path):
    model = small(name, ema=0.9, steps=4, held_out=0.0)
    model.fit(gaussian_table(), out=tmp_path / "run", options=RunOptions(save_every=4))
    state = tmp_path / "run/state/00000004"
    files = (
        tmp_path / "run/weights.safetensors",
        state / "average.safetensors",
        state / "networks.safetensors",
    )
    saved, average, last = (read_tensors(path)[0] for path in files)
    assert all(torch.equal(saved[key], average[key]) for key in average)
    assert any(not torch.equal(saved[key], last[key]) for key in average)
    assert all(
        torch.equal(saved[key], value) for key, value in model.networks_.state_dict().items()
    )


@dataclass(kw_only=True, eq=False, repr=False)
class Duel(GradientTrained, Estimator):
    """Two networks that pull one another: the second must see the first after its step."""

    width: int = param(1, "unused", low=1)

    def build(self, spec):
        return {"a": nn.Linear(1, 1, bias=False), "b": nn.Linear(1, 1, bias=False)}

    def objectives(self, x, y=None):
        a, b = self.networks_["a"], self.networks_["b"]
        before = a.weight.detach().clone(), b.weight.detach().clone()
        yield a, (a.weight * b.weight).sum() + x.mean() * 0
        assert not torch.equal(a.weight, before[0])
        assert torch.equal(b.weight, before[1])
        after = a.weight.detach().clone()
        yield b, (a.weight * b.weight).sum()
        assert torch.equal(a.weight, after)
        assert not torch.equal(b.weight, before[1])


def test_each_objective_moves_its_own_network_before_the_next_is_computed():
    Duel(steps=3, batch_size=8).fit(gaussian_table(20))


@dataclass(kw_only=True, eq=False, repr=False)
class Explodes(Duel):
    """A loss that is not a number."""

    def objectives(self, x, y=None):
        yield self.networks_, sum(p.sum() for p in self.networks_.parameters()) * float("nan")


def test_divergence_is_told_with_what_to_do():
    with (
        pytest.warns(RuntimeWarning, match="at half the rate"),
        pytest.raises(
            ValueError, match=r"no longer finite at step 1; fit at a lower rate, such as lr="
        ) as error,
    ):
        Explodes(steps=3, batch_size=8).fit(gaussian_table(20))
    assert "\n" not in str(error.value)


def test_bf16_is_used_where_asked_for_and_answers_in_float32():
    model = small("autoencoder", precision="bf16", steps=1)
    data = open_data(gaussian_table(20))
    loop = training(model, data, Plan.of(1))
    seen = []
    loop.model.networks_["encoder"].net[0].register_forward_hook(
        lambda *args: seen.append(args[-1].dtype)
    )
    loop.model.networks_["encoder"].register_forward_hook(lambda *args: seen.append(args[-1].dtype))
    loop.advance(1)
    assert seen == [torch.bfloat16, torch.float32]
    assert all(p.dtype == torch.float32 for p in model.networks_.parameters())


def test_the_command_starts_a_second_process_and_one_of_them_speaks(tmp_path):
    """In a job of SLURM too, where srun has not started them. What the two compute is the law of
    laws/test_distributed.py."""
    ranks = dict.fromkeys(("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID"), "0")
    job = os.environ | ranks | {"SLURM_NTASKS": "1", "SLURM_JOB_NAME": "wrap"}
    fit = "fit autoencoder digits --size tiny --steps 2 --network mlp --device cpu --devices 2"
    # the second starts it again
    command = [sys.executable, "-m", "genlearn", *fit.split(), "--out", "run"]
    said = subprocess.run(
        command, cwd=tmp_path, env=job, capture_output=True, text=True, check=True
    ).stderr
    assert said.count("2 processes") == said.count("next: genlearn sample") == 1
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    assert (manifest["steps"], manifest["hyper"]["devices"]) == (2, 2)


def test_devices_in_several_tasks_of_srun_are_refused(monkeypatch):
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "2")
    with pytest.raises(UserError, match="each of 2 tasks that srun has started"):
        small("vae", devices=2).fit(gaussian_table(60))


@pytest.mark.parametrize("kind", ["table", "colour"])  # networks of rows, networks of images
@pytest.mark.parametrize("name", by_family(able(GradientTrained), also=["progan", "stylegan"]))
def test_a_loop_restored_from_its_checkpoint_goes_on_as_if_nothing_had_happened(
    name, kind, tmp_path
):
    """In one process, so that every step after the checkpoint can be compared; the layout of
    convolutions in memory included."""
    data = open_data(DATA[kind]())

    def new_loop():
        return training(small(name), data, Plan.of(30))

    straight, restored = new_loop(), new_loop()
    straight.advance(5)
    straight.state.save(tmp_path, keep=1)
    restored.state.load(tmp_path, print)
    for step in range(6, 9):
        straight.advance(step)
        restored.advance(step)
        pairs = zip(
            straight.state.networks.state_dict().values(),
            restored.state.networks.state_dict().values(),
            strict=True,
        )
        assert all(torch.equal(a, b) for a, b in pairs), step
    assert all(
        torch.equal(a, b)
        for a, b in zip(straight.state.average.average, restored.state.average.average, strict=True)
    )
