"""A Gaussian mixture as a network: its parameters travel with the weights."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .components import chosen


class GaussianMixture(nn.Module):
    """sum_k w_k N(mean_k, L_k L_k^T) over vectors of ``dim``, fitted by scikit-learn's EM; maps
    noise to draws."""

    weights: Tensor
    means: Tensor
    factors: Tensor

    def __init__(self, components: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.full((components,), 1 / components))
        self.register_buffer("means", torch.zeros(components, dim))
        self.register_buffer("factors", torch.eye(dim).repeat(components, 1, 1))

    def fit(self, codes: NDArray[Any], seed: int) -> None:
        """Fit to ``codes`` (n, dim); with fewer codes than components, to as many components as
        there are codes."""
        from sklearn.mixture import GaussianMixture as EM

        scale = codes.std(0) + 1e-8  # EM's regularisation is absolute
        parts = min(len(self.weights), len(codes))
        em = EM(parts, reg_covar=1e-4, random_state=seed % 2**32, max_iter=50, tol=1e-2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an EM that stops early is still a density
            em.fit(codes / scale)
        factors = np.linalg.cholesky(em.covariances_) * scale[:, None]
        self.weights.zero_()[:parts] = torch.from_numpy(em.weights_)
        self.means[:parts] = torch.from_numpy(em.means_ * scale)
        self.factors[:parts] = torch.from_numpy(factors)

    def forward(self, eps: Tensor, choice: Tensor) -> Tensor:
        """Draws from standard normals ``eps`` (B, dim) and uniforms ``choice`` (B,)."""
        part = chosen(self.weights, choice)
        return self.means[part] + torch.einsum("bij,bj->bi", self.factors[part], eps.to(self.means))
