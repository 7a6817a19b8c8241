from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Save = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """A cache of its own for each test."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("GENLEARN_CACHE", str(folder))
    return folder


@pytest.fixture
def noise():
    """Make a picture of noise."""
    return picture


@pytest.fixture
def save(tmp_path) -> Save:
    """Save a picture of noise (mode, size as width and height) under ``tmp_path``; returns its
    path."""

    def saver(
        name: str,
        mode: str = "RGB",
        size: tuple[int, int] = (8, 8),
        seed: int | None = None,
        **options,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(mode, size, len(name) + ord(name[-5]) if seed is None else seed).save(
            path, **options
        )
        return path

    return saver


def picture(mode: str, size: tuple[int, int], seed: int) -> Image.Image:
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}.get(mode, (3,))
    pixels = np.random.default_rng(seed).integers(
        0, 256, (size[1], size[0], *channels), dtype=np.uint8
    )
    image = Image.fromarray(pixels)
    return image if mode in ("L", "RGB", "RGBA") else image.convert(mode)
