"""What a chapter shows, as plain data: a report's curves, and six more kinds.

How each is drawn is the page's business (`page.render`). A figure has a ``key``, by which its
title and what to look for are found in the strings of a language.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..core.capabilities import Array
from ..core.panels import LinePanel
from ..core.spec import DataSpec, ImageSpec


@dataclass(frozen=True, eq=False, kw_only=True)
class Pictures:
    """Images ``values`` (n, *user_shape) of ``spec``, which need not be the reader's, row by row,
    ``columns`` in a row; ``rows`` may name the rows."""

    title: str
    meaning: str
    values: Array = field(repr=False)
    spec: ImageSpec
    columns: int
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Map:
    """Examples of ``spec`` at ``points`` (n, 2) of the plane, coloured by ``labels`` (n,) which
    index its classes; images among them are ``values`` (n, *user_shape)."""

    title: str
    meaning: str
    points: Array = field(repr=False)
    spec: DataSpec
    labels: Array | None = field(default=None, repr=False)
    values: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class Plane:
    """Points of the plane by name, each (n, 2), at one scale on both axes within ``extent`` (left,
    right, bottom, top).

    ``heat`` (rows, columns), from 0 to 1, is the ground they stand on, its first row at the bottom.
    ``arrows`` (n, 4) lead from a place by a step. ``ellipses`` (n, 5) have a centre and a
    covariance (xx, xy, yy), and are drawn at one standard deviation.
    """

    title: str
    meaning: str
    points: dict[str, Array] = field(repr=False)
    extent: tuple[float, float, float, float]
    heat: Array | None = field(default=None, repr=False)
    arrows: Array | None = field(default=None, repr=False)
    ellipses: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """Grids of numbers by name, each (rows, columns); ``lit`` names the cells, (n, 2), of each that
    are marked."""

    title: str
    meaning: str
    grids: dict[str, Array] = field(repr=False)
    lit: dict[str, Array] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """A small table of text: what stands above its columns, and its rows."""

    title: str
    meaning: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Frames:
    """Figures of one kind in a sequence, one of which is seen at a time: ``dial`` is what changes
    from one to the next, ``labels`` its values."""

    title: str
    meaning: str
    dial: str
    labels: tuple[str, ...]
    frames: tuple[Figure, ...] = field(repr=False)


Figure = Pictures | LinePanel | Map | Plane | Cells | Rows | Frames
