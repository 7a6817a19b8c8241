"""Where [0, 1] is cut into tokens, as a column of a table says.

What its distribution function knows as one piece is never cut. Each level is a token, and so is
missing. Of numbers, values that many rows have stay alone, if they are few enough; the other pieces
are put together until they hold their share of the rows.
"""

from __future__ import annotations

import numpy as np
import torch

from ...core.spec import Array, Column, TableSpec
from .tokens import Tokens


def table_tokens(spec: TableSpec, most: int) -> Tokens:
    """The tokens of all columns; those of numbers are ``most`` of equal shares beside values that
    stay alone."""
    found = [_cut(column, most) for column in spec.fields]
    count = max(len(single) for _, single in found)
    edges = [np.pad(ends, (0, count - len(ends) + 1), constant_values=1) for ends, _ in found]
    singles = [np.pad(single, (0, count - len(single))) for _, single in found]
    stepped = torch.tensor([column.step > 0 for column in spec.fields])
    return Tokens(torch.from_numpy(np.stack(edges)), torch.from_numpy(np.stack(singles)), stepped)


def _cut(column: Column, most: int) -> tuple[Array, Array]:
    """The ends (K + 1,) of the tokens, and whether each is one value, (K,)."""
    length = np.array(column.high) - np.array(column.low)
    shares = np.array([column.missing, *(np.array(column.mass) * (1 - column.missing))])
    single = np.array([True, *(length <= column.step * 1.5)])
    single, shares = single[shares > 0], shares[shares > 0] / shares.sum()
    if not column.levelled and len(shares) > most:
        first = np.flatnonzero(_begins(shares, single, most))
        last = np.append(first[1:], len(shares))
        single = single[first] & (last - first == 1)
        shares = np.add.reduceat(shares, first)
    return np.concatenate([[0.0], np.cumsum(shares)[:-1], [1.0]]), single


def _begins(shares: Array, single: Array, most: int) -> Array:
    """Which pieces begin a token."""
    many = shares >= 1 / most
    alone = many | (single if single.sum() <= 2 * most else False)
    begins, held = np.ones(len(shares), bool), 0.0
    for k in range(1, len(shares)):
        held += shares[k - 1]
        begins[k] = alone[k] or alone[k - 1] or held >= 1 / most
        held = 0.0 if begins[k] else held
    return begins
