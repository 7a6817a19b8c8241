"""Overhead of the engine: a bare PyTorch loop against ``fit`` with all its defaults on.

Both train the same network on the same objective with the same batch size, precision and optimiser
(fused AdamW). The bare loop holds MNIST as uint8 in memory and does nothing but index, scale,
forward, backward, step; ``fit`` also seeds every step, averages the weights, clips the gradients,
moves the learning rate, watches for divergence, reports, and with a run folder saves checkpoints
and draws samples.

The two take turns in one process, ten steps each, so that whatever else the machine does falls on
both: the listener that ``fit`` reports to every ten steps runs the bare loop before it returns. The
figure is the ratio of the medians; saving, which falls on one turn in twenty, is told apart.

    GENLEARN_DATA=... python benchmarks/overhead.py [turns]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import torch
from common import report
from torch import Tensor, nn

import genlearn as gl
from genlearn.engine.callbacks import NullCallback
from genlearn.engine.fit import fit
from genlearn.engine.runs.run_options import RunOptions
from genlearn.prob.observation_models import Logistic
from genlearn.prob.posteriors import posterior

TURN = 10  # steps, the rhythm of the reports of a run of 2,000
WARM = 2  # turns that are not counted


class Enough(Exception):
    """As many turns were measured as were asked for."""


@dataclass
class Turns(NullCallback):
    """Listens to ``fit``; each report ends a turn of its and gives ``other`` one."""

    other: Callable[[], None]
    count: int
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    since: float = 0.0

    def report(self, progress: Any) -> None:
        now = time.perf_counter()
        self.ours.append((now - self.since) / TURN)
        self.other()
        self.since = time.perf_counter()
        self.theirs.append((self.since - now) / TURN)
        if len(self.ours) == self.count + WARM:
            raise Enough


def bare(model: Any, data: Any) -> Iterator[None]:
    """The plain loop; each ``next`` is a step."""
    images = torch.from_numpy(data.user(slice(None)))
    with torch.random.fork_rng():
        nets = nn.ModuleDict(model.build(data.spec)).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        nets.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.0, fused=True
    )
    objective = squared_error if isinstance(model, gl.Autoencoder) else negative_elbo
    while True:
        for rows in torch.randperm(len(images)).split(model.batch_size_)[:-1]:
            x = (images[rows].float() * 2 + 1).div_(256).sub_(1)[:, None]
            optimizer.zero_grad(set_to_none=True)
            objective(nets, x).backward()
            optimizer.step()
            yield


def run(net: nn.Module, x: Tensor) -> Any:
    with torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported()):
        return net(x)


def squared_error(nets: nn.ModuleDict, x: Tensor) -> Tensor:
    return (run(nets["decoder"], run(nets["encoder"], x)).float() - x).square().mean()


def negative_elbo(nets: nn.ModuleDict, x: Tensor) -> Tensor:
    numbers = run(nets["encoder"], x).float()
    q = posterior(numbers, numbers.shape[1] // 2, "diagonal")
    location, log_scale = run(nets["decoder"], q.transform(torch.randn_like(q.mean)))
    log_likelihood = Logistic(location.float(), log_scale, 2 / 256).log_prob(x, 3).mean()
    return -(log_likelihood - q.kl().mean()) / x[0].numel()


def compare(model: Any, data: Any, out: str | None, count: int) -> dict[str, Any]:
    """Milliseconds a step, and the ratio."""
    model.spec_, model.n_samples_ = data.spec, len(data)
    model.resolve_hyperparameters(data.spec)
    steps = bare(model, data)
    turns = Turns(
        lambda: [next(steps) for _ in range(TURN)] and None, count, since=time.perf_counter()
    )
    with suppress(Enough):
        fit(model, data, out, RunOptions(), turns)
    ours, theirs = turns.ours[WARM:], turns.theirs[WARM:]
    low, _, high = quantiles((a / b for a, b in zip(ours, theirs, strict=True)), n=4)
    return {
        "bare ms": median(theirs) * 1e3,
        "fit ms": median(ours) * 1e3,
        "ratio": round(median(ours) / median(theirs), 3),
        "quartiles of pairs": f"{low:.3f} to {high:.3f}",
        "saving once, ms": (max(ours) - median(ours)) * TURN * 1e3 if out else 0.0,
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    data = gl.open_data("mnist")
    cases = {
        "autoencoder, conv": gl.Autoencoder(),
        "vae, conv": gl.VAE(),
        "autoencoder, mlp": gl.Autoencoder(network="mlp"),
    }
    rows = []
    for name, model in cases.items():
        for kept in ("no run folder", "run folder"):
            with tempfile.TemporaryDirectory() as place:
                out = f"{place}/run" if kept == "run folder" else None
                rows.append({"case": f"{name}, {kept}", **compare(model, data, out, count)})
                print(rows[-1], file=sys.stderr, flush=True)
    report("overhead", rows)


if __name__ == "__main__":
    main()
