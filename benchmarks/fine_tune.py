"""What fine-tuning is worth: a diffusion model of a few examples that begins as one of many
examples of a neighbouring set, against the same model that begins as ever, by the number of steps.

The source learns the digits 0 to 4 of MNIST, 20,000 of them; then 200 of the digits 5 to 9 are to
be learned. Both are judged by examples of these that neither has seen: by the Frechet distance of
1,000 samples, in the features of one classifier that neither knows (`frozen.py`), and by the
model's own objective, whose units are those of its normaliser and so differ by a few per cent.
Seconds are processor time of one thread, of the steps after the source.

    OMP_NUM_THREADS=1 python benchmarks/fine_tune.py [flow] [--source 600] [--steps 50,200]
"""

from __future__ import annotations

import sys
import tempfile
import time
from typing import Any

import numpy as np
from anchored import judged
from common import report
from frozen import Frozen

import genlearn as gl
from genlearn.data import Dataset, open_data
from genlearn.engine.runs.run_options import RunOptions
from genlearn.evaluate.metrics.frechet import frechet

MANY, FEW, SAMPLES = 20_000, 200, 1000


def digits(data: Dataset, low: int, high: int, count: int) -> Dataset:
    """The first ``count`` images of the digits ``low`` to ``high``."""
    assert data.labels is not None
    return data.take(np.flatnonzero((data.labels >= low) & (data.labels <= high))[:count])


def row(model: Any, start: str, steps: int, seconds: float, test: Dataset, judge: Frozen) -> Any:
    """What a model is worth on examples that it has not seen."""
    samples = judge.features(model.sample(SAMPLES, seed=1))
    distance = frechet(judge.features(test.user(slice(0, None))), samples)
    return {
        "start": start,
        "steps": steps,
        "held-out loss": judged(model, test),
        "distance": float(distance),
        "core seconds": seconds,
    }


def option(words: list[str], name: str, default: str) -> str:
    """The word after ``name``, which is taken out."""
    if name not in words:
        return default
    at = words.index(name)
    value = words[at + 1]
    del words[at : at + 2]
    return value


def main() -> None:
    """Print and keep a row for each start and number of steps."""
    words = sys.argv[1:]
    learned = int(option(words, "--source", "600"))
    steps = [int(n) for n in option(words, "--steps", "50,200").split(",")]
    name, judge = (words or ["flow"])[0], Frozen("mnist")
    train, test = open_data("mnist", split="train"), open_data("mnist", split="test")
    few, held_out = digits(train, 5, 9, FEW), digits(test, 5, 9, 2000)
    how = {"condition": "none", "size": "tiny"}
    rows = []
    with tempfile.TemporaryDirectory() as place:
        source = gl.create(name, steps=learned, **how)
        source.fit(digits(train, 0, 4, MANY), out=f"{place}/source")
        rows.append(row(source, f"{name} of 0 to 4, as it is", 0, 0.0, held_out, judge))
        for n in steps:
            for start in (None, f"{place}/source"):
                model, begin = gl.create(name, steps=n, **how), time.process_time()
                model.fit(few, options=RunOptions(start_from=start))
                said = "fine-tuned" if start else "from the mixture of its data"
                seconds = time.process_time() - begin
                rows.append(row(model, said, n, seconds, held_out, judge))
    floor = frechet(
        judge.features(held_out.user(slice(0, None))),
        judge.features(digits(train, 5, 9, SAMPLES).user(slice(0, None))),
    )
    report("fine_tune", rows, floor=float(floor))
    print(f"floor, {SAMPLES} training images: {float(floor):.3g}")


if __name__ == "__main__":
    main()
