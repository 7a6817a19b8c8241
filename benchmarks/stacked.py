"""Stacked MNIST: three digits in the channels of one image, a thousand modes of which none is rarer
than the others.

A classifier that was trained on digits reads each channel of 25,600 samples; the modes that it
finds are counted, and how unevenly they occur is the Kullback-Leibler divergence from the data's
own frequencies, in nats (Metz et al. 2016, arXiv 1611.02163; Huang et al. 2025 report 1,000 and
.029).

    OMP_NUM_THREADS=1 python benchmarks/stacked.py r3gan 30 [key=value ...]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from common import HERE, report
from frozen import Frozen
from numpy.typing import NDArray
from quality import trained

from genlearn.core.image_grid import image_grid
from genlearn.core.params import params_of, parse_param
from genlearn.core.registry import find
from genlearn.data import open_data

Array = NDArray[Any]
LEARNED, DRAWN, SHOWN = 128_000, 25_600, 64


def stacks(values: Array, n: int, seed: int) -> Array:
    """(n, H, W, 3): a random digit in each channel."""
    rows = np.random.default_rng(seed).integers(len(values), size=(n, 3))
    return np.moveaxis(values[rows], 1, -1)


def modes(frozen: Frozen, images: Array) -> Array:
    """The number from 0 to 999 that each image shows."""
    digits = []
    with torch.inference_mode():
        for channel in range(3):
            features = torch.from_numpy(
                frozen.features(np.ascontiguousarray(images[..., channel]))
            ).float()
            digits.append(frozen.network.head(features).argmax(1).numpy())
    number: Array = digits[0] + 10 * digits[1] + 100 * digits[2]
    return number


def found(frozen: Frozen, images: Array, real: Array) -> dict[str, float]:
    """Modes among ``images``, and the divergence of their frequencies from those of ``real``,
    (1000,)."""
    counts = np.bincount(modes(frozen, images), minlength=1000)
    share = counts / counts.sum()
    divergence = np.sum(share[counts > 0] * np.log(share[counts > 0] / real[counts > 0]))
    return {"modes": int((counts > 0).sum()), "KL": float(divergence)}


def main(name: str, minutes: float, settings: list[str]) -> None:
    torch.set_num_threads(1)
    frozen, known = Frozen("mnist"), params_of(find(name))
    hyper = {
        key: parse_param(known[key], value)
        for key, value in (setting.split("=") for setting in settings)
    }
    values = np.array(frozen.train.values)
    frequencies = np.bincount(modes(frozen, stacks(values, LEARNED, 1)), minlength=1000) / LEARNED
    rows = [
        {
            "what": "data",
            "core minutes": 0.0,
            "images/s": 0.0,
            **found(frozen, stacks(values, DRAWN, 2), frequencies),
        }
    ]
    model, spent = trained(name, open_data(stacks(values, LEARNED, 0)), minutes, hyper)
    samples = model.sample(DRAWN, seed=1)
    speed = model.n_steps_ * model.batch_size_ / spent
    rows.append(
        {
            "what": name,
            "core minutes": spent / 60,
            "images/s": speed,
            **found(frozen, samples, frequencies),
        }
    )
    image_grid(samples[:SHOWN], model.spec_, 16).save(HERE / "out" / f"stacked-{name}.png")
    report(f"stacked-{name}", rows, settings=settings)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
