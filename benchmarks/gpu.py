"""One GPU in six minutes: how much of it a training step uses, and what four minutes on it are
worth.

*Rates.* Images a second, and operations of convolutions and matrix products, forward and backward,
as a share of the device's bf16 peak, for steps of flow, edm and r3gan on images of CIFAR-10's
shape, at three sizes; then those of flow with one lever changed: the precision, where the data lie,
compiled networks. A lever that does not pay is to be taken out.

*Quality.* Four minutes of flow on CIFAR-10, judged by the classifier of `frozen.py`, whose weights
are those in ``out/`` where they are there: a distance of another classifier is another number.

    python benchmarks/gpu.py                                # on a GPU: about six minutes
    python benchmarks/gpu.py --device cpu --seconds 90 --peak .19 --batch 32    # the script itself
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from common import machine, report, table
from frozen import Frozen
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

import genlearn as gl
from genlearn.data import Dataset, open_data
from genlearn.engine.duration.plan import Plan
from genlearn.engine.hardware.device import autocast, fabric_for, wait_for
from genlearn.engine.trainer import Trainer

PEAK = 989.0  # 10^12 operations a second: an H100 or H200 (SXM), dense bf16
IMAGES = 20_000  # of the shape of CIFAR-10's
SIZES = ("small", "base", "large")
BATCH = 512  # examples in a step: a GPU asks for more than a CPU
TRAINED = 2 / 3  # share of the time that training on CIFAR-10 has
STEPS = 10**6  # of a training that is cut off
MEASURED = 3.0  # seconds, for each rate


@dataclass(frozen=True)
class Case:
    """A model with some hyper-parameters, and whether its data stay on the host."""

    model: str
    size: str
    lever: str = "all as usual"
    on_host: bool = False
    precision: str = "auto"
    compile: str = "no"


def cases() -> Iterator[Case]:
    """The most telling first: time may not be enough for all."""
    for size in reversed(SIZES):
        for name in ("flow", "edm", "r3gan"):
            yield Case(name, size)
    for size in ("base", "small"):
        yield Case("flow", size, "data on the host", on_host=True)
        yield Case("flow", size, "fp32", precision="fp32")
        yield Case("flow", size, "compiled", compile="yes")


def rate(case: Case, data: Dataset, device: str, batch: int, peak: float) -> dict[str, Any]:
    """Of steps that follow one another without a look at the device."""
    options = {"condition": "none"} if case.model != "r3gan" else {}
    model = gl.create(
        case.model,
        size=case.size,
        batch_size=batch,
        device=device,
        precision=case.precision,
        compile=case.compile,
        **options,
    )
    model.spec_, model.n_samples_ = data.spec, len(data)
    model.resolve_hyperparameters(data.spec)
    loop = Trainer(model, data, fabric_for(model, data.spec), Plan.of(STEPS))
    started = time.perf_counter()
    loop.build()
    if case.on_host:
        loop.batches.resident = None
    operations = operations_of(model, loop)
    loop.advance(3)  # with what comes once
    warm = time.perf_counter() - started
    step, start = loop.state.step, time.perf_counter()
    loop.advance(STEPS, lambda: time.perf_counter() - start > MEASURED)
    each = (time.perf_counter() - start) / (loop.state.step - step)
    return {
        "model": case.model,
        "size": case.size,
        "lever": case.lever,
        "parameters": sum(p.numel() for p in model.networks_.parameters()),
        "images/s": batch / each,
        "TFLOP/s": operations / each / 1e12,
        "share of peak": operations / each / 1e12 / peak,
        "until the third step, s": warm,
    }


class Operations(TorchDispatchMode):
    """Counts those of convolutions and matrix products, in gradients of gradients too."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        answer = func(*args, **(kwargs or {}))
        if func.overloadpacket in flop_registry:
            count = flop_registry[func.overloadpacket](*args, **(kwargs or {}), out_val=answer)
            self.total += int(count)
        return answer


def operations_of(model: Any, loop: Trainer) -> int:
    """In a step, gradients included."""
    x, y = loop.batches(0, loop.batch_size)
    model.on_step_start(0.0)
    with autocast(model.precision, model.device_, loop.data.spec), Operations() as counted:
        for net, loss in model.objectives(x, y):
            weights = [p for p in net.parameters() if p.requires_grad]
            torch.autograd.grad(loss, weights, allow_unused=True)
    return counted.total


def trained(device: str, seconds: float, batch: int) -> dict[str, Any]:
    """Flow on CIFAR-10 for so long, judged."""
    data, frozen = open_data("cifar10", split="train"), Frozen("cifar10")
    model = gl.create(
        "flow", size="base", budget=f"{seconds:.0f}s", batch_size=batch, device=device
    ).fit(data, progress=False)
    wait_for(torch.device(device))
    start = time.perf_counter()
    images = model.sample(5000, seed=1)
    speed = len(images) / (time.perf_counter() - start)
    return {
        "seconds": seconds,
        "steps": model.n_steps_,
        "samples/s": speed,
        "n": len(images),
        "distance": frozen.distance(images),
        "floor": frozen.floor(len(images)),
        **frozen.coverage(images),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=360.0)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--peak", type=float, default=PEAK, help="10^12 operations a second")
    asked = parser.parse_args()
    started, rates_end = time.perf_counter(), (1 - TRAINED) * asked.seconds
    device = torch.cuda.get_device_name() if asked.device == "cuda" else asked.device
    print(machine() | {"device": device})
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, 32, 32, 3), dtype=np.uint8)
    data, rows, left = open_data(images), [], list(cases())
    while left and time.perf_counter() - started < rates_end:
        rows.append(rate(left.pop(0), data, asked.device, asked.batch, asked.peak))
        print(table([rows[-1]]).splitlines()[-1], flush=True)
    quality = trained(asked.device, TRAINED * asked.seconds, asked.batch)
    print(table([quality]))
    for case in left:
        print(f"no time was left for {case}")
    report("gpu", rows, quality=quality, device=device)


if __name__ == "__main__":
    main()
