"""A student beside its teacher: Fréchet distance and speed of the teacher's own steps, and of one,
two and four of the student's.

    python benchmarks/one_step.py TEACHER STUDENT [mnist]

Distances are those of the frozen classifier of `frozen.py`, of 5,000 samples to the test images;
``lost`` is how many of the classes that the classifier sees come less than a tenth as often as they
should. Speeds are of batches of 500, in a second of processor time; ratios are to the teacher at
its model's usual number of steps.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

import numpy as np
import torch
from common import report
from frozen import Frozen
from numpy.typing import NDArray

import genlearn as gl

_SAMPLES = 5000
Array = NDArray[Any]


def main(teacher: str, student: str, name: str = "mnist") -> None:
    """Print and keep one row for each way to sample."""
    frozen, first, second = Frozen(name), gl.load(teacher), gl.load(student)
    usual = type(first)().sampling_steps
    ways = [("teacher", first, (usual, 8)), ("student", second, (1, 2, 4))]
    rows = [
        {"sampler": f"{who}, {k} steps", **_judged(frozen, partial(model.sample, steps=k))}
        for who, model, steps in ways
        for k in steps
    ]
    for row in rows:
        row["faster"] = row["images/s"] / rows[0]["images/s"]
        row["further"] = row["distance"] / rows[0]["distance"]
    steps = {"teacher": first.n_steps_, "student": second.n_steps_}
    report("one_step", rows, data=name, trained=steps, floor=frozen.floor(_SAMPLES))


def _judged(frozen: Frozen, sample: Any) -> dict[str, float]:
    sample(10, seed=0)
    start = time.process_time()
    images = np.concatenate([sample(500, seed=1, start=first) for first in range(0, _SAMPLES, 500)])
    speed = _SAMPLES / (time.process_time() - start)
    return {"distance": frozen.distance(images), "lost": _lost(frozen, images), "images/s": speed}


def _lost(frozen: Frozen, images: Array) -> int:
    with torch.inference_mode():
        classes = (
            frozen.network.head(torch.from_numpy(frozen.features(images)).float()).argmax(1).numpy()
        )
    return int((np.bincount(classes, minlength=10) < len(images) / 100).sum())


if __name__ == "__main__":
    main(*sys.argv[1:])
