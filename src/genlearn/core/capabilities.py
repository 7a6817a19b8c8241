"""What a model can do, as types. A face or a metric asks ``isinstance(model, Scores)``, never for a model by name.

What a model cannot do is absent from its class line: a GAN has no ``score_samples`` to raise from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .panel import Panel
from .spec import DataSpec

Array = NDArray[Any]
LogProbKind = Literal["exact", "bound", "estimate"]
Quality = Literal["fast", "balanced", "best"]


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


class Samples(ABC):
    """Draws new data from p(x)."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream of ``seed``; each depends on these two alone."""


class Encodes(ABC):
    """Maps data to a latent space and back: ``reconstruct`` is ``decode`` after ``encode``."""

    latent_dim_: int  # numbers in a code

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


class Inverts(Encodes):
    """Finds codes by optimisation, for want of an encoder: they are approximate, and take long."""


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


class DenoisesAt(Denoises):
    """Removes noise of a known strength, or estimates how strong it is."""

    @abstractmethod
    def denoise(self, X: Any, noise: float | None = None) -> Array:
        """The expected clean examples. ``noise``: its standard deviation, in the user's units for images and in standard deviations of each column
        for tables; None: estimated for each example."""

    @abstractmethod
    def noise_of(self, X: Any) -> Array:
        """The standard deviation of the noise on each example, as estimated, shape (n,); in the units of ``denoise``."""


class Inpaints(ABC):
    """Fills in what is missing of an example."""

    @abstractmethod
    def inpaint(self, X: Any, mask: Any, *, seed: int | None = None) -> Array:
        """Examples ``X`` (n, *user_shape) with new values where ``mask`` is true, and their own everywhere else.

        ``mask``: one for all examples or one for each, of the shape of an example, or of its height and width.
        """


class Conditional(Samples):
    """Draws new data of a class, if it learned from classes."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0, label: str | int | None = None) -> Array:
        """``label``: the class by name or number, None for any."""


class Guided(Conditional):
    """Draws new data of a class, or as a text describes it, and exaggerates what tells it from others, if it learned from classes or captions."""

    @abstractmethod
    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
    ) -> Array:
        """``guidance``: how far to exaggerate, 1 for not at all; ``prompt``: a text or several, in turn; ``negative``: what to lead away from."""


class Styles(Samples):
    """Draws new data in a style, layer by layer."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0, truncation: float | None = None, mixing: int | None = None) -> Array:
        """``truncation``: how far from their average, 1 for as far as styles are; ``mixing``: coarse layers that follow one noise, not another."""


class Stepwise(Samples):
    """Draws new data in steps, each of which takes as long."""

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0, steps: int | None = None) -> Array:
        """In so many ``steps``, by default the model's."""


class Converges(Stepwise):
    """Draws new data by a sampler: more of its steps come closer to what the model has learned."""

    @abstractmethod
    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        steps: int | None = None,
        sampler: str | None = None,
        quality: Quality | None = None,
    ) -> Array:
        """``steps`` of ``sampler``, by default the model's; or as many as ``quality`` takes."""

    @abstractmethod
    def quality_curve(self, sampler: str | None = None) -> dict[int, float]:
        """Distance of samples from where endless steps would lead, in standard deviations of the data, by number of steps of ``sampler``."""

    @abstractmethod
    def enough(self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None) -> tuple[str, int]:
        """The sampler (``sampler``, if it can be measured) and its steps that ``quality`` takes by ``curve`` (default: one measured now)."""


class Diffuses(ABC):
    """Turns data into noise gradually, and noise into data: both can be watched."""

    @abstractmethod
    def diffuse(self, X: Any, columns: int = 8, *, seed: int | None = None) -> Array:
        """The forward process: each example at ``columns`` levels, from data to noise; (n, columns, *user_shape)."""

    @abstractmethod
    def emerge(self, n: int = 1, columns: int = 8, *, seed: int | None = None) -> tuple[Array, Array]:
        """The reverse process: ``n`` samples at ``columns`` levels, from noise to data, and what the model expected at each level to come out;
        both (n, columns, *user_shape)."""


class Discriminates(ABC):
    """Tells data from its own samples."""

    @abstractmethod
    def discriminate(self, X: Any) -> Array:
        """How sure the model is that each example is data and not one of its samples, shape (n,), in [0, 1]; no probability of the example."""


class Illustrates(ABC):
    """Brings panels of its own along for the report: a GAN its game, a diffusion model its strip."""

    @abstractmethod
    def panels(self, data: Examples) -> list[Panel]:
        """Panels of the fitted model; ``data`` are examples that it was not trained on."""
