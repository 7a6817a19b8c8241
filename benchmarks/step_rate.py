"""The share of the machine's own rate that a training step reaches: operations of convolutions and
matrix products forward and backward in a step of `flow`, over the time of the whole step, beside
what a single large matrix product and a single large convolution (forward and backward) reach on
the same machine, thread count and precision.

    OMP_NUM_THREADS=1 python benchmarks/step_rate.py [mnist] [size=small ...]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from common import machine, report
from torch.utils.flop_counter import FlopCounterMode

import genlearn as gl
from genlearn.core.params import params_of, parse_param
from genlearn.core.registry import find
from genlearn.data import open_data
from genlearn.engine.duration.plan import Plan
from genlearn.engine.hardware.device import autocast, fabric_for
from genlearn.engine.trainer import Trainer


def rate(work: Callable[[], Any], operations: float, seconds: float = 3.0) -> float:
    """10^9 operations in a second of processor time and thread."""
    work()
    start, count = time.process_time(), 0
    while time.process_time() - start < seconds * torch.get_num_threads():
        work()
        count += 1
    return count * operations / (time.process_time() - start) * torch.get_num_threads() / 1e9


def product(n: int = 2048) -> float:
    a, b = (torch.randn(n, n, dtype=torch.bfloat16) for _ in range(2))
    return rate(lambda: a @ b, 2 * n**3)


def convolution(channels: int, side: int, batch: int = 128) -> float:
    x = (
        torch.randn(batch, channels, side, side, dtype=torch.bfloat16)
        .to(memory_format=torch.channels_last)
        .requires_grad_()
    )
    w = (
        torch.randn(channels, channels, 3, 3, dtype=torch.bfloat16)
        .to(memory_format=torch.channels_last)
        .requires_grad_()
    )
    g = torch.ones_like(x, requires_grad=False)
    return rate(
        lambda: torch.autograd.grad(F.conv2d(x, w, padding=1), (x, w), g),
        3 * 2 * 9 * channels**2 * side**2 * batch,
    )


def step(source: str, hyper: dict[str, Any]) -> dict[str, Any]:
    data = open_data(source, split="train")
    model = gl.create("flow", **({"condition": "none"} | hyper))
    model.spec_, model.n_samples_ = data.spec, len(data)
    model.resolve_hyperparameters(data.spec)
    loop = Trainer(model, data, fabric_for(model, data.spec), Plan.of(1000))
    loop.build()
    x, y = data.batch(torch.arange(model.batch_size_).numpy())
    with (
        FlopCounterMode(display=False) as counter,
        autocast(model.precision, model.device_, data.spec),
    ):
        model.loss(x, y).backward()
    done = [3]

    def advance() -> None:
        loop.advance(done[0])
        done[0] += 3

    operations = 3 * counter.get_total_flops()
    speed = rate(advance, operations, 10.0)
    return {
        "what": f"a training step of flow on {source}",
        "GFLOP/s": speed,
        "GFLOP a step": operations / 3e9,
        "images/s": speed / operations * 3e9 * model.batch_size_,
    }


def main() -> None:
    source = sys.argv[1] if len(sys.argv) > 1 else "mnist"
    known = params_of(find("flow"))
    hyper = {
        key: parse_param(known[key], value)
        for key, value in (setting.split("=") for setting in sys.argv[2:])
    }
    ours = step(source, hyper)
    blank = {"GFLOP a step": "", "images/s": ""}
    rows = [ours, {"what": "matrix product, 2048", "GFLOP/s": product()} | blank]
    rows += [
        {"what": f"convolution, {c} channels of {s}x{s}", "GFLOP/s": convolution(c, s)} | blank
        for c, s in ((32, 14), (64, 14), (128, 14))
    ]
    print(machine())
    report("step_rate", [row | {"step's share": ours["GFLOP/s"] / row["GFLOP/s"]} for row in rows])


if __name__ == "__main__":
    main()
