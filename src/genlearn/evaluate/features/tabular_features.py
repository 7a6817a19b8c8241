"""Tables: the columns themselves, and random Fourier features of them.

**Columns.** z = (x - mean) / scale, each number then bounded softly: phi(z) = z for |z| <= b, else
sign(z) (b + log(1 + |z| - b)). Phi is smooth to first order and the identity on nearly all of a
Gaussian, so closed forms hold; without it a handful of outliers would own every moment. Constant
columns carry nothing and are dropped; a table of many columns is reduced to its leading principal
components, since the bias of a Frechet distance grows with the square of the dimension.

**Random Fourier features** (Rahimi & Recht 2007, "Random features for large-scale kernel
machines"): cos(w . z + b), w ~ N(0, I / l^2), b ~ U(0, 2 pi). The mean of their products is the
kernel exp(-||z - z'||^2 / 2 l^2), so a difference of mean features is a maximum mean discrepancy:
it sees dependence of any kind between columns, which means and covariances miss. Three lengths l
around the median distance cover coarse and fine.
"""

from __future__ import annotations

import math
from typing import Any, Self, final

import numpy as np
import torch
from torch import Tensor

from ...core.seeding import seed_for
from ...core.spec import DataSpec
from ...data import Dataset
from .base import Extractor
from .feature_stats import common_scale, principal_components, subset

BOUND = 4.0  # standard deviations beyond which a number counts by its logarithm
MOST = 64  # coordinates, at most
FOURIER_FEATURES = 96  # random features
_LENGTHS = (0.5, 1.0, 2.0)  # in median distances
_DISTANCES = 1000  # examples that the median is taken over


@final
class TabularFeatures(Extractor):
    """phi(x) = (bounded((x - mean) / scale) - centre) @ basis; the basis also selects the columns
    that vary."""

    name = "columns"

    def __init__(
        self, spec: DataSpec, about: str, mean: Tensor, scale: Tensor, basis: Tensor
    ) -> None:
        super().__init__(spec, about, basis.shape[1])
        self.mean, self.scale, self.basis = mean, scale, basis

    @classmethod
    def fit(cls, train: Dataset, seed: int) -> Self:
        """Mean and scale of the training split's columns, and its principal directions where there
        are more than `MOST`."""
        x = subset(train, seed).double()
        mean, scale = x.mean(0), x.std(0, unbiased=False)
        varies = scale > 1e-9
        scale = torch.where(varies, scale, 1.0)
        basis = torch.eye(len(mean), dtype=torch.float64)[
            :, varies if varies.any() else slice(0, 1)
        ]
        about = (
            f"the {basis.shape[1]} columns that vary, standardised, beyond {BOUND:g} standard"
            " deviations by their logarithm"
        )
        if basis.shape[1] > MOST:
            basis = basis @ principal_components(soft_clip((x - mean) / scale) @ basis, MOST)[1]
            basis = basis * common_scale(soft_clip((x - mean) / scale) @ basis)
            about += f", and reduced to {MOST} principal components"
        return cls(train.spec, about, mean, scale, basis)

    def features(self, x: Tensor) -> Tensor:
        return soft_clip((x.double() - self.mean) / self.scale) @ self.basis

    def state(self) -> dict[str, Tensor]:
        return {"mean": self.mean, "scale": self.scale, "basis": self.basis}

    @classmethod
    def restore(
        cls,
        spec: DataSpec,
        about: str,
        dim: int,
        settings: dict[str, Any],
        state: dict[str, Tensor],
    ) -> Self:
        return cls(spec, about, state["mean"], state["scale"], state["basis"])


@final
class RandomFourierFeatures(Extractor):
    """phi(x) = c cos(columns(x) @ w + b), w (k, m), b (m,)."""

    name = "random"

    def __init__(
        self, columns: TabularFeatures, about: str, w: Tensor, b: Tensor, c: float
    ) -> None:
        super().__init__(columns.spec, about, len(b))
        self.columns, self.w, self.b, self.c = columns, w, b, c

    @classmethod
    def fit(cls, columns: TabularFeatures, train: Dataset, seed: int) -> Self:
        """Directions are drawn from a fixed seed; their lengths follow the median distance between
        training examples."""
        z = columns.features(subset(train, seed))
        rng = np.random.default_rng(seed_for(0, "features", "waves"))
        length = torch.tensor(_LENGTHS).repeat(
            FOURIER_FEATURES // len(_LENGTHS)
        ).double() * _median_distance(z)
        w = torch.from_numpy(rng.normal(size=(columns.dim, FOURIER_FEATURES))) / length
        b = torch.from_numpy(rng.uniform(0, 2 * math.pi, FOURIER_FEATURES))
        about = (
            f"{FOURIER_FEATURES} random Fourier features of the standardised columns, which see"
            " dependence of any kind"
        )
        return cls(columns, about, w, b, common_scale(torch.cos(z @ w + b)))

    def features(self, x: Tensor) -> Tensor:
        return self.c * torch.cos(self.columns.features(x) @ self.w + self.b)

    def state(self) -> dict[str, Tensor]:
        return {**self.columns.state(), "w": self.w, "b": self.b}

    def settings(self) -> dict[str, Any]:
        return {"scale": self.c}

    @classmethod
    def restore(
        cls,
        spec: DataSpec,
        about: str,
        dim: int,
        settings: dict[str, Any],
        state: dict[str, Tensor],
    ) -> Self:
        columns = TabularFeatures.restore(spec, "", 0, {}, state)
        return cls(columns, about, state["w"], state["b"], settings["scale"])


def soft_clip(z: Tensor) -> Tensor:
    """z where |z| <= `BOUND`, logarithmic beyond; continuous with its derivative."""
    beyond = (z.abs() - BOUND).clamp(min=0)
    return z.clamp(-BOUND, BOUND) + z.sign() * torch.log1p(beyond)


def _median_distance(z: Tensor) -> float:
    distances = torch.pdist(z[:_DISTANCES])
    median = float(distances.median()) if len(distances) else 0.0
    return median if median > 0 else 1.0
