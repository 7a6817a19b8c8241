r"""Many opinions on one bit, mixed into one probability; and counts, which hold such opinions.

Each opinion is a probability of a one. They are mixed where they are logarithms of odds, by weights
that follow the gradient of what the bit then cost,

    p = squash(sum_i w_i stretch(p_i)),     w_i += rate (bit - p) stretch(p_i),

so that who is often right comes to be heard, and two who agree are surer together (Mattern 2013,
"Linear and geometric mixtures"; Mahoney 2005, "Adaptive weighing of context models", PAQ7).

**Exact.** Everything is a whole number, held as float64 where matrices are multiplied: their sums
stay below 2^53, and are the same in any order.
"""

from __future__ import annotations

import numpy as np

from .tables import LARGEST, ONE, Ints, squash, stretch

_RATE = 6 / (1 << 18)
_UNIT = 1 << 16  # a weight of 1
_MOST = 400  # bits that a context remembers; twice as many count half
_LOW = (1 << 16) - 1
_HALVED = 0x7FFF7FFF  # keeps the halves of two counts apart


class Mixer:
    """Weights (planes, sets, opinions), of which each image uses one set for each plane of bits."""

    def __init__(self, planes: int, sets: int, start: Ints) -> None:
        self.weights = np.tile(start.astype(np.float64), (planes, sets, 1))

    def mix(self, planes: Ints, chosen: Ints, opinions: Ints) -> Ints:
        """Probabilities (P, n) in 1/`ONE` of opinions (I, P, n), stretched, by the sets ``chosen``
        (n,)."""
        weights = self.weights[planes[:, None], chosen]  # (P, n, I)
        mixed = np.einsum("pni,ipn->pn", weights, opinions.astype(np.float64))
        place = np.floor(mixed / _UNIT).clip(-LARGEST, LARGEST).astype(np.int64)
        p: Ints = squash()[place + LARGEST]
        return p

    def learn(self, chosen: Ints, opinions: Ints, missed: Ints) -> None:
        """``missed`` (planes, n): the bits less their probabilities, in 1/`ONE`, of all planes."""
        sets = np.arange(self.weights.shape[1])
        belongs = (chosen == sets[:, None]).astype(np.float64)  # (sets, n)
        slopes = (opinions * missed).astype(np.float64)  # (I, planes, n)
        gradient = belongs @ slopes.reshape(-1, slopes.shape[-1]).T  # (sets, I * planes)
        gradient = gradient.reshape(len(sets), *slopes.shape[:2]).transpose(2, 0, 1)
        self.weights += np.rint(gradient * _RATE)


class Counts:
    """How many zeros and ones followed each context, in two halves of one number."""

    def __init__(self, contexts: int, size: int) -> None:
        self.table = np.zeros(contexts * size, np.int32)
        self.first = np.arange(contexts)[:, None] * size

    def opinions(self, places: Ints) -> Ints:
        """Stretched probabilities at ``places``: estimates from few counts are near one half."""
        both = self.table[places]
        zeros, ones = both >> 16, both & _LOW
        share = (ones + 0.4) / (zeros + ones + 0.8)
        opinions: Ints = stretch()[(share * ONE).astype(np.int64)]
        return opinions

    def learn(self, places: Ints, bits: Ints) -> None:
        np.add.at(self.table, places.ravel(), np.where(bits, 1, 1 << 16).astype(np.int32).ravel())
        both = self.table[places]
        full = places[(both >> 16) + (both & _LOW) > _MOST]
        self.table[full] = (self.table[full] >> 1) & _HALVED


def bit_opinions(below: Ints, between: Ints, above: Ints) -> Ints:
    """Stretched probabilities of a one, by the mass below the interval that a number is known to
    lie in, below its middle, and below its end."""
    share = (above - between) / (above - below)
    opinions: Ints = stretch()[(share * ONE).astype(np.int64).clip(1, ONE - 1)]
    return opinions
