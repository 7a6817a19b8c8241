"""Costs are counted right, and plans keep within their means."""

import ctypes
import mmap
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from helpers import blobs, small
from torch import nn

from genlearn.core.capabilities import Samples, Scores
from genlearn.core.seeding import seeded
from genlearn.data import open_data
from genlearn.evaluate.probes import profiling as module
from genlearn.evaluate.probes.profiling import (
    METRICS,
    estimate_cost,
    peak_memory,
    plan_sample_sizes,
    profile,
)


@dataclass
class Toy(Samples, Scores):
    """Its clock is advanced by what its work costs."""

    clock: list[float]
    draw: float = 1e-4
    look: float = 1e-2
    log_prob_kind = "exact"

    def sample(self, n=1, *, seed=None, start=0):
        self.clock[0] += n * self.draw
        return np.zeros((n, 3))

    def score_samples(self, X):
        self.clock[0] += len(X) * self.look
        return np.zeros(len(X))


@pytest.fixture
def toy(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(module.time, "perf_counter", lambda: clock[0])
    return Toy(clock)


TABLE = np.random.default_rng(0).normal(size=(5000, 3))


def test_speed_is_examples_over_time(toy):
    found = profile(toy, open_data(TABLE), seconds=12.0)
    assert found["sampling_speed"].value == pytest.approx(1e4)
    assert found["scoring_speed"].value == pytest.approx(100)
    assert found["training_seconds"].value == 12
    assert "encoding_speed" not in found
    assert "parameters" not in found


def plan_of(models, table, seconds):
    data = open_data(table)
    return plan_sample_sizes([estimate_cost(model, data) for model in models], data, seconds)


def test_a_plan_fits_and_says_what_it_takes(toy):
    plan = plan_of([toy], TABLE, 6)
    assert plan.samples == 10_000
    assert plan.scored == pytest.approx(500, abs=2)
    assert plan.encoded == plan.mapped == 0
    assert plan.expected_seconds == pytest.approx(6, rel=0.01)
    assert plan_of([toy], TABLE, 1e4).scored == 1000
    least = plan_of([toy], TABLE, 1e-3)
    assert (least.samples, least.scored) == (200, 20)
    assert least.expected_seconds == pytest.approx(200e-4 + 20e-2)
    assert plan_of([toy], TABLE[:20], 6).scored == 20


def test_slow_models_are_judged_within_their_time_and_share_it_with_the_fast(toy):
    slow = Toy(toy.clock, draw=1 / 50, look=1 / 5)
    alone, together = plan_of([slow], TABLE, 60), plan_of([slow, toy, toy], TABLE, 60)
    assert alone.expected_seconds == pytest.approx(60, rel=0.05)
    assert alone.samples > 2000
    assert together.expected_seconds == pytest.approx(60, rel=0.05)
    assert together.samples > 0.9 * alone.samples


def test_measuring_a_slow_model_takes_few_examples(toy):
    slow = Toy(toy.clock, draw=1.0, look=2.0)
    estimate_cost(slow, open_data(TABLE))
    assert toy.clock[0] == pytest.approx(1.0 + 2.0)
    figures = profile(slow, open_data(TABLE))
    assert figures["sampling_speed"].value == pytest.approx(1.0)
    assert figures["scoring_speed"].value == pytest.approx(0.5)


def test_parameters_and_bytes_of_a_model():
    model, data = small("vae", evaluation_samples=5).fit(blobs()), open_data(blobs())
    before = profile(model, data)
    with seeded(0):
        model.networks_["more"] = nn.Linear(3, 2).to(torch.float64)
    found = profile(model, data)
    assert set(found) <= {metric.key for metric in METRICS}
    assert found["parameters"].value == before["parameters"].value + 8
    assert found["weights"].value == before["weights"].value + 8 * 8
    assert all(
        0 < found[key].low <= found[key].value <= found[key].high
        for key in ("sampling_speed", "encoding_speed", "scoring_speed")
    )
    plan = plan_sample_sizes([estimate_cost(model, data)], data, 1.0)
    assert min(plan.samples, plan.scored, plan.encoded) >= 20
    assert plan.mapped == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's account is Linux's")
def test_peak_memory_counts_what_is_freed_again():
    def work():
        # fresh pages: an array might take what earlier tests have left free
        np.frombuffer(mmap.mmap(-1, 64_000_000), np.uint8).fill(1)

    taken = peak_memory(work)
    if taken is None:
        pytest.skip("this system does not let a process reset its account")
    assert 60e6 < taken < 200e6


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="only glibc gives free pages back when it is asked to",
)
def test_peak_memory_of_work_that_was_done_before():
    def work():
        # 128 MB in blocks that the allocator keeps when they are freed
        return len([torch.ones(1000) for _ in range(32_000)])

    work()
    taken = peak_memory(work)
    if taken is None:
        pytest.skip("this system does not let a process reset its account")
    assert 64e6 < taken < 256e6  # of what earlier work has left, some may be taken up again
