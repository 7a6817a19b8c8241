"""A generator whose samples have come together is found out, and one that learns is left alone."""

import json
import re

import numpy as np
import pytest
import torch
from helpers import gaussian_table, small
from torch import nn

from genlearn.core.registry import find
from genlearn.engine.callbacks import ForwardWarnings
from genlearn.engine.runs.run_options import RunOptions
from genlearn.nets.gan.mode_collapse import ModeCollapseMonitor


def ring(n=2000):
    """Eight narrow Gaussians on a circle."""
    rng = np.random.default_rng(0)
    angle = rng.integers(0, 8, n) * np.pi / 4
    return np.c_[np.cos(angle), np.sin(angle)] + 0.01 * rng.normal(size=(n, 2))


def test_a_gan_that_collapses_is_found_out(tmp_path):
    lines = []
    paper = {"optimizer": "sgd", "lr": 0.3, "dropout": 0.5}
    gan = small("gan", steps=200, batch_size=64, lr_schedule="constant", **paper)
    gan.fit(
        ring(),
        out=tmp_path / "run",
        options=RunOptions(save_every=20, callback=ForwardWarnings(lines.append)),
    )
    assert re.match(
        r"step \d+: mode collapse: samples are 0.0\d+ times as far apart as data, and were 0.\d+"
        r" times; back to step",
        lines[0],
    )
    assert json.loads((tmp_path / "run/manifest.json").read_text())["rollbacks"][0]["rate"] == 0.15


@pytest.mark.parametrize(
    "data",
    [ring(), gaussian_table(), np.tile([1.0, 2.0], (50, 1))],
    ids=["ring", "table", "constant"],
)
@pytest.mark.parametrize(
    ("name", "steps", "every"), [("r3gan", 300, 20), ("dcgan", 300, 20), ("cogan", 30, 3)]
)
def test_a_gan_that_learns_is_left_alone(name, steps, every, data):
    small(name, steps=steps).fit(data, options=RunOptions(save_every=every))


def test_samples_that_are_all_equal_are_told_at_the_end():
    class Constant(find("gan")):
        def generator(self, spec, code):
            net = super().generator(spec, code)
            for weight in net.parameters():
                nn.init.zeros_(weight)
            return net

    rows = np.random.default_rng(0).normal(size=(80, 3)) * [1, 1e6, 1e-6]
    rows[:60] = rows[0]  # most examples are equal, too
    with pytest.warns(RuntimeWarning, match="all samples are equal"):
        Constant(steps=2, size="tiny", batch_size=8).fit(rows)


def test_collapse_is_a_fall_far_below_the_data():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(64, 5, generator=rng)
    monitor = ModeCollapseMonitor()
    monitor.measure(x)
    assert monitor.diagnose(0.01 * x) is None, "an untrained generator is no collapsed one"
    assert monitor.diagnose(0.9 * x) is None
    assert monitor.diagnose(0.06 * x) is None
    assert monitor.diagnose(torch.full_like(x, float("nan"))) is None
    assert monitor.diagnose(torch.cat([0.02 * x[:50], 5 + x[50:]])) is None, "two modes"
    assert "mode collapse" in monitor.diagnose(0.02 * x)
    monitor.measure(torch.ones(64, 5))
    assert monitor.diagnose(torch.ones(64, 5)) is None
