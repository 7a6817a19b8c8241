r"""The distribution function of each column alone, by which it is uniform on [0, 1] before anything
is learned of what columns do together:

    u = Phi(z),   z = s(x) rising and linear between knots,   p(x) = p(u) phi(z) s'(x).

Columns of a table are standard normal inside, and s is the identity. In columns of plain numbers, s
takes quantiles to those of the normal, so that a normal column is met exactly by any number of
knots, and goes on beyond the outermost as it was between the last two: tails are normal.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

_LEAST = 1e-12  # share of [0, 1] that is kept from its ends
_THINNEST = 1e-3  # half the width of a value that never varies, in standard deviations


class Margins(nn.Module):
    """s passes through ``knots`` (D, M + 1), rising, at the heights ``scores`` (D, M + 1); the
    identity at first."""

    knots: Tensor
    scores: Tensor

    def __init__(self, columns: int, pieces: int = 1) -> None:
        super().__init__()
        line = torch.linspace(-1, 1, pieces + 1, dtype=torch.float64).repeat(columns, 1)
        self.register_buffer("knots", line)
        self.register_buffer("scores", line.clone())

    def fill(self, x: Tensor) -> None:
        """Measure examples x (n, D)."""
        for column, values in enumerate(x.double().cpu().T):
            knots, levels = _quantiles(values.contiguous(), self.knots.shape[1] - 1)
            least = 0.5 / len(x)
            self.knots[column] = knots
            self.scores[column] = torch.special.ndtri(levels * (1 - 2 * least) + least)

    @property
    def levels(self) -> Tensor:
        """u at the knots, and at the ends of the line, (D, M + 3)."""
        ends = self.scores.new_tensor([0.0, 1.0]).expand(len(self.scores), 2)
        return torch.cat([ends[:, :1], torch.special.ndtr(self.scores), ends[:, 1:]], 1)

    def normal(self, x: Tensor) -> Tensor:
        """z (n, D), double, of x (n, D)."""
        return _linear(self.knots, self.scores, x.double())[0]

    def forward(self, x: Tensor) -> Tensor:
        """u (n, D), double, of x (n, D)."""
        u: Tensor = torch.special.ndtr(self.normal(x))
        return u

    def inverse(self, u: Tensor) -> Tensor:
        """x (n, D), double, of u (n, D)."""
        z = torch.special.ndtri(u.double().clamp(_LEAST, 1 - _LEAST))
        return _linear(self.scores, self.knots, z)[0]

    def log_density(self, x: Tensor) -> Tensor:
        """log du/dx, (n, D)."""
        z, slope = _linear(self.knots, self.scores, x.double())
        return slope.log() - (z.square() + math.log(2 * math.pi)) / 2


def _linear(line: Tensor, heights: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """The height at each of x (n, D), and the slope there; the outer pieces go on for ever."""
    k = torch.searchsorted(line[:, 1:-1].contiguous(), x.T.contiguous(), right=True)
    low, high, start, end = (row.gather(1, at).T for row in (heights, line) for at in (k, k + 1))
    slope = (high - low) / (end - start)
    return low + slope * (x - start), slope


def _quantiles(values: Tensor, pieces: int) -> tuple[Tensor, Tensor]:
    """Knots and the shares of ``values`` (n,) below them, (pieces + 1,): in the middle between
    neighbouring values, so that pieces have equal shares as nearly as repeated values allow."""
    distinct, counts = map(torch.from_numpy, np.unique(values.numpy(), return_counts=True))
    shares = counts.cumsum(0).double() / len(values)
    wanted = torch.arange(1, pieces, dtype=torch.float64) / pieces
    found = np.unique(torch.searchsorted(shares, wanted - 1e-9).numpy())
    last = torch.from_numpy(found[found < len(distinct) - 1])
    middle = (distinct[last] + distinct[last + 1]) / 2
    half = float(distinct.diff().median()) / 2 if len(distinct) > 1 else _THINNEST
    knots = torch.cat([distinct[:1] - half, middle, distinct[-1:] + half])
    levels = torch.cat([shares.new_zeros(1), shares[last], shares.new_ones(1)])
    return _refined(knots, levels, pieces + 1)


def _refined(knots: Tensor, levels: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """So many knots, where there are fewer: the longest piece is cut evenly."""
    cut, more = int(knots.diff().argmax()), count - len(knots)
    share = torch.arange(1, more + 1, dtype=torch.float64) / (more + 1)
    found = [
        torch.cat([row[: cut + 1], row[cut] + share * (row[cut + 1] - row[cut]), row[cut + 1 :]])
        for row in (knots, levels)
    ]
    return found[0], found[1]
