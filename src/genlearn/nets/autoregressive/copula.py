r"""The Gaussian copula of a table's columns: any of them given any others, in closed form.

    z_i = Phi^-1(u_i),   z ~ N(0, R),   z_i | z_S ~ N(R_iS R_SS^-1 z_S, 1 - R_iS R_SS^-1 R_Si)

(Nelsen 2006, "An introduction to copulas", 2.). R is the correlation of the normal scores, drawn
towards I by the share that suits rows which were kept from it best. A small part of each
conditional is the column's own N(0, 1) all the same, so that no row is far less likely than if
columns were independent, where the copula is wrong about it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_OWN = 0.02  # the part of a conditional that is N(0, 1)
_TOWARDS_I = (1e-3, 0.01, 0.03, 0.1, 0.3, 1.0)  # shares of I that are tried
_KEPT, _MOST = 10, 2000  # one row in so many is kept from R, and so many in all
_LEAST = 1e-12  # share of [0, 1] that is kept from its ends


@dataclass(frozen=True)
class Conditional:
    """p(z) = (1 - e) N(mean, sd^2) + e N(0, 1), for each of some values."""

    mean: Tensor
    sd: Tensor

    def below(self, z: Tensor) -> Tensor:
        """P of less than ``z``."""
        inside = torch.special.ndtr((z - self.mean) / self.sd)
        return torch.lerp(inside, torch.special.ndtr(z), _OWN)

    def log_density(self, z: Tensor) -> Tensor:
        """Beside that of N(0, 1)."""
        own = z.square() / 2
        away = own - ((z - self.mean) / self.sd).square() / 2 - self.sd.log()
        return torch.logaddexp(away + math.log(1 - _OWN), torch.full_like(away, math.log(_OWN)))

    def between(self, low: Tensor, high: Tensor, chance: Tensor) -> Tensor:
        """A draw from between ``low`` and ``high``, by a ``chance`` in [0, 1]."""
        ends = [torch.special.ndtr((z - self.mean) / self.sd) for z in (low, high)]
        own = [torch.special.ndtr(z) for z in (low, high)]
        masses = [(1 - _OWN) * (ends[1] - ends[0]), _OWN * (own[1] - own[0])]
        first = masses[0] / (masses[0] + masses[1]).clamp(min=1e-300)
        near = (chance / first.clamp(min=1e-300)).clamp(0, 1)
        far = ((chance - first) / (1 - first).clamp(min=1e-300)).clamp(0, 1)
        conditional = self.mean + self.sd * normal_scores(torch.lerp(ends[0], ends[1], near))
        drawn = torch.where(
            chance < first, conditional, normal_scores(torch.lerp(own[0], own[1], far))
        )
        return drawn.clamp(low, high)

    def part(self, *index: Any) -> Conditional:
        """Of some of the values."""
        return Conditional(self.mean[index], self.sd[index])


class GaussianCopula(nn.Module):
    """``correlation`` (D, D) of the normal scores of D columns; I at first."""

    correlation: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("correlation", torch.eye(columns, dtype=torch.float64))

    def fill(self, z: Tensor, low: Tensor, high: Tensor) -> None:
        """Measure normal scores ``z`` (n, D), of values that lie between ``low`` and ``high`` (n,
        D)."""
        kept = torch.arange(len(z), device=z.device) % max(_KEPT, len(z) // _MOST) == 0
        eye, found = torch.eye(z.shape[1]).to(z), _correlation(z[~kept])
        best, chosen = -math.inf, 1.0
        for share in _TOWARDS_I:
            self.correlation.copy_((1 - share) * found + share * eye)
            score = self._log_probability(z[kept], low[kept], high[kept])
            if score > best:
                best, chosen = score, share
        self.correlation.copy_((1 - chosen) * _correlation(z) + chosen * eye)

    def _log_probability(self, z: Tensor, low: Tensor, high: Tensor) -> float:
        """Of lying between, mean over rows, of the columns in their order."""
        ranks = torch.arange(z.shape[1], device=z.device).expand(len(z), -1)
        each = self.in_order(z, ranks)
        mass = each.below(high.T) - each.below(low.T)
        return float(mass.clamp(min=1e-30).log().sum(0).mean())

    def in_order(self, z: Tensor, ranks: Tensor) -> Conditional:
        """Of each column, (D, n), given those of lower rank, ``ranks`` (n, D), of rows ``z`` (n,
        D)."""
        order = ranks.argsort(1)
        same = bool((order == order[:1]).all())
        rows = order[:1] if same else order
        shuffled = self.correlation[rows[:, :, None], rows[:, None, :]]
        root = torch.linalg.cholesky(shuffled)
        values = z.gather(1, order)
        values = values.T[None] if same else values[..., None]  # (1, D, n), or (n, D, 1)
        mean = root.tril(-1) @ torch.linalg.solve_triangular(root, values, upper=False)
        mean = mean[0].T if same else mean[..., 0]
        sd = root.diagonal(dim1=1, dim2=2).expand(len(z), -1)
        back = order.argsort(1)
        return Conditional(mean.gather(1, back).T, sd.gather(1, back).T)

    def given_others(self, z: Tensor) -> Conditional:
        """Of each column, (D, n), given all others of rows ``z`` (n, D)."""
        precision = torch.linalg.inv(self.correlation)
        own = precision.diagonal()
        return Conditional((z - z @ precision / own).T, own.rsqrt()[:, None].expand(-1, len(z)))

    def given(self, z: Tensor, known: Tensor, column: int) -> Conditional:
        """Of one ``column``, (n,), given those that are ``known`` (n, D) of rows ``z``, which are
        not itself."""
        masks, which = torch.unique(known, dim=0, return_inverse=True)
        both = masks[:, :, None] & masks[:, None, :]
        known_part = torch.where(both, self.correlation, 0) + torch.diag_embed((~masks).to(z))
        shared = self.correlation[column] * masks
        weights = torch.linalg.solve(known_part, shared)
        variance = 1 - (weights * shared).sum(1)
        mean = (weights[which] * torch.where(known, z, 0)).sum(1)
        return Conditional(mean, variance.clamp(min=1e-9).sqrt()[which])


def normal_scores(u: Tensor) -> Tensor:
    """z of u in [0, 1], within seven deviations."""
    z: Tensor = torch.special.ndtri(u.clamp(_LEAST, 1 - _LEAST))
    return z


def _correlation(z: Tensor) -> Tensor:
    """(D, D); a column that never varies goes with none."""
    away = z - z.mean(0)
    sd = away.square().mean(0).sqrt()
    away = torch.where(sd > 1e-9, away / sd.clamp(min=1e-9), 0)
    found = away.T @ away / max(1, len(z))
    return found.fill_diagonal_(1.0)
