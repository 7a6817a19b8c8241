r"""Whole numbers below 256 to bits and back, with what is coded as the only teacher.

    -log2 p(x) = - sum_i log2 p(x_i | what was coded before, a model's expectation)

Each number is told bit by bit, the highest first. Opinions on a bit are logistic distributions
around predictions of the number, as wide as such predictions used to miss by, and counts of what
followed when the neighbours were like this; all are mixed. Nothing is learned beforehand, and all
of it is learned again by decoding. The probabilities go to the range coder of ``constriction``.

References: Mahoney 2005 (PAQ); Wu, Barthel & Zhang 1998 (least squares); Mentzer et al. 2019, arXiv
1811.12817, for what learned networks reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from ..core.capabilities import Array
from .mixing import Counts, Mixer, bit_opinions
from .predictors import (
    Floats,
    LeastSquares,
    Place,
    activity,
    padded,
    place,
    regressor_count,
    simple_predictions,
)
from .tables import FINE, ONE, Ints, mass, scale_index

PLANES = np.arange(8)  # of bits, the highest first
BLOCK = 128  # images that are coded at once
_SIZE = 1 << 20  # places for the contexts of one kind: 4,096, each with 255 nodes
_ACTIVITIES = 16
_SETS = 12  # of weights: the most active places share one
_FIRST_ERROR, _FIRST_SEEN = 8 * FINE, 3.0  # levels that predictions are thought to miss by

Shape = tuple[int, int, int, int]
Progress = Callable[[int, int], None]  # done, of how many
Bits = Callable[[Ints, Ints | None], Ints]  # probabilities (P, n), and bits if known -> bits


@dataclass
class _Situation:
    """What opinions are formed by: contexts (K, n), predictions and their scales (R, n), set of
    weights (n,), activity (n,)."""

    contexts: Ints
    predictions: Ints
    scales: Ints
    chosen: Ints
    active: Ints


class ChannelCoder:
    """Codes one channel, of all images of a block at a place at a time."""

    def __init__(self, channels: int, channel: int, expected: bool) -> None:
        self.channel = channel
        self.kinds, self.predictors = 9 + 2 * expected, 3 + expected
        self.counts = Counts(self.kinds, _SIZE)
        self.least_squares = LeastSquares(regressor_count(channels, channel, expected))
        start = [0.6 / self.predictors] * self.predictors + [1 / self.kinds] * self.kinds
        self.mixer = Mixer(len(PLANES), _SETS, np.rint(np.array([*start, 0.0]) * (1 << 16)))
        self.missed = np.full((self.predictors, _ACTIVITIES), _FIRST_ERROR * _FIRST_SEEN)
        self.seen = np.full((self.predictors, _ACTIVITIES), _FIRST_SEEN)

    def code(self, where: Place, number: int, code_bits: Bits, known: Ints | None) -> Ints:
        """The values (n,) at the place ``number``, which are ``known`` when they are encoded."""
        x = where.regressors(self.channel)
        now = self._situation(where, number, self.least_squares.predict(x))
        steps = [PLANES] if known is not None else [PLANES[k : k + 1] for k in PLANES]
        value = np.zeros(len(x), np.int64)
        parts = []
        for planes in steps:
            below = _prefix(value if known is None else known, planes)
            opinions, places = self._opinions(now, planes, below)
            p = self.mixer.mix(planes, now.chosen, opinions)
            bits = code_bits(p, None if known is None else _bits(known, planes))
            value = value + (bits << (7 - planes)[:, None]).sum(0)
            parts.append((opinions, places, (bits * ONE) - p, bits))
        opinions, places, missed, bits = (
            np.concatenate(part, axis=-2) for part in zip(*parts, strict=True)
        )
        self.mixer.learn(now.chosen, opinions, missed)
        self.counts.learn(places, np.broadcast_to(bits, places.shape))
        self._learn(now, x, value)
        return value

    def end_row(self) -> None:
        self.least_squares.solve()

    def _situation(self, where: Place, number: int, linear: Ints | None) -> _Situation:
        simple = simple_predictions(where, self.channel)
        active = activity(where, self.channel)
        linear = simple[1] if linear is None else linear
        predictions = [linear, *simple]
        if where.expected.shape[1]:
            predictions.append(FINE * where.expected[:, 4, self.channel])
        predicted = np.stack(predictions)
        error = self.missed[:, active] / self.seen[:, active]
        contexts = _contexts(where, self.channel, number, predicted, active)
        chosen = active.clip(max=_SETS - 1)
        return _Situation(contexts, predicted, scale_index(error), chosen, active)

    def _opinions(self, now: _Situation, planes: Ints, below: Ints) -> tuple[Ints, Ints]:
        """(I, P, n), stretched, and the places of the counts (K, P, n)."""
        half = (1 << (7 - planes))[:, None]
        cuts = [below, below + half, below + 2 * half]
        scales, predictions = now.scales[:, None], now.predictions[:, None]
        by_distribution = bit_opinions(*(mass(scales, cut, predictions) for cut in cuts))
        node = (1 << planes)[:, None] + (below >> (8 - planes)[:, None])
        places = self.counts.first[:, None] + (now.contexts << 8)[:, None] + node
        by_count = self.counts.opinions(places)
        constant = np.full((1, *below.shape), 256)
        return np.concatenate([by_distribution, by_count, constant]), places

    def _learn(self, now: _Situation, x: Floats, value: Ints) -> None:
        errors = abs(FINE * value - now.predictions).astype(np.float64)
        belongs = (now.active[:, None] == np.arange(_ACTIVITIES)).astype(np.float64)
        self.missed += errors @ belongs
        self.seen += belongs.sum(0)
        self.least_squares.see(x, value)


def _prefix(value: Ints, planes: Ints) -> Ints:
    """``value`` (n,) as far as it is known before each of ``planes``: (P, n)."""
    low = (8 - planes)[:, None]
    return (value >> low) << low


def _bits(value: Ints, planes: Ints) -> Ints:
    return (value >> (7 - planes)[:, None]) & 1


def _contexts(where: Place, channel: int, number: int, predicted: Ints, active: Ints) -> Ints:
    """What the counts go by, each below 4,096: (K, n)."""
    left, above, corner, right, far, top = (where.near[:, k, channel] for k in range(6))
    linear = predicted[0] // FINE
    position = np.full(len(left), number & 4095)
    common = [linear, linear << 4 | active, _joined((left, 5), (above, 5)), above, position]
    if channel:
        before = where.before[:, channel - 1]
        then, over = where.near[:, 0, channel - 1], where.near[:, 1, channel - 1]
        own = [
            _joined((left, 5), (before, 5)),
            _joined((left, 3), (above, 3), (before, 3), (then, 3)),
            _joined((left, 4), (before, 4), (then, 4)),
            _joined((before, 4), (above, 4), (over, 4)),
        ]
    else:
        own = [
            left,
            _joined((left, 3), (above, 3), (corner, 3), (right, 3)),
            _joined((left, 4), (far, 4), (above, 4)),
            _joined((left, 4), (above, 4), (top, 4)),
        ]
    if where.expected.shape[1]:
        expected = where.expected[:, 4, channel]
        own += [expected, _joined((expected, 4), (left, 4), (above, 4))]
    return np.stack([*common, *own])


def _joined(*parts: tuple[Ints, int]) -> Ints:
    """The highest bits of each number, so many, side by side."""
    whole = np.zeros_like(parts[0][0])
    for value, bits in parts:
        whole = whole << bits | value >> (8 - bits)
    return whole


def code(
    shape: Shape,
    expected: Array | None,
    code_bits: Bits,
    given: Array | None,
    progress: Progress | None = None,
) -> Iterator[Array]:
    """Code images of ``shape`` (n, H, W, C), a block of them at a time."""
    n, height, width, channels = shape
    coders = [ChannelCoder(channels, k, expected is not None) for k in range(channels)]
    for start in range(0, n, BLOCK):
        part = slice(start, min(n, start + BLOCK))
        around = None if expected is None else padded(expected[part].astype(np.int64))
        known = np.zeros((part.stop - start, height, width, channels), np.int64)
        values = None if given is None else given[part].astype(np.int64)
        for row in range(height):
            for column, channel in product(range(width), range(channels)):
                where = place(known, around, row, column)
                truth = None if values is None else values[:, row, column, channel]
                known[:, row, column, channel] = coders[channel].code(
                    where, row * width + column, code_bits, truth
                )
            for coder in coders:
                coder.end_row()
            if progress:
                progress(start * height + (row + 1) * len(known), n * height)
        yield known.astype(np.uint8)
