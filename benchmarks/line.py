"""Ten years of GANs on one data set: each family learns MNIST for as many core minutes, with its
defaults; one table, one picture.

OMP_NUM_THREADS=1 python benchmarks/line.py 3 gan dcgan progan stylegan r3gan
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from common import HERE, report
from frozen import Frozen
from PIL import Image, ImageDraw
from quality import judged, trained

from genlearn.core.image_grid import image_grid

YEARS = {"gan": 2014, "dcgan": 2015, "cogan": 2016, "progan": 2017, "stylegan": 2018, "r3gan": 2025}
SHOWN, COLUMNS, LABEL = 32, 16, 110
N = 5000


def main(minutes: float, names: list[str]) -> None:
    torch.set_num_threads(1)
    frozen = Frozen("mnist")
    rows: list[dict[str, Any]] = []
    pictures: dict[str, Image.Image] = {}
    for name in names:
        model, spent = trained(name, frozen.train, minutes, {})
        speed = model.n_steps_ * model.batch_size_ / spent
        parameters = sum(p.numel() for p in model.networks_["generator"].parameters())
        rows.append(
            {
                "year": YEARS[name],
                "model": name,
                "core minutes": spent / 60,
                "training images/s": speed,
                "G": parameters,
            }
        )
        rows[-1] |= judged(frozen, model, N)
        print(rows[-1], flush=True)
        pictures[f"{YEARS[name]} {name}"] = image_grid(
            model.sample(SHOWN, seed=3), model.spec_, COLUMNS
        )
    pictures["data"] = image_grid(frozen.train.user(np.arange(SHOWN)), frozen.train.spec, COLUMNS)
    report("line", rows, minutes=minutes)
    stacked(pictures).save(HERE / "out" / "line.png")


def stacked(pictures: dict[str, Image.Image]) -> Image.Image:
    """One below the other, with their names at the left."""
    width, height = next(iter(pictures.values())).size
    image = Image.new("RGB", (LABEL + width, (height + 8) * len(pictures)), "white")
    for row, (name, picture) in enumerate(pictures.items()):
        image.paste(picture, (LABEL, row * (height + 8)))
        ImageDraw.Draw(image).text((6, row * (height + 8) + height // 2 - 6), name, "black")
    return image


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
