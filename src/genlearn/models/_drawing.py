"""Drawing: the noise that each sample is made of, and samples a chunk at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.estimator_types import GenerativeModel
from ..core.seeding import normal, seed_for, uniform

_CHUNK = 512  # samples that are drawn at a time


@dataclass(frozen=True)
class NoiseStream:
    """The noise of ``n`` samples, number ``start`` and on of the stream named by ``seed``: N(0, I),
    (n, *shape)."""

    seed: int
    start: int
    n: int
    shape: tuple[int, ...]
    device: torch.device

    def first(self) -> Tensor:
        """What they start from."""
        return normal(self.seed, self.start, self.n, self.shape).to(self.device)

    def step(self, number: int) -> Tensor:
        """Fresh noise for the step ``number``."""
        return normal(seed_for(self.seed, "step", number), self.start, self.n, self.shape).to(
            self.device
        )

    def uniform(self, what: str) -> Tensor:
        """A number in (0, 1) for each, (n,), by which to choose ``what``."""
        drawn = uniform(seed_for(self.seed, what), self.start, self.n, ())
        return drawn.float().to(self.device)


class SampleFunction(Protocol):
    """Examples number ``start`` to ``start + n`` of the stream named by ``seed``, in the user's
    units."""

    def __call__(self, n: int, seed: int, start: int) -> Array: ...


def in_batches(
    model: GenerativeModel, n: int, seed: int | None, start: int, draw: SampleFunction
) -> Array:
    """What ``draw`` gives of the stream of ``seed`` (default: the model's), a chunk at a time."""
    check_is_fitted(model)
    if n < 1 or start < 0:
        raise UserError(
            f"n={n} and start={start} were given; a sample takes at least 1, and numbers start at 0"
        )
    name, end = seed_for(model.seed if seed is None else seed, "sample"), start + n
    return np.concatenate(
        [draw(min(_CHUNK, end - first), name, first) for first in range(start, end, _CHUNK)]
    )
