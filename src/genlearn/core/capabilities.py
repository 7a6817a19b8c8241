"""What a model can do, as types. A face or a metric asks ``isinstance(model, Scores)``, never for a model by name.

What a model cannot do is absent from its class line: a GAN has no ``score_samples`` to raise from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from .panel import Panel
from .spec import DataSpec

Array = NDArray[Any]
LogProbKind = Literal["exact", "bound", "estimate"]


class Examples(Protocol):
    """Prepared data: what the engine trains on and the models measure."""

    @property
    def spec(self) -> DataSpec: ...

    @property
    def labels(self) -> Array | None: ...

    @property
    def fingerprint(self) -> str:
        """Names the content: equal for equal data."""
        ...

    def __len__(self) -> int: ...

    def user(self, index: slice | Array) -> Array:
        """Examples in the user's units, shape (n, *user shape)."""
        ...

    def batch(self, index: Array) -> tuple[Tensor, Tensor | None]:
        """Examples as the networks see them, (n, *spec.shape), and their labels (n,) if there are any."""
        ...


class Learnable(ABC):
    """A model keeps all that it learns in networks: weights that are trained, numbers that are estimated."""

    spec_: DataSpec
    networks_: nn.ModuleDict

    @abstractmethod
    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        """New networks for data of this kind, by name."""


class Trainable(Learnable):
    """A model yields its gradient steps, in its paper's order; the loop never asks which family it trains."""

    @abstractmethod
    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        """Pairs (network, loss), one for each gradient step. x: (B, *spec.shape), y: (B,)."""

    def before_step(self, progress: float) -> None:
        """Growth and annealing; ``progress`` in [0, 1] is the share of training that is done."""

    def calibrate(self, data: Examples) -> None:
        """Measure what sampling needs beside the gradient steps (densities of codes, averages). Called before each preview."""


class Estimable(Learnable):
    """A model learns in one go: in closed form, or by an algorithm that is its own, such as EM."""

    @abstractmethod
    def estimate(self, data: Examples) -> None:
        """Fill the buffers of ``networks_`` from all of ``data``. torch's generators are seeded; other randomness is derived from ``seed``."""


class Samples(ABC):
    """Draws new data from p(x)."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by ``seed``: each depends on the seed and its
        number alone."""


class Encodes(ABC):
    """Maps data to a latent space and back: ``reconstruct`` is ``decode`` after ``encode``."""

    @abstractmethod
    def encode(self, X: Any) -> Array:
        """Codes (n, latent_dim) of examples in the user's units; deterministic."""

    @abstractmethod
    def decode(self, Z: Any) -> Array:
        """Examples in the user's units from codes (n, latent_dim)."""

    def reconstruct(self, X: Any) -> Array:
        """``decode(encode(X))``."""
        return self.decode(self.encode(X))

    def interpolate(self, a: Any, b: Any, n: int = 8) -> Array:
        """``n`` examples on the straight line between the codes of two examples, both ends included."""
        za, zb = self.encode(a), self.encode(b)
        t = np.linspace(0, 1, n, dtype=za.dtype)[:, None]
        return self.decode((1 - t) * za[:1] + t * zb[:1])


class Scores(ABC):
    """Knows log p(x), in nats, of a density over the user's data space."""

    @property
    @abstractmethod
    def log_prob_kind(self) -> LogProbKind:
        """Of the class, or of the fitted model where it depends on the data."""

    @abstractmethod
    def score_samples(self, X: Any) -> Array:
        """log p(x) of each example, shape (n,), in nats. For discrete data, of the probability of the example."""

    def score(self, X: Any, y: Any = None) -> float:
        """Mean log p(x), in nats."""
        return float(np.mean(self.score_samples(X)))


class Denoises(ABC):
    """Removes noise from the user's examples."""

    @abstractmethod
    def denoise(self, X: Any) -> Array:
        """The clean examples, in the user's units and of the shape of ``X``."""


class Illustrates(ABC):
    """Brings panels of its own along for the report: a GAN its game, a diffusion model its strip."""

    @abstractmethod
    def panels(self, data: Examples) -> list[Panel]:
        """Panels of the fitted model; ``data`` are examples that it was not trained on."""
