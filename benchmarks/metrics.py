"""How long the metrics take, with their intervals: 10,000 real examples against 10,000 samples.

`figures()` gives the value and its interval from 20 half-samples; `floor()` is what real data
scores against real, taken once for each data set. The second table is the whole of it on MNIST:
10,000 images judged in two feature spaces and by their spectra, features taken from pixels
included.

    python benchmarks/metrics.py [examples]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from common import machine, report

from genlearn.data.split import hold_out
from genlearn.evaluate.features import choose
from genlearn.evaluate.metrics import metrics_for
from genlearn.evaluate.probes.memorization import memorization_report
from genlearn.evaluate.reference_set import ReferenceSet
from genlearn.evaluate.uncertainty import figures, floor

DIMENSIONS = (64, 128)


def seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(n: int, d: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    real = rng.normal(size=(n, d))
    pool = rng.normal(size=(2 * n, d))
    fake = rng.normal(size=(n, d)) + 0.05
    rows = []
    for metric in metrics_for("features"):
        times = {
            "value s": seconds(lambda m=metric: m.function(real[: m.largest], fake[: m.largest])),
            "figures s": seconds(lambda m=metric: figures(m, real, fake, 0)),
            "floor s": seconds(lambda m=metric: floor(m, pool, real, n, 0)),
        }
        rows.append(
            {
                "metric": ", ".join(m.key for m in metric.metrics),
                "d": d,
                "n": min(n, metric.largest),
                **times,
            }
        )
    return [
        *rows,
        {"metric": "all", "d": d, "n": n, **{key: sum(row[key] for row in rows) for key in times}},
    ]


def whole(n: int) -> list[dict[str, Any]]:
    """MNIST's training images as samples: what a model's samples take, once the reference set has
    its real features."""
    split = hold_out("mnist")
    reference_set = ReferenceSet(split, tuple(choose(split.train, 0, 60.0, print)), 0)
    samples = split.train.user(slice(0, n))
    reference_set.evaluate(samples[:100])
    rows = [
        {"what": f"features, {e.name}", "n": n, "s": seconds(lambda e=e: e(samples))}
        for e in reference_set.extractors
    ]
    places = seconds(
        lambda: memorization_report(
            reference_set.places.project(samples),
            reference_set.places.train,
            reference_set.places.project(split.held_out.values),
            0,
        )
    )
    return [
        *rows,
        {
            "what": "judged, all in all",
            "n": n,
            "s": seconds(lambda: reference_set.evaluate(samples)),
        },
        {"what": "audit for copies", "n": n, "s": places},
    ]


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(machine())
    report("metrics", [row for d in DIMENSIONS for row in measure(n, d)])
    report("judging", whole(n))


if __name__ == "__main__":
    main()
