"""A feature space: a fixed map from examples to vectors, in which samples of a model are compared
with real data.

Distances between sets of raw pixels say little, so sets are compared after a map phi (Heusel et al.
2017, arXiv 1706.08500, use the Inception network). Every number taken in a feature space is a
number of that space: two Frechet distances compare only under the same phi, so each extractor has a
*digest* of its parameters and its code, which goes into the report, and is saved beside the
comparison.

**Pitfall.** A map that was fitted to the training split sees what mattered there, and is blind to
the rest: a model can match it and be wrong. Hence the second opinions, whose maps were chosen by
other means.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from ...core.capabilities import Array
from ...core.inference_threads import inference_threads
from ...core.spec import DataSpec
from ...data.columns.frames import as_numbers

Tell = Callable[[str], None]

VERSION = 1  # of the maps: raise it when the same parameters would give other features
# examples at a time: always as many, so that no kernel is chosen by the size of the batch
BATCH = 128


class Extractor(ABC):
    """phi: examples in the user's units -> vectors in R^dim.

    ``name``: of the space, in keys such as ``frechet/learned``; ``about``: one sentence for the
    report; ``dim``: the length of the vectors.
    """

    name: str

    def __init__(self, spec: DataSpec, about: str, dim: int) -> None:
        self.spec, self.about, self.dim = spec, about, dim

    def __call__(self, values: Array) -> Array:
        """``values`` (n, *user_shape) in the user's units -> float64 (n, dim); the i-th row depends
        on the i-th example alone.

        Raises `UserError` on another shape or on NaN.
        """
        rows = [
            self._block(values[start : start + BATCH]) for start in range(0, len(values), BATCH)
        ]
        return np.concatenate(rows) if rows else np.empty((0, self.dim))

    @cached_property
    def digest(self) -> str:
        """Hexadecimal name of what determines the features: parameters, settings and version of the
        code."""
        name = hashlib.blake2b(
            f"{VERSION} {self.name} {json.dumps(self.settings(), sort_keys=True)}".encode(),
            digest_size=8,
        )
        for key, tensor in sorted(self.parameters().items()):
            name.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
            name.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return name.hexdigest()

    @abstractmethod
    def features(self, x: Tensor) -> Tensor:
        """Vectors (B, dim) of examples as the networks see them, (B, *spec.shape)."""

    @abstractmethod
    def state(self) -> dict[str, Tensor]:
        """What must be kept to have the same features again."""

    def parameters(self) -> dict[str, Tensor]:
        """The numbers that the digest is taken of: the state, unless that lies elsewhere."""
        return self.state()

    def settings(self) -> dict[str, Any]:
        """What must be kept beside the state, as JSON."""
        return {}

    @classmethod
    @abstractmethod
    def restore(
        cls,
        spec: DataSpec,
        about: str,
        dim: int,
        settings: dict[str, Any],
        state: dict[str, Tensor],
    ) -> Self:
        """The extractor that `settings` and `state` were taken from."""

    def to_json(self) -> dict[str, Any]:
        """Name, description, dimension and digest, as they stand in the report."""
        return {"name": self.name, "about": self.about, "dim": self.dim, "digest": self.digest}

    @torch.inference_mode()
    @inference_threads()
    def _block(self, values: Array) -> Array:
        x = self.spec.to_internal(as_numbers(values, self.spec))
        # one size and one layout in memory: either decides which kernels run
        whole = torch.zeros(BATCH, *x.shape[1:])
        whole[: len(x)] = x
        rows: Array = self.features(whole)[: len(x)].double().numpy()
        return rows
