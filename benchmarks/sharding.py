"""What it costs to share weights out among processes, and to compute activations again, and what
is kept for the gradient: training steps of `flow` beside the usual ones, alternating in one
process, the best of several rounds.

    OMP_NUM_THREADS=1 python benchmarks/sharding.py [base large ...]
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import torch
from common import machine, report

import genlearn as gl
from genlearn.data import open_data
from genlearn.engine.duration.plan import Plan
from genlearn.engine.hardware.device import fabric_for
from genlearn.engine.trainer import Trainer

ENDLESS, ROUNDS, BATCH = 10**6, 6, 32
WAYS: dict[str, dict[str, Any]] = {
    "usual": {"fsdp": "no"},
    "shared out, one process": {"fsdp": "yes", "activation_checkpointing": "no"},
    "computed again": {"activation_checkpointing": "yes"},
}


def loop(size: Any, how: dict[str, Any]) -> Trainer:
    images = np.random.default_rng(0).integers(0, 255, (512, 32, 32, 3), dtype=np.uint8)
    data: Any = open_data(images)
    model = gl.Flow(size=size, steps=ENDLESS, device="cpu", batch_size=BATCH, anchor="none", **how)
    model.spec_ = data.spec
    model.resolve_hyperparameters(data.spec)
    found = Trainer(model, data, fabric_for(model, data.spec), Plan.of(ENDLESS))
    found.build()
    return found


def step_of(training: Trainer) -> float:
    start = time.perf_counter()
    training.advance(training.state.step + 2)
    return (time.perf_counter() - start) / 2


def kept(training: Trainer) -> int:
    """Numbers that the gradient of a step finds."""
    total = 0

    def count(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal total
        total += tensor.numel()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        training.advance(training.state.step + 1)
    return total


def main(sizes: list[str]) -> None:
    rows = []
    for size in sizes:
        trainings = {name: loop(size, how) for name, how in WAYS.items()}
        best = dict.fromkeys(WAYS, float("inf"))
        numbers = {name: kept(training) for name, training in trainings.items()}
        for _ in range(ROUNDS):
            for name, training in trainings.items():
                best[name] = min(best[name], step_of(training))
        weights = sum(p.numel() for p in trainings["usual"].parameters["loss"])
        rows += [
            {
                "size": size,
                "way": name,
                "weights, millions": weights / 1e6,
                "ms a step": 1e3 * best[name],
                "times": best[name] / best["usual"],
                "kept for the gradient, MB": 4e-6 * numbers[name],
            }
            for name in WAYS
        ]
        print(rows[-len(WAYS) :], flush=True)
    print(machine())
    report("sharding", rows)


if __name__ == "__main__":
    main(sys.argv[1:] or ["base", "large"])
