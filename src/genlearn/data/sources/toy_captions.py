"""Captioned scenes: pictures whose every attribute is known, to learn text to image from and to be
judged by.

A scene has so many objects of one shape, colour and size in one part of a light picture: "two small
red circles at the top". All attributes are drawn independently, except that some pairs of colour
and shape are *held out*: they are never seen in training, though each colour and each shape is, so
that a model that draws them has composed what it learned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...core.errors import UserError
from ..dataset import Dataset
from ..open.options import Options
from ..prepare.value_range import ValueRange
from .arrays import from_array
from .base import Source

Array = NDArray[np.uint8]
Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

COUNTS = ("one", "two", "three")
SIZES = ("small", "large")
COLOURS = {
    "red": (214, 39, 40),
    "green": (44, 160, 44),
    "blue": (31, 90, 200),
    "yellow": (240, 200, 20),
    "purple": (148, 70, 190),
    "black": (30, 30, 30),
}
SHAPES = ("circle", "square", "triangle", "cross")
PLACES = {
    "at the top": (0.25, 0.5),
    "at the bottom": (0.75, 0.5),
    "on the left": (0.5, 0.25),
    "on the right": (0.5, 0.75),
}
ATTRIBUTES = {
    "count": COUNTS,
    "size": SIZES,
    "colour": tuple(COLOURS),
    "shape": SHAPES,
    "place": tuple(PLACES),
}
# one shape of each colour
_HELD_OUT = {(colour, (colour + colour // 4) % len(SHAPES)) for colour in range(len(COLOURS))}
_RADIUS = (0.07, 0.12)  # small and large, in sides of the picture
_SIDE = 32  # of the picture in pixels, where nothing else is asked for
_APART = 0.3  # centres of neighbours
# how many, seed, pairs held out
_SPLITS = {"train": (30_000, 0, False), "test": (5_000, 1, False), "held-out": (5_000, 2, True)}


@dataclass(frozen=True)
class Scenes:
    """Pictures (n, side, side, 3), and their attributes (n, 5) by number."""

    values: Array
    attributes: Indices


@dataclass(frozen=True)
class Captioned(Source):
    """The named set: scenes of the usual pairs to learn from, and to test, and those of the pairs
    held out."""

    def splits(self) -> list[str]:
        return list(_SPLITS)

    def read(self, split: str | None, options: Options) -> Dataset:
        """Drawn at the size that is asked for, which is square. Raises `UserError` for any other,
        and for one too small to show anything."""
        height, width = options.size or (_SIDE, _SIDE)
        if height != width or height < _SIDE // 2:
            raise UserError(
                f"scenes of {height}x{width} were asked for; they are square, and at least"
                f" {_SIDE // 2} high: give resolution=64, say"
            )
        count, seed, held = _SPLITS[split or "train"]
        drawn = scenes(count, seed, height, held)
        data = from_array(
            drawn.values, None, replace(options, resolution=None), extent=ValueRange(0, 255, 256)
        )
        return replace(
            data,
            captions=[caption(row) for row in drawn.attributes],
            spec=replace(data.spec, captions=True),
        )


def held_out(attributes: Indices) -> NDArray[np.bool_]:
    """Which rows (n, 5) are of a pair of colour and shape that training never shows."""
    pairs = {(colour, shape) for colour, shape in _HELD_OUT}
    return np.array(
        [(colour, shape) in pairs for colour, shape in attributes[:, 2:4].tolist()], dtype=bool
    )


def caption(row: Indices) -> str:
    """What the attributes ``row`` (5,) are in words."""
    count, size, colour, shape, place = (
        names[number] for names, number in zip(ATTRIBUTES.values(), row.tolist(), strict=True)
    )
    plural = shape if count == "one" else shape + ("es" if shape == "cross" else "s")
    return f"{count} {size} {colour} {plural} {place}"


def draw_attributes(n: int, seed: int, held: bool | None = False) -> Indices:
    """``n`` rows; of the pairs held out (True), of all others (False), or of all (None)."""
    rng = np.random.default_rng(seed)
    rows = np.empty((0, len(ATTRIBUTES)), dtype=np.int64)
    while len(rows) < n:
        more = np.stack(
            [rng.integers(len(names), size=4 * n + 64) for names in ATTRIBUTES.values()], 1
        )
        rows = np.concatenate([rows, more if held is None else more[held_out(more) == held]])
    return rows[:n]


def scenes(n: int, seed: int, side: int = _SIDE, held: bool | None = False) -> Scenes:
    """``n`` scenes."""
    attributes = draw_attributes(n, seed, held)
    rng = np.random.default_rng([seed, 1])
    return Scenes(
        np.concatenate(
            [draw_scenes(part, rng, side) for part in np.array_split(attributes, max(1, n // 1000))]
        ),
        attributes,
    )


def draw_scenes(rows: Indices, rng: np.random.Generator, side: int) -> Array:
    """Pictures (n, side, side, 3) of the attributes ``rows`` (n, 5), each at a place and in a shade
    of its own."""
    n = len(rows)
    count, size, colour, shape, place = rows.T
    radius = np.array(_RADIUS)[size] * rng.uniform(0.9, 1.1, n)
    paint = np.array(list(COLOURS.values()), dtype=float)[colour] + rng.normal(0, 8, (n, 3))
    ground = rng.uniform(225, 255, (n, 1)) + rng.normal(0, 3, (n, 3))
    centres = np.array(list(PLACES.values()))[place][:, None] + _offsets(count, place, radius, rng)
    grid = (np.arange(side) + 0.5) / side
    cover = np.zeros((n, side, side))
    for number in range(len(COUNTS)):
        y = grid[None, :, None] - centres[:, number, 0, None, None]
        x = grid[None, None, :] - centres[:, number, 1, None, None]
        there = (number <= count)[:, None, None]
        cover = np.maximum(
            cover, there * _cover(y, x, radius[:, None, None], shape[:, None, None], side)
        )
    values = ground[:, None, None] + cover[..., None] * (paint - ground)[:, None, None]
    pixels: Array = np.clip(values.round(), 0, 255).astype(np.uint8)
    return pixels


def _offsets(count: Indices, place: Indices, radius: Floats, rng: np.random.Generator) -> Floats:
    """From the middle of the place to the objects, (n, 3, 2): in a row along the place's longer
    side, and a little off."""
    n = len(count)
    along = np.stack([(number - count / 2) * _APART for number in range(len(COUNTS))], 1)
    slack = np.minimum(
        0.5
        - np.abs(along).max(1, where=np.arange(3) <= count[:, None], initial=0)
        - 1.1 * radius
        - 0.03,
        0.15,
    )
    along = (
        along
        + (rng.uniform(-1, 1, n) * np.maximum(slack, 0))[:, None]
        + rng.uniform(-0.012, 0.012, (n, 3))
    )
    across = rng.uniform(-0.05, 0.05, (n, 3)) + rng.uniform(-0.03, 0.03, (n, 1))
    sideways = (place >= 2)[:, None]
    return np.stack([np.where(sideways, along, across), np.where(sideways, across, along)], 2)


def _cover(y: Floats, x: Floats, radius: Floats, shape: Indices, side: int) -> Floats:
    """How much of each pixel an object covers: by its signed distance from the border."""
    a, b = np.abs(y), np.abs(x)
    circle = np.hypot(y, x) - radius
    square = np.maximum(a, b) - 0.88 * radius
    triangle = np.maximum(0.866 * b - 0.5 * y, y) - 0.6 * radius
    cross = np.maximum(np.minimum(a, b) - 0.34 * radius, np.maximum(a, b) - 1.08 * radius)
    distance = np.choose(shape, [circle, square, triangle, cross])
    return np.clip(0.5 - distance * side, 0, 1)
