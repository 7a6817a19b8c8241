"""What probabilities are computed by: tables of whole numbers.

Decoding has to come by exactly the probabilities that encoding had, on any machine. Sums of
floating-point numbers depend on their order, and exponentials on the library; sums and products of
whole numbers do not, nor does a single division. So logarithms and exponentials are looked up in
tables of whole numbers, which are made once; their digest stands in each file.

    stretch(p) = log(p / (1 - p)),   squash its inverse        (in 1/256 nats)
    mass(s, u) = 1 / (1 + exp(-u / s))                         (the logistic distribution function)
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

ONE = 1 << 16  # a probability p stands as the whole number p 2^16
LARGEST = 2900  # of a stretched probability, about 11 nats
FINE = 8  # predictions are in eighths of a level
MASS = 1 << 26
_REACH = 257 * FINE  # farthest that a level lies from a prediction
_SCALES = 0.12 * 1.25 ** np.arange(28)  # of the logistic distributions, in levels
_WIDER = 1.18  # a mean absolute error of so many scales is closest to that scale


@cache
def stretch() -> Ints:
    """By p, from 0 to `ONE`."""
    p = np.arange(ONE + 1).clip(0.5, ONE - 0.5)
    return _whole(256 * np.log(p / (ONE - p)))


@cache
def squash() -> Ints:
    """By what was stretched, plus `LARGEST`."""
    p = ONE / (1 + np.exp(-np.arange(-LARGEST, LARGEST + 1) / 256))
    return _whole(p.clip(2, ONE - 2))


@cache
def _mass() -> Ints:
    u = np.arange(-_REACH, _REACH + 1) / FINE
    share = 1 / (1 + np.exp((-u / _SCALES[:, None]).clip(-60, 60)))
    return _whole(MASS * share)


def mass(scale: Ints, level: Ints, prediction: Ints) -> Ints:
    """How much of a logistic distribution lies below ``level``, in 1/`MASS`; and a little of an
    even one, so that nothing is impossible."""
    u = FINE * level - FINE // 2 - prediction + _REACH
    below: Ints = _mass()[scale, u] + (level << 8)
    return below


def scale_index(error: NDArray[np.float64]) -> Ints:
    """The scale that fits a mean absolute error, in eighths of a level."""
    return np.searchsorted(_SCALES[:-1] * FINE * _WIDER, error).astype(np.int64)


def _whole(values: NDArray[np.float64]) -> Ints:
    return np.rint(values).astype(np.int64)


@cache
def digest() -> bytes:
    """Eight bytes that are the same wherever the tables are."""
    name = hashlib.blake2b(digest_size=8)
    for table in (stretch(), squash(), _mass()):
        name.update(table.astype("<i8").tobytes())
    return name.digest()
