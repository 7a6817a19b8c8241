"""What a model can do, as types. A face or a metric asks ``isinstance(model, Scores)``, never for a
model by name.

What a model cannot do is absent from its class line: a GAN has no ``score_samples`` to raise from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Protocol, Unpack

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .errors import UserError, nearest
from .options import EnlargingOptions, Quality, SamplingOptions
from .spec import DataSpec

Array = NDArray[Any]
LogProbKind = Literal["exact", "bound", "estimate"]


class DatasetProtocol(Protocol):
    """Prepared data: what the engine trains on and the models measure."""

    @property
    def spec(self) -> DataSpec: ...

    @property
    def labels(self) -> Array | None: ...

    @property
    def fingerprint(self) -> str:
        """Names the content: equal for equal data."""
        ...

    @property
    def asked(self) -> dict[str, Any]:
        """The options that it was opened with, where any were given."""
        ...

    def __len__(self) -> int: ...

    def user(self, index: slice | Array) -> Array:
        """Examples in the user's units, shape (n, *user shape)."""
        ...

    def batch(self, index: Array) -> tuple[Tensor, Tensor | None]:
        """Examples as the networks see them, (n, *spec.shape), and their labels (n,) if there are
        any."""
        ...


class Samples(ABC):
    """Draws new data from p(x)."""

    # what `sample` takes beside these
    sampling_options: ClassVar[type[SamplingOptions]] = SamplingOptions

    @abstractmethod
    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream of
        ``seed``; each depends on these two alone."""


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
        """``n`` examples on the straight line between the codes of two examples, both ends
        included."""
        za, zb = self.encode(a), self.encode(b)
        t = np.linspace(0, 1, n, dtype=za.dtype)[:, None]
        return self.decode((1 - t) * za[:1] + t * zb[:1])


class HasFeatures(ABC):
    """Has layers whose activations tell examples apart better than its codes do, at times t between
    data, 0, and noise, 1."""

    @property
    @abstractmethod
    def feature_layers_(self) -> tuple[str, ...]:
        """Names of the layers, from the first to the last."""

    @property
    @abstractmethod
    def feature_times_(self) -> tuple[float, ...]:
        """Times at which layers are worth asking, from little noise to much."""

    @abstractmethod
    def layer_features(self, X: Any, layers: Sequence[str], t: float) -> dict[str, Array]:
        """Features (n, d) by layer of examples in the user's units, at ``t``; deterministic."""

    def check_feature(self, layer: str, t: float) -> None:
        """Raise `UserError` for a layer that there is not, and a time that lies not between."""
        if layer not in self.feature_layers_:
            raise UserError(
                f"layer {layer!r} was asked for; there is none;"
                f" {nearest(layer, self.feature_layers_)}"
            )
        if not 0 < t < 1:
            raise UserError(f"t={t:g} was asked for; a time lies between 0, data, and 1, noise")

    def features(self, X: Any, layer: str, t: float) -> Array:
        """Features (n, d) of examples in the user's units, by one layer at ``t``."""
        return self.layer_features(X, (layer,), t)[layer]


class InfersPosterior(Encodes):
    """Knows of each example not one code but a distribution of codes, q(z|x)."""

    @abstractmethod
    def posterior(self, X: Any) -> tuple[Array, Array]:
        """Mean (n, latent_dim) and covariance (n, latent_dim, latent_dim) of q(z|x) for examples in
        the user's units."""


class InvertsByOptimization(Encodes):
    """Finds codes by optimisation, for want of an encoder: they are approximate, and take long."""


class DecodesExactly(Encodes):
    """Decodes to the same values on any machine, as what is compressed by it has to be."""

    @abstractmethod
    def decode_exactly(self, Z: Any) -> Array:
        """As `decode`, in double precision, whose rounding errors differ between machines but
        hardly ever reach a value of an image."""


class EncodesWords(DecodesExactly):
    """Has codes that are words of a vocabulary."""

    vocabulary_: int  # words there are
    word_shape_: tuple[int, ...]  # of the words of an example

    @abstractmethod
    def encode_indices(self, X: Any) -> Array:
        """Words of examples, whole numbers below ``vocabulary_``, (n, *word_shape_)."""

    @abstractmethod
    def codes_of_indices(self, indices: Any) -> Array:
        """Codes (n, latent_dim) that stand for words. Raises `UserError` for words that there are
        not."""


class Scores(ABC):
    """Knows log p(x), in nats, of a density over the user's data space."""

    @property
    @abstractmethod
    def log_prob_kind(self) -> LogProbKind:
        """Of the class, or of the fitted model where it depends on the data."""

    @abstractmethod
    def score_samples(self, X: Any) -> Array:
        """log p(x) of each example, shape (n,), in nats. For discrete data, of the probability of
        the example."""

    def score(self, X: Any, y: Any = None) -> float:
        """Mean log p(x), in nats."""
        return float(np.mean(self.score_samples(X)))


class Denoises(ABC):
    """Removes noise from the user's examples."""

    @abstractmethod
    def denoise(self, X: Any) -> Array:
        """The clean examples, in the user's units and of the shape of ``X``."""


class Inpaints(ABC):
    """Fills in what is missing of an example; ``fills_gaps``: without a mask, what is missing of
    each row of a table."""

    fills_gaps: ClassVar[bool] = False

    @abstractmethod
    def inpaint(self, X: Any, mask: Any, *, seed: int | None = None) -> Array:
        """Examples ``X`` (n, *user_shape) with new values where ``mask`` is true, and their own
        everywhere else.

        ``mask``: one for all examples or one for each, of the shape of an example, or of its height
        and width.
        """


class Restores(Inpaints):
    """Removes noise of a known strength, or estimates how strong it is; fills in what is missing of
    an example; and tells by how much it fails to restore examples from noise."""

    @abstractmethod
    def denoise(self, X: Any, noise: float | None = None) -> Array:
        """The expected clean examples. ``noise``: its standard deviation, in the user's units for
        images and in standard deviations of each column for tables; None: estimated for each
        example."""

    @abstractmethod
    def estimate_noise(self, X: Any) -> Array:
        """The standard deviation of the noise on each example, as estimated, shape (n,); in the
        units of ``denoise``."""

    @abstractmethod
    def denoising_errors(self, X: Any, noise: Sequence[float], *, draws: int = 1) -> Array:
        """Mean squared error for each number of E[x | x + noise], (n, levels), over ``draws`` of
        the noise, which is the same for all examples; in variances of the data, as ``noise`` is in
        its standard deviations, one for each level."""


class DiffusionProcess(ABC):
    """Turns data into noise gradually, and noise into data, in steps of a sampler: both can be
    watched, and more steps come closer."""

    @abstractmethod
    def diffuse(self, X: Any, columns: int = 8, *, seed: int | None = None) -> Array:
        """The forward process: each example at ``columns`` levels, from data to noise; (n, columns,
        *user_shape)."""

    @abstractmethod
    def sample_trajectory(
        self, n: int = 1, columns: int = 8, *, seed: int | None = None
    ) -> tuple[Array, Array]:
        """The reverse process: ``n`` samples at ``columns`` levels, from noise to data, and what
        the model expected at each level to come out; both (n, columns, *user_shape)."""

    @abstractmethod
    def convergence_curve(self, sampler: str | None = None) -> dict[int, float]:
        """Distance of samples from where endless steps would lead, in standard deviations of the
        data, by number of steps."""

    @abstractmethod
    def steps_for_quality(
        self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None
    ) -> tuple[str, int]:
        """The sampler (``sampler``, if it can be measured) and its steps that ``quality`` takes by
        ``curve`` (default: measured now)."""


class InterpolatesPrompts(ABC):
    """Draws from prompts that lie between two, if it learned captions."""

    @abstractmethod
    def interpolate_prompts(
        self,
        a: str,
        b: str,
        n: int = 8,
        *,
        seed: int | None = None,
        steps: int | None = None,
        guidance: float | None = None,
    ) -> Array:
        """``n`` examples from one noise, as ``a`` and ``b`` and what lies evenly between them ask
        for, both ends included."""


class SuperResolves(ABC):
    """Makes large examples of small ones, with the details that such examples have."""

    small_spec_: DataSpec  # what small examples look like

    @abstractmethod
    def shrink(self, X: Any) -> Array:
        """Small versions of large examples, both in the user's units."""

    @abstractmethod
    def enlarge(
        self,
        X: Any,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[EnlargingOptions],
    ) -> Array:
        """Examples in the user's units, one for each small one; ``start`` is the number of the
        first."""


class Discriminates(ABC):
    """Tells data from its own samples."""

    @abstractmethod
    def discriminate(self, X: Any) -> Array:
        """How sure the model is that each example is data and not one of its samples, shape (n,),
        in [0, 1]; no probability of the example."""
