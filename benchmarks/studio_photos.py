"""Photos to upload, as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from genlearn.data import open_data


def photos_in(folder: Path, captioned: bool) -> Path:
    """300 photos of CIFAR-10, or 300 discs with captions beside them, as PNGs."""
    folder.mkdir(parents=True)
    values = discs(300) if captioned else open_data("cifar10", split="test").user(slice(0, 300))
    for index, pixels in enumerate(values):
        Image.fromarray(pixels).save(folder / f"{index:03}.png")
        if captioned:
            colour = ("red", "green", "blue")[int(pixels.sum((0, 1)).argmax())]
            (folder / f"{index:03}.txt").write_text(f"a {colour} disc")
    return folder


def discs(count: int, side: int = 16) -> np.ndarray:
    """Discs of random places and colours, uint8 (count, side, side, 3)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side]
    cy, cx = rng.uniform(4, side - 4, (2, count, 1, 1))
    disc = (np.hypot(y - cy, x - cx) < 4)[..., None]
    return (255 * disc * rng.uniform(0.4, 1, (count, 1, 1, 3))).astype(np.uint8)
