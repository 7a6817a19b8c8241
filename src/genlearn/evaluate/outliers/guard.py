"""Differences that stay meaningful far away.

What a score takes off -- the cost of details, the density of a Gaussian -- is large for examples
that resemble nothing that was learned, and can hide them: to a model of digits, emoji would seem as
usual as digits. So where what is taken off, or log p(x), is further from usual than of any
reference example, an example is at least as unusual as that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...core.capabilities import Array


class Guarded(NamedTuple):
    """Of examples: a ``difference`` (n,), the higher the more unusual, and a ``guard`` (n,), which
    is unusual on either side."""

    difference: Array
    guard: Array

    def held_against(self, usual: Guarded) -> Array:
        """The difference in standard deviations from its mean over ``usual`` examples, (n,); where
        the guard is out of their range, no less than the deviations by which it is."""
        score = (self.difference - usual.difference.mean()) / _deviation(usual.difference)
        low, high = usual.guard.min(), usual.guard.max()
        out = np.maximum(self.guard - high, low - self.guard) / _deviation(usual.guard)
        return np.asarray(np.where(out > 0, np.maximum(score, out), score))


def _deviation(values: Array) -> float:
    return max(float(values.std()), 1e-12)
