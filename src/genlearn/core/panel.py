"""Panels: what a report shows beside its numbers. A model may bring its own (`capabilities.Illustrates`).

A panel is plain data -- examples in the user's units, curves, points -- and says what it means in one sentence. How it is drawn is the
report's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pictures:
    """Images ``values`` (n, *user_shape) in the user's units, row by row, ``columns`` in a row; ``rows`` may name the rows."""

    title: str
    meaning: str
    values: Array = field(repr=False)
    columns: int = 12
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Curves:
    """Lines by name, each an array (k, 2) of points (x, y); ``x`` and ``y`` label the axes."""

    title: str
    meaning: str
    x: str
    y: str
    series: dict[str, Array] = field(repr=False)
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Map:
    """Points (n, 2), coloured by ``labels`` (n,) which index ``classes``; ``values`` (n, *user_shape) are the examples they stand for."""

    title: str
    meaning: str
    points: Array = field(repr=False)
    labels: Array | None = field(default=None, repr=False)
    classes: tuple[str, ...] = ()
    values: Array | None = field(default=None, repr=False)


Panel = Pictures | Curves | Map
