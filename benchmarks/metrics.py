"""How long the metrics of feature vectors take, with their intervals: 10,000 real examples against 10,000 samples.

`figures()` gives the value and its interval from 20 half-samples; `floor()` is what real data scores against real, taken once for each data set.

    python benchmarks/metrics.py [examples]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from common import machine, report

from genlearn.evaluate.intervals import figures, floor
from genlearn.evaluate.metrics import FEATURE_METRICS

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


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(machine())
    report("metrics", [row for d in DIMENSIONS for row in measure(n, d)])


if __name__ == "__main__":
    main()
