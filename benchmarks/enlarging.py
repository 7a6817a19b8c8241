"""What a stage of super-resolution learns in equal steps, by what its network is asked for: the
target of Karras et al., or a velocity.

    OMP_NUM_THREADS=1 python benchmarks/enlarging.py DATA 420 16

Images of 64x64, enlarged from 32x32; so many steps of so many images. By the noise on the small
image: mean squared error of the velocity that the denoiser means, for each number of held-out
details, at the times of training and without captions.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import torch
from common import report
from torch import Tensor

from genlearn.core.registry import find
from genlearn.core.seeding import seeded
from genlearn.data import open_data
from genlearn.nets.layers.conditioning import ImageConditioning
from genlearn.prob.diffusion.predictions import Prediction, VelocityPrediction

NOISE, CHUNK = (0.0, 0.1, 0.3), 50


class ByVelocity(find("upscale")):  # type: ignore[misc]
    """A stage that is asked for a velocity."""

    @property
    def prediction(self) -> Prediction:
        return VelocityPrediction()


@torch.inference_mode()
def error(model: Any, x: Tensor, noise: float) -> float:
    """Of images ``x`` (n, C, H, W) whose small versions have so much noise."""
    errors = []
    with seeded(0):
        for part in x.split(CHUNK):
            small = torch.nn.functional.avg_pool2d(part, 2)
            seen = torch.nn.functional.interpolate(
                small + noise * torch.randn_like(small), scale_factor=2, mode="bilinear"
            )
            r, t = model.normalizer(part - seen), torch.rand(len(part)).clamp(0.01, 0.99)
            level = model.schedule.at(t).like(r)
            beside = ImageConditioning(seen, torch.full((len(part),), noise), None)
            r_t = level.noised(r, torch.randn_like(r))
            expected = model.denoiser.posterior_mean(r_t, level, beside)
            errors.append(((expected - r) / level.sigma).square().flatten(1).mean(1))
    return float(torch.cat(errors).mean())


def main(source: str, steps: int, batch: int) -> None:
    torch.set_num_threads(1)
    data = open_data(source, resolution=64)
    order, count = np.random.default_rng(0).permutation(len(data)), len(data) // 10
    train, held = data.take(np.sort(order[count:])), data.take(np.sort(order[:count]))
    x, rows = held.spec.to_internal(held.values), []
    for what, kind in (("Karras et al.", find("upscale")), ("velocity", ByVelocity)):
        start = time.process_time()
        model = kind(steps=steps, batch_size=batch).fit(train)
        minutes = (time.process_time() - start) / 60
        rows.append(
            {
                "asked for": what,
                **{f"error, noise {noise:g}": error(model, x, noise) for noise in NOISE},
                "core minutes": minutes,
            }
        )
        print(rows[-1], flush=True)
    report("enlarging", rows, steps=steps, batch=batch)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
