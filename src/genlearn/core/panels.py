"""Panels: what a report shows beside its numbers. A model may bring its own
(`estimator_types.GenerativeModel.panels`).

A panel is plain data -- examples in the user's units, curves, points -- and says what it means in
one sentence. How it is drawn is the report's business.

``section`` names the part of the page where it stands beside those of other models: samples,
process, reconstructions, maps, traversals, learning, embedding, copies, or a heading of its own.
Where it is "", the panel stands with its model, or, if several models show one of its title, in the
part for what else they share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class ImagePanel:
    """Images ``values`` (n, *user_shape) in the user's units, row by row, ``columns`` in a row;
    ``rows`` may name the rows."""

    title: str
    meaning: str
    values: Array = field(repr=False)
    columns: int = 12
    rows: tuple[str, ...] = ()
    section: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class LinePanel:
    """Lines by name, each an array (k, 2) of points (x, y); ``x`` and ``y`` label the axes."""

    title: str
    meaning: str
    x: str
    y: str
    series: dict[str, Array] = field(repr=False)
    log_x: bool = False
    log_y: bool = False
    section: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class ScatterPanel:
    """Points (n, 2), coloured by ``labels`` (n,) which index ``classes``; ``values`` (n,
    *user_shape) are the examples they stand for."""

    title: str
    meaning: str
    points: Array = field(repr=False)
    labels: Array | None = field(default=None, repr=False)
    classes: tuple[str, ...] = ()
    values: Array | None = field(default=None, repr=False)
    section: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class HistogramPanel:
    """Columns by name, each with the shares (k, 2) of real and of sampled rows in its bars;
    ``ends`` are written below the first and the last bar of each, ``distances`` beside its name."""

    title: str
    meaning: str
    shares: dict[str, Array] = field(repr=False)
    ends: tuple[tuple[str, str], ...]
    distances: tuple[float, ...]
    section: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class PairsPanel:
    """Pairs of columns, ``names`` each, with the shares (2, k, l) of real and of sampled rows in
    the cells of their joint table, by pair in ``shares``, and how alike these are."""

    title: str
    meaning: str
    names: tuple[tuple[str, str], ...]
    shares: dict[str, Array] = field(repr=False)
    similarities: tuple[float, ...]
    section: str = ""


Panel = HistogramPanel | ImagePanel | LinePanel | PairsPanel | ScatterPanel
