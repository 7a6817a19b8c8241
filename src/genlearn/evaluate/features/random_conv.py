"""Random convolutions: the second opinion on images, which no training can bend.

Filters are drawn once and for all from a fixed seed, made free of their mean and orthonormal, and
applied to the image at full, half and quarter size; each response is rectified both ways and
averaged over a coarse grid, so that texture, edges and their rough places are seen together with
the averaged pixels themselves. Random filters followed by rectifying and pooling are known to be a
strong representation without any learning (Jarrett et al. 2009, "What is the best multi-stage
architecture for object recognition?"). The several hundred numbers are reduced to their leading
principal components over the training split, since the bias of a Frechet distance grows with the
square of the dimension.
"""

from __future__ import annotations

from typing import Any, Self, final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...core.seeding import seed_for
from ...core.spec import DataSpec
from ...data import Dataset
from .base import Extractor
from .feature_stats import common_scale, principal_components, subset

COMPONENTS = 64
_FILTERS, _SIDE, _SCALES, _GRID = 24, 3, 3, 3


@final
class RandomConvolutions(Extractor):
    """phi(x) = (pooled(x) - mean) @ basis; filters (F, C, 3, 3) for each scale, mean (D,), basis
    (D, k)."""

    name = "random"

    def __init__(
        self, spec: DataSpec, about: str, filters: list[Tensor], mean: Tensor, basis: Tensor
    ) -> None:
        super().__init__(spec, about, basis.shape[1])
        self.filters, self.mean, self.basis = filters, mean, basis

    @classmethod
    def fit(cls, train: Dataset, seed: int) -> Self:
        """Filters from a fixed seed; mean and principal directions of their responses from the
        training split."""
        shape, scales = train.spec.shape, _scales(train.spec.shape)
        filters = [
            _orthonormal(shape[0], seed_for(0, "features", "random", scale))
            for scale in range(scales)
        ]
        x = subset(train, seed)
        responses = torch.cat([responses_of(part, filters) for part in torch.split(x, 256)])
        mean, basis = principal_components(responses, COMPONENTS)
        about = (
            f"{responses.shape[1]} responses of fixed random convolutions at {scales} scales,"
            f" reduced to {basis.shape[1]} principal components"
        )
        return cls(
            train.spec,
            about,
            filters,
            mean,
            basis * common_scale((responses.double() - mean) @ basis),
        )

    def features(self, x: Tensor) -> Tensor:
        return (responses_of(x, self.filters).double() - self.mean) @ self.basis

    def state(self) -> dict[str, Tensor]:
        return {
            "mean": self.mean,
            "basis": self.basis,
            **{f"filters{i}": one for i, one in enumerate(self.filters)},
        }

    @classmethod
    def restore(
        cls,
        spec: DataSpec,
        about: str,
        dim: int,
        settings: dict[str, Any],
        state: dict[str, Tensor],
    ) -> Self:
        filters = [state[f"filters{i}"] for i in range(len(state) - 2)]
        return cls(spec, about, filters, state["mean"], state["basis"])


@torch.inference_mode()
def responses_of(x: Tensor, filters: list[Tensor]) -> Tensor:
    """Rectified responses at each scale, averaged over a coarse grid, and the averaged pixels: (B,
    D)."""
    parts = [_pooled(x)]
    for bank in filters:
        answer = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), bank)
        parts += [_pooled(answer.relu()), _pooled((-answer).relu())]
        x = F.avg_pool2d(x, 2, ceil_mode=True)
    return torch.cat(parts, 1)


def _pooled(x: Tensor) -> Tensor:
    h, w = x.shape[2:]
    return F.adaptive_avg_pool2d(x, (min(_GRID, h), min(_GRID, w))).flatten(1)


def _scales(shape: tuple[int, ...]) -> int:
    return max(1, min(_SCALES, min(shape[1:]).bit_length() - 2))


def _orthonormal(channels: int, seed: int) -> Tensor:
    """Filters (F, C, 3, 3) of norm one, without a mean, orthogonal to one another as far as there
    is room."""
    size = channels * _SIDE**2
    banks: list[np.ndarray[Any, Any]] = []
    rng = np.random.default_rng(seed)
    while sum(map(len, banks)) < _FILTERS:
        raw = rng.normal(size=(size, size - 1))
        banks.append(np.linalg.qr(raw - raw.mean(0))[0].T)
    return (
        torch.from_numpy(np.concatenate(banks)[:_FILTERS])
        .float()
        .reshape(_FILTERS, channels, _SIDE, _SIDE)
    )
