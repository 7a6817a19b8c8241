"""How long the metrics take, with their intervals: 10,000 real examples against 10,000 samples.

`figures()` gives the value and its interval from 20 half-samples; `floor()` is what real data scores against real, taken once for each data set. The
second table is the whole of it on MNIST: 10,000 images judged in two feature spaces and by their spectra, features taken from pixels included.

    python benchmarks/metrics.py [examples]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from common import machine, report

from genlearn.data.holdout import hold_out
from genlearn.evaluate.copies import audit
from genlearn.evaluate.features import choose
from genlearn.evaluate.intervals import figures, floor
from genlearn.evaluate.metrics import FEATURE_METRICS
from genlearn.evaluate.yardstick import Yardstick

DIMENSIONS = (64, 128)


def seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(n: int, d: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    real, pool, fake = rng.normal(size=(n, d)), rng.normal(size=(2 * n, d)), rng.normal(size=(n, d)) + 0.05
    rows = []
    for metric in FEATURE_METRICS:
        times = {
            "value s": seconds(lambda m=metric: m.function(real[: m.largest], fake[: m.largest])),
            "figures s": seconds(lambda m=metric: figures(m, real, fake, 0)),
            "floor s": seconds(lambda m=metric: floor(m, pool, real, n, 0)),
        }
        rows.append({"metric": ", ".join(m.key for m in metric.measures), "d": d, "n": min(n, metric.largest), **times})
    return [*rows, {"metric": "all", "d": d, "n": n, **{key: sum(row[key] for row in rows) for key in times}}]


def whole(n: int) -> list[dict[str, Any]]:
    """MNIST's training images as samples: what a model's samples take, once the yardstick has its real features."""
    split = hold_out("mnist")
    yardstick = Yardstick(split, tuple(choose(split.train, 0, 60.0, print)), 0)
    samples = split.train.user(slice(0, n))
    yardstick.judge(samples[:100])
    rows = [{"what": f"features, {e.name}", "n": n, "s": seconds(lambda e=e: e(samples))} for e in yardstick.extractors]
    places = seconds(lambda: audit(yardstick.places(samples), yardstick.train_places, yardstick.places(split.held_out.values), 0))
    return [
        *rows,
        {"what": "judged, all in all", "n": n, "s": seconds(lambda: yardstick.judge(samples))},
        {"what": "audit for copies", "n": n, "s": places},
    ]


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(machine())
    report("metrics", [row for d in DIMENSIONS for row in measure(n, d)])
    report("judging", whole(n))


if __name__ == "__main__":
    main()
