"""Pairs without ever seeing one: how often do a digit and a negative from the same noise show the
same digit?

Half of the digits of MNIST are turned into negatives; no image is in both halves. A coupled GAN
learns both domains; the control are two GANs of the same networks that share nothing, each on its
half, given the same noise. A classifier that was trained on digits judges both images of a pair,
the negative turned back; by chance, they agree as often as two digits drawn at random. ``own`` are
the stages that each domain has to itself.

    OMP_NUM_THREADS=1 python benchmarks/pairs.py 3000
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from common import HERE, report
from frozen import Frozen
from numpy.typing import NDArray

import genlearn as gl
from genlearn.core.image_grid import image_grid

Array = NDArray[Any]
PAIRS, SHOWN = 2000, 12
OWN = (1, 2)


def classes(frozen: Frozen, images: Array) -> Array:
    """The digit that the classifier sees in each image."""
    with torch.inference_mode():
        guesses: Array = (
            frozen.network.head(torch.from_numpy(frozen.features(images)).float()).argmax(1).numpy()
        )
    return guesses


def agreement(frozen: Frozen, digits: Array, negatives: Array) -> dict[str, float]:
    """Share of pairs that show one digit, and of digits drawn at random that would."""
    left, right = classes(frozen, digits), classes(frozen, 255 - negatives)
    shares = [np.bincount(guesses, minlength=10) / len(guesses) for guesses in (left, right)]
    return {
        "agree": float((left == right).mean()),
        "by chance": float(shares[0] @ shares[1]),
        "distance, digits": frozen.distance(digits),
        "distance, negatives": frozen.distance(255 - negatives),
    }


def main(steps: int) -> None:
    torch.set_num_threads(1)
    frozen = Frozen("mnist")
    values = np.array(frozen.train.values)
    half = len(values) // 2
    values[half:] = 255 - values[half:]
    domains, rows = np.repeat(["digit", "negative"], [half, len(values) - half]), []
    for own in OWN:
        model = gl.CoGAN(unshared_stages=own, steps=steps).fit(values, domains)
        pair = [model.sample(PAIRS, seed=1, label=domain) for domain in ("digit", "negative")]
        rows.append({"model": f"CoGAN, own stages {own}", **agreement(frozen, *pair)})
        print(rows[-1], flush=True)
        if own == OWN[0]:
            image_grid(np.concatenate([part[:SHOWN] for part in pair]), model.spec_, SHOWN).save(
                HERE / "out" / "pairs.png"
            )
    alone = [
        gl.DCGAN(steps=steps // 2, seed=seed).fit(part).sample(PAIRS, seed=1)
        for seed, part in enumerate((values[:half], values[half:]))
    ]
    rows.append({"model": "two GANs that share nothing", **agreement(frozen, *alone)})
    report("pairs", rows, steps=steps)


if __name__ == "__main__":
    main(int(sys.argv[1]))
