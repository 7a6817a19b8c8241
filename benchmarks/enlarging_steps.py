"""How many steps a stage of super-resolution is worth: what small images become in so many, beside
the large ones that they were made of.

    OMP_NUM_THREADS=1 python benchmarks/enlarging_steps.py emoji/ 64 RUN [guidance] [sampler ...]

``RUN`` is an upscale, such as a cascade's folder 64x64. Frechet distances of a thousand images
drawn from the small versions of real ones to as many others, by learned features and by random
ones, and large images in a core second. Both sets are examples that the stage may have learned
from, since what is asked is how steps compare with more steps.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
from common import machine, report

import genlearn as gl
from genlearn.data import open_data
from genlearn.evaluate.features.learned_network import LearnedExtractor
from genlearn.evaluate.features.random_conv import RandomConvolutions
from genlearn.evaluate.metrics.frechet import frechet

N, STEPS = 1000, (18, 12, 9, 6, 4, 3, 2)


def main(source: str, side: int, run: str, guidance: float, samplers: list[str]) -> None:
    data = open_data(source, resolution=side)
    rows = np.random.default_rng(0).permutation(len(data))
    real, others = data.take(np.sort(rows[:N])), data.take(np.sort(rows[N : 2 * N]))
    judges = [
        LearnedExtractor.fit(data, 0, 120.0, lambda note: None),
        RandomConvolutions.fit(data, 0),
    ]
    ends = [judge(others.values) for judge in judges]
    found: list[dict[str, Any]] = []

    def judge_(name: str, steps: Any, images: Any, rate: Any) -> None:
        distances = [frechet(end, judge(images)) for judge, end in zip(judges, ends, strict=True)]
        figures = {"learned": float(distances[0]), "random": float(distances[1])}
        found.append({"sampler": name, "steps": steps} | figures | {"images/s": rate})
        print(found[-1], flush=True)

    judge_("real images", "", real.values, "")
    stage: Any = gl.load(run)
    small = stage.shrink(real.values)
    how: dict[str, Any] = {"guidance": guidance} if guidance != 1 else {}
    if stage.text_conditioned_ and guidance != 1:
        how["prompt"] = real.captions
    for stage.sampler in samplers:
        for steps in STEPS:
            start = time.process_time()
            images = stage.enlarge(small, seed=1, steps=steps, **how)
            judge_(stage.sampler, steps, images, N / (time.process_time() - start))
    print(machine())
    report("enlarging_steps", found, guidance=guidance)


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]),
        sys.argv[3],
        float(sys.argv[4]) if len(sys.argv) > 4 else 1.0,
        sys.argv[5:] or ["unipc"],
    )
