"""What models with codes share; and what autoencoders share: an encoder, a decoder, and codes to
draw new data from."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ...core.capabilities import Array, Encodes
from ...core.errors import UserError
from ...core.estimator_types import GradientTrained
from ...core.params import Range, param
from ...core.spec import DataSpec
from ...nets.coders.autoencoder_nets import CoderConfig, Network, default_network
from ..base import Estimator, UnconditionalSampler, evaluating

_CHUNK = 512  # codes that a network sees at a time
_DEFAULT_LATENT_DIM, _DEFAULT_CHANNELS = 16, 4  # numbers in a code, and at each place of a grid


@dataclass(kw_only=True, eq=False, repr=False)
class EncoderModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Estimator, Encodes):
    """Examples to codes z and back, in the user's units, as a scikit-learn transformer.
    ``latent_dim_`` numbers are a code."""

    @abstractmethod
    def encode_tensor(self, x: Tensor) -> Tensor:
        """Codes: (B, *shape) -> (B, latent)."""

    @abstractmethod
    def decode_tensor(self, z: Tensor) -> Tensor:
        """The expected x: (B, latent) -> (B, *shape)."""

    def encode(self, X: Any) -> Array:
        """Codes (n, latent_dim), float32, of examples in the user's units."""
        return self._map(self.encode_tensor, self._values(X)).numpy()

    def decode(self, Z: Any) -> Array:
        """Examples in the user's units from codes (n, latent_dim)."""
        return decode_codes(self, Z, self.decode_tensor)

    def transform(self, X: Any) -> Array:
        """The same as ``encode``."""
        return self.encode(X)

    def inverse_transform(self, Z: Any) -> Array:
        """The same as ``decode``."""
        return self.decode(Z)

    @property
    def _n_features_out(self) -> int:
        return self.latent_dim_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def decode_codes(model: Any, Z: Any, decode: Callable[[Tensor], Tensor]) -> Array:
    """Examples in the user's units from codes (n, latent_dim) of ``model``. Raises `UserError` for
    codes of another shape, and NaN."""
    check_is_fitted(model)
    try:
        codes = torch.tensor(np.asarray(Z), dtype=torch.float32)
    except (ValueError, TypeError) as error:
        raise UserError(f"the codes are not numbers of one shape ({error})") from None
    if codes.ndim != 2 or codes.shape[1] != model.latent_dim_:
        raise UserError(
            f"codes of shape {tuple(codes.shape)} were given; this model's have shape (n,"
            f" {model.latent_dim_})"
        )
    if not codes.isfinite().all():
        raise UserError("the codes hold NaN or infinite values; remove them first")
    array: Array = model.spec_.to_user(map_codes(model, codes, decode))
    return array


def map_codes(model: Any, codes: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
    """``function`` over codes (n, latent_dim), a chunk at a time, on the CPU."""
    with evaluating(model.networks_):
        return torch.cat(
            [function(part.to(model.device_)).cpu() for part in torch.split(codes, _CHUNK)]
        )


@dataclass(kw_only=True, eq=False, repr=False)
class AutoencoderBase(GradientTrained, EncoderModel, UnconditionalSampler):
    """An encoder to codes z, a decoder from them, and a density of z to draw from."""

    latent_dim: int | None = param(
        None,
        "numbers in a code, or at each place of a grid (default: 16, or half the numbers in an"
        " example; 4)",
        low=1,
        search=Range(2, 64, log=True),
    )
    overcomplete: bool = param(False, "allow codes larger than the data, which can simply copy it")
    network: Literal["auto", "linear", "mlp", "conv", "grid"] = param(
        "auto",
        "kind of coders (auto: conv for images, mlp for tables; grid: codes of images are small"
        " images, too)",
    )
    downsamplings: int = param(
        2, "how often a grid is half as high and wide as the image", low=1, high=6
    )
    hidden: tuple[int, ...] | None = param(
        None, "widths of the mlp's hidden layers (default: by size)", low=1
    )
    activation: Literal["silu", "relu", "tanh"] = param("silu", "activation of the mlp")

    @abstractmethod
    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The objective of a batch: (B, *shape) -> ()."""

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        yield self.networks_, self.loss(x, y)

    @abstractmethod
    def _sample_codes(self, n: int, seed: int, start: int) -> Tensor:
        """Codes number ``start`` to ``start + n`` of the stream named by ``seed``: (n, latent)."""

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``latent_shape_`` is the shape of a code, and ``latent_dim_``
        how many numbers that is."""
        self.latent_shape_ = self.latent_shape(spec)
        self.latent_dim_ = math.prod(self.latent_shape_)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for codes larger than the data, and
        convolutions of what is no image."""
        self._check_network(spec)
        if math.prod(self.latent_shape(spec)) > spec.dim and not self.overcomplete:
            raise UserError(
                f"latent_dim={self.latent_dim} makes codes larger than the data"
                f" (n_features={spec.dim}), so that it could simply be copied; take fewer"
                f" numbers{' or more downsamplings' if self.network == 'grid' else ''}, or set"
                " overcomplete"
            )

    def _check_network(self, spec: DataSpec) -> None:
        if self.network in ("conv", "grid") and default_network(spec.shape) != "conv":
            raise UserError(
                f"network={self.network!r} needs images of at least 4x4; examples here have shape"
                f" {spec.user_shape}; take mlp or linear"
            )

    def coder_config(self, spec: DataSpec) -> CoderConfig:
        """The design of the networks."""
        return CoderConfig(
            spec.shape,
            self._resolved_network(spec),
            self.size,
            self.hidden,
            self.activation,
            self.downsamplings,
        )

    def _resolved_network(self, spec: DataSpec) -> Network:
        return default_network(spec.shape) if self.network == "auto" else self.network

    def latent_shape(self, spec: DataSpec) -> tuple[int, ...]:
        """(latent,), or (channels, height, width) of a grid."""
        places = self.coder_config(spec).places
        if places:
            return (self.latent_dim or _DEFAULT_CHANNELS, *places)
        return (self.latent_dim or min(_DEFAULT_LATENT_DIM, max(1, spec.dim // 2)),)

    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        return self.spec_.to_user(
            map_codes(self, self._sample_codes(n, seed, start), self.decode_tensor)
        )
