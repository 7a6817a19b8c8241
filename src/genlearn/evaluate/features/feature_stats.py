"""Statistics of the training split that fixed maps are built on: principal components and one
common scale.

PCA: with S the covariance of the examples, S u_k = lambda_k u_k, lambda_1 >= lambda_2 >= ...; an
example's coordinates are u_k . (x - mean). One factor for all coordinates, chosen so that the mean
variance is one, makes figures of different data comparable without changing their order.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ...core.seeding import seed_for
from ...data import Dataset

_EXAMPLES = 10_000
_NUMBERS = 30_000_000


def subset(data: Dataset, seed: int, numbers: int | None = None) -> Tensor:
    """Examples as the networks see them, (n, *spec.shape): all of them, or as many drawn at random
    as memory and time allow.

    ``numbers``: in what is computed from one example; by default those in the example.
    """
    most = max(64, min(_EXAMPLES, _NUMBERS // (numbers or data.spec.dim)))
    order = np.random.default_rng(seed_for(seed, "features", "subset")).permutation(len(data))[
        :most
    ]
    return data.spec.to_internal(data.user(np.sort(order)))


def principal_components(rows: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Mean (D,) and the leading principal directions (D, k), float64, of rows (n, D): ``most`` of
    them, or as many as there are."""
    rows = rows.double()
    mean = rows.mean(0)
    centred = rows - mean
    wide = centred.shape[1] > centred.shape[0]
    values, vectors = torch.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    values, vectors = values.flip(0)[:most], vectors.flip(1)[:, :most]
    kept = values > 1e-10 * values[0].clamp(min=1e-30)
    kept[0] = True  # constant data: one coordinate, zero everywhere
    basis = (
        vectors[:, kept]
        if not wide
        else centred.T @ vectors[:, kept] / values[kept].clamp(min=1e-30).sqrt()
    )
    return mean, basis * _signs(basis)


def common_scale(rows: Tensor) -> float:
    """The factor that makes the mean variance of the columns of rows (n, D) one; 1 for constant
    rows."""
    variance = float(rows.double().var(0, unbiased=False).mean())
    return 1.0 if variance < 1e-20 else variance**-0.5


def _signs(basis: Tensor) -> Tensor:
    """An eigenvector's sign is arbitrary: the largest entry is made positive."""
    signs = basis.gather(0, basis.abs().argmax(0, keepdim=True)).sign()
    return torch.where(signs == 0, 1.0, signs)
