r"""How alike pairs of columns go together in real and in drawn rows, by SDMetrics' definitions:

    1 - |r - s| / 2                 of two columns of numbers, with Pearson correlations r and s
    1 - sum_ij |P_ij - Q_ij| / 2    otherwise, of the shares P and Q of rows in the joint table,

with numbers in ten even bins between the smallest and the largest real one; what is missing is a
level, and correlations are of rows where both numbers are there.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ...core.capabilities import Array
from .kinds import columns_of, is_number, overlap

BINS = 10
Pair = tuple[int, int]


def pair_similarities(real: Array, drawn: Array) -> dict[Pair, float]:
    """Of each pair of columns of structured rows (`kinds`), by their numbers, in [0, 1];
    pairs in which a column of numbers never varies have no correlation and are left out."""
    a, b = columns_of(real), columns_of(drawn)
    joint = [(even_bins(x, x), even_bins(y, x)) for x, y in zip(a, b, strict=True)]
    found = {}
    for i, j in combinations(range(len(a)), 2):
        if is_number(a[i]) and is_number(a[j]):
            similarity = 1 - abs(_correlation(a[i], a[j]) - _correlation(b[i], b[j])) / 2
        else:
            (p, q), (s, t) = joint[i], joint[j]
            width = 1 + max(int(s.max(initial=0)), int(t.max(initial=0)))
            similarity = overlap(p * width + s, q * width + t)
        if np.isfinite(similarity):
            found[i, j] = float(similarity)
    return found


def even_bins(column: Array, real: Array) -> Array:
    """Whole numbers from 0, which is missing: ``column`` of numbers in even bins of the ``real``
    ones, of levels as they are."""
    if not is_number(column):
        return column + 1
    there = real[np.isfinite(real)]
    low, high = (float(there.min()), float(there.max())) if len(there) else (0.0, 0.0)
    inner = np.linspace(low, high, BINS + 1)[1:-1]
    return np.where(np.isfinite(column), np.digitize(column, inner) + 1, 0)


def joint_shares(real: Array, drawn: Array, pair: Pair) -> Array:
    """Shares (2, k, l) of ``real`` and of ``drawn`` rows in the cells of the joint table of a pair,
    for the eye: numbers in bins of even shares of the real ones, levels by how common they are,
    those beyond the ninth together, and what is missing, if anything is, last."""
    found = [_shown(columns_of(real)[i], columns_of(drawn)[i]) for i in pair]
    sizes = [1 + max(int(codes.max(initial=0)) for codes in both) for both in found]
    tables = []
    for a, b in zip(*found, strict=True):
        counts = np.bincount(a * sizes[1] + b, minlength=sizes[0] * sizes[1])
        tables.append(counts.reshape(sizes) / max(1, len(a)))
    return np.stack(tables)


def _shown(real: Array, drawn: Array) -> list[Array]:
    """Codes of both, from 0."""
    if is_number(real):
        there = real[np.isfinite(real)]
        share = np.linspace(0, 1, BINS + 1)[1:-1]
        inner = np.unique(np.quantile(there, share)) if len(there) else np.zeros(0)
        codes = [np.digitize(x, inner, right=True) for x in (real, drawn)]
        gone, last = [~np.isfinite(x) for x in (real, drawn)], len(inner) + 1
    else:
        counts = np.bincount(real[real >= 0], minlength=1)
        place = np.argsort(np.argsort(-counts, kind="stable"))
        codes = [_placed(x, place) for x in (real, drawn)]
        gone, last = (
            [x < 0 for x in (real, drawn)],
            min(BINS, 1 + max(int(code.max(initial=0)) for code in codes)),
        )
    return [np.where(lost, last, code) for lost, code in zip(gone, codes, strict=True)]


def _placed(levels: Array, place: Array) -> Array:
    """By how common they are among the real ones, of which some levels may be unseen."""
    known = place[np.clip(levels, 0, len(place) - 1)]
    found: Array = np.where(levels < len(place), known, BINS).clip(max=BINS - 1)
    return found


def _correlation(x: Array, y: Array) -> float:
    """Pearson's, NaN where one never varies."""
    there = np.isfinite(x) & np.isfinite(y)
    if there.sum() < 2:
        return float("nan")
    x, y = (v[there] - v[there].mean() for v in (x, y))
    # a constant column has a rounding error for its deviation
    scale = [np.sqrt(np.square(v).mean()) for v in (x, y)]
    if min(scale) <= 0:
        return float("nan")
    return float(np.mean(x / scale[0] * (y / scale[1])))
