"""Neural spline flows against zuko's, in the same minutes.

Both are given the same rows, the same number of transforms, hidden units and layers, bins and
examples in a step, and the same time of one thread, one after the other in one process. zuko brings
no training; it gets Adam at the rate below, falling by half a cosine over its time, and gradients
cut at norm 1, as ours has. Held-out log p is in nats a row, over standardised columns.

`diamonds`: its seven columns of numbers, which lie on grids that a density would profit from; each
gets uniform noise as wide as its steps. `clouds`: six Gaussians in six dimensions, whose entropy is
known.

    GENLEARN_DATA=... OMP_NUM_THREADS=1 python benchmarks/flows.py [seconds [settings of ours]]
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from common import report
from numpy.typing import NDArray
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

import genlearn as gl
from genlearn.core.model_spec import parse_model_spec

Rows = NDArray[np.float64]
TRANSFORMS, HIDDEN, BLOCKS, BINS, BATCH, RATE = 5, 64, 1, 8, 256, 1e-3
HELD_OUT = 8000


def diamonds() -> tuple[Rows, Rows, float | None]:
    frame = pd.read_csv(Path(os.environ["GENLEARN_DATA"]) / "tables/diamonds.csv")
    values = frame.select_dtypes("number").to_numpy(np.float64)
    rng = np.random.default_rng(0)
    steps = [np.diff(np.unique(column.round(6))).min() for column in values.T]
    values = values + rng.uniform(-0.5, 0.5, values.shape) * steps
    values = rng.permutation(values)
    train, test = values[HELD_OUT:], values[:HELD_OUT]
    mean, scale = train.mean(0), train.std(0)
    return (train - mean) / scale, (test - mean) / scale, None


def clouds() -> tuple[Rows, Rows, float | None]:
    torch.manual_seed(0)
    roots = torch.randn(6, 6, 6, dtype=torch.float64) / 2
    parts = MultivariateNormal(
        2 * torch.randn(6, 6, dtype=torch.float64), roots @ roots.mT + 0.05 * torch.eye(6)
    )
    mixture = MixtureSameFamily(Categorical(torch.ones(6, dtype=torch.float64)), parts)
    rows = mixture.sample((50_000,))
    mean, scale = rows.mean(0), rows.std(0)
    truth = float(mixture.log_prob(rows[:HELD_OUT]).mean() + scale.log().sum())
    values = ((rows - mean) / scale).numpy()
    return values[HELD_OUT:], values[:HELD_OUT], truth


def ours(kind: str, train: Rows, seconds: float, more: dict[str, Any]) -> Any:
    """Scores of rows, steps, seconds."""
    settings = {"transforms": TRANSFORMS, "hidden": HIDDEN, "blocks": BLOCKS, "bins": BINS}
    start = time.perf_counter()
    model = gl.create(
        "nsf", kind=kind, batch_size=BATCH, budget=f"{seconds:g}s", **(settings | more)
    ).fit(train)
    return model.score_samples, model.n_steps_, time.perf_counter() - start


def zuko(kind: str, train: Rows, seconds: float, more: dict[str, Any]) -> Any:
    """Scores of rows, steps, seconds."""
    from zuko.flows import NSF

    torch.manual_seed(0)
    x, start = torch.from_numpy(train).float(), time.perf_counter()
    passes = {"passes": 2} if kind == "coupling" else {}
    width = [HIDDEN] * (1 + 2 * BLOCKS)
    flow = NSF(
        x.shape[1], transforms=TRANSFORMS, hidden_features=width, bins=BINS, randperm=True, **passes
    )
    adam = torch.optim.Adam(flow.parameters(), lr=RATE, fused=True)
    steps = 0
    for rows in batches(len(x)):
        share = (time.perf_counter() - start) / seconds
        if share >= 1:
            break
        for group in adam.param_groups:
            group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * share))
        loss = -flow().log_prob(x[rows]).mean()
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(flow.parameters(), 1.0)
        adam.step()
        steps += 1

    @torch.no_grad()
    def scores(values: Rows) -> Rows:
        return flow().log_prob(torch.from_numpy(values).float()).double().numpy()

    return scores, steps, time.perf_counter() - start


def batches(n: int) -> Iterator[torch.Tensor]:
    while True:
        yield from torch.randperm(n).split(BATCH)[:-1]


def main() -> None:
    torch.set_num_threads(1)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    more = parse_model_spec(" ".join(["nsf", *sys.argv[2:]]), "settings")[1]
    contenders: dict[str, Callable[..., Any]] = {"zuko": zuko, "genlearn": ours}
    rows = []
    for data in (clouds, diamonds):
        train, test, truth = data()
        for kind in ("coupling", "autoregressive"):
            for name, contender in contenders.items():
                scores, steps, taken = contender(kind, train, seconds, more)
                log_p = scores(test)
                rows.append(
                    {
                        "data": data.__name__,
                        "kind": kind,
                        "by": name,
                        "log p": f"{log_p.mean():.3f} +- {log_p.std() / len(log_p) ** 0.5:.3f}",
                        "truth": "" if truth is None else f"{truth:.3f}",
                        "steps/s": steps / taken,
                        "seconds": taken,
                    }
                )
                print(rows[-1], file=sys.stderr, flush=True)
    report("flows", rows)


if __name__ == "__main__":
    main()
