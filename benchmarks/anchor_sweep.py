"""What the closed form is worth in the same time: flow that begins as a Gaussian mixture against
flow that begins at random, by the time that each trains, on one thread.

    OMP_NUM_THREADS=1 python benchmarks/anchor_sweep.py digits 5s 30s 2m 5m

Both are judged on examples that neither has seen: by the objective, inside, and by the distance
that ranks models in a comparison, of as many samples.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from anchored import HELD_OUT, judged
from common import report

import genlearn as gl
from genlearn.comparison.candidates import Candidate
from genlearn.data import open_data
from genlearn.data.split import Split, divide
from genlearn.evaluate.features import choose
from genlearn.evaluate.reference_set import ReferenceSet

MOST, SAMPLES, FEATURES = 10_000, 2000, 60.0  # examples held out, samples, seconds


def reference_of(split: Split) -> ReferenceSet:
    """What samples are judged by."""
    return ReferenceSet(split, (choose(split.train, 0, FEATURES, print)[0],), 0)


def row_of(model: Any, reference: ReferenceSet) -> dict[str, Any]:
    """What a trained ``model`` is worth."""
    split = reference.split
    n = min(SAMPLES, len(split.held_out))
    distance = reference.distance(model.sample(n, seed=1))
    return {
        "steps": model.n_steps_,
        "objective": judged(model, split.held_out),
        "distance": f"{distance.value:.3g} [{distance.low:.3g}, {distance.high:.3g}]",
    }


def main() -> None:
    """A row for each time and start."""
    source, *budgets = sys.argv[1:]
    name = Path(source).stem
    data = open_data(source)
    reference = reference_of(divide(data, 0, min(HELD_OUT, MOST / len(data))))
    n = min(SAMPLES, len(reference.split.held_out))
    rows: list[dict[str, Any]] = []
    for start in ("mixture", "none"):
        for budget in budgets:
            flow = Candidate("flow", "flow", {"anchor": start, "budget": budget}).create()
            row = row_of(flow.fit(reference.split.train, progress=False), reference)
            rows.append({"data": name, "time": budget, "start": start, **row})
            print(rows[-1], flush=True)
    rows = sorted(rows, key=lambda row: budgets.index(row["time"]))
    mixture = reference.distance(gl.create("gmm").fit(reference.split.train).sample(n, seed=1))
    floor = reference.floor(n)[reference.primary]
    print(f"the mixture alone {mixture.value:.3g}, real data {floor.value:.3g}")
    report(f"anchor-sweep-{name}", rows, mixture=mixture.value, floor=floor.value)


if __name__ == "__main__":
    main()
