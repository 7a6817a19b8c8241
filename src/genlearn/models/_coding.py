"""What models with codes share; and what autoencoders share: an encoder, a decoder, and codes to draw new data from."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ..core.capabilities import Array, Encodes
from ..core.errors import UserError
from ..core.hyper import Between, hyper
from ..core.spec import DataSpec
from ..nets.coders import Coders, Network, default_network
from .base import Drawing, Model, SingleLoss, evaluating

_CHUNK = 512  # codes that a network sees at a time
_LATENTS, _CHANNELS = 16, 4  # numbers in a code, and at each place of a grid


@dataclass(kw_only=True, eq=False, repr=False)
class Decoding(Model, Encodes):
    """Codes z to examples, in the user's units. ``latent_dim_`` numbers are a code."""

    @abstractmethod
    def _decode(self, z: Tensor) -> Tensor:
        """The expected x: (B, latent) -> (B, *shape)."""

    def decode(self, Z: Any) -> Array:
        """Examples in the user's units from codes (n, latent_dim)."""
        return self.spec_.to_user(self._map_codes(self._decode, self._codes(Z)))

    def _codes(self, Z: Any) -> Tensor:
        check_is_fitted(self)
        try:
            codes = torch.tensor(np.asarray(Z), dtype=torch.float32)
        except (ValueError, TypeError) as error:
            raise UserError(f"the codes are not numbers of one shape ({error})") from None
        if codes.ndim != 2 or codes.shape[1] != self.latent_dim_:
            raise UserError(f"codes of shape {tuple(codes.shape)} were given; this model's have shape (n, {self.latent_dim_})")
        if not codes.isfinite().all():
            raise UserError("the codes hold NaN or infinite values; remove them first")
        return codes

    def _map_codes(self, function: Callable[[Tensor], Tensor], codes: Tensor) -> Tensor:
        with evaluating(self.networks_):
            return torch.cat([function(part.to(self.device_)).cpu() for part in torch.split(codes, _CHUNK)])


@dataclass(kw_only=True, eq=False, repr=False)
class Coding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Decoding):
    """Examples to codes and back, as a scikit-learn transformer."""

    @abstractmethod
    def _encode(self, x: Tensor) -> Tensor:
        """Codes: (B, *shape) -> (B, latent)."""

    def encode(self, X: Any) -> Array:
        """Codes (n, latent_dim), float32, of examples in the user's units."""
        return self._map(self._encode, self._values(X)).numpy()

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


@dataclass(kw_only=True, eq=False, repr=False)
class CodingModel(Coding, Drawing, SingleLoss):
    """An encoder to codes z, a decoder from them, and a density of z to draw from."""

    latent_dim: int | None = hyper(
        None,
        "numbers in a code, or at each place of a grid (default: 16, or half the numbers in an example; 4)",
        low=1,
        search=Between(2, 64, log=True),
    )
    overcomplete: bool = hyper(False, "allow codes larger than the data, which can simply copy it")
    network: Literal["auto", "linear", "mlp", "conv", "grid"] = hyper(
        "auto", "kind of coders (auto: conv for images, mlp for tables; grid: codes of images are small images, too)"
    )
    halvings: int = hyper(2, "how often a grid is half as high and wide as the image", low=1, high=6)
    hidden: tuple[int, ...] | None = hyper(None, "widths of the mlp's hidden layers (default: by size)", low=1)
    activation: Literal["silu", "relu", "tanh"] = hyper("silu", "activation of the mlp")

    @abstractmethod
    def _draw_codes(self, n: int, seed: int, start: int) -> Tensor:
        """Codes number ``start`` to ``start + n`` of the stream named by ``seed``: (n, latent)."""

    def settle(self, spec: DataSpec) -> None:
        """``latent_shape_`` is the shape of a code, and ``latent_dim_`` how many numbers that is."""
        self.latent_shape_ = self.latent_shape(spec)
        self.latent_dim_ = math.prod(self.latent_shape_)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for codes larger than the data, and convolutions of what is no image."""
        self._check_network(spec)
        if math.prod(self.latent_shape(spec)) > spec.dim and not self.overcomplete:
            raise UserError(
                f"latent_dim={self.latent_dim} makes codes larger than the data (n_features={spec.dim}), so that it could simply be copied; "
                f"take fewer numbers{' or more halvings' if self.network == 'grid' else ''}, or set overcomplete"
            )

    def _check_network(self, spec: DataSpec) -> None:
        if self.network in ("conv", "grid") and default_network(spec.shape) != "conv":
            raise UserError(f"network={self.network!r} needs images of at least 4x4; examples here have shape {spec.user_shape}; take mlp or linear")

    def coders(self, spec: DataSpec) -> Coders:
        """The design of the networks."""
        return Coders(spec.shape, self._network(spec), self.size, self.hidden, self.activation, self.halvings)

    def _network(self, spec: DataSpec) -> Network:
        return default_network(spec.shape) if self.network == "auto" else self.network

    def latent_shape(self, spec: DataSpec) -> tuple[int, ...]:
        """(latent,), or (channels, height, width) of a grid."""
        places = self.coders(spec).places
        if places:
            return (self.latent_dim or _CHANNELS, *places)
        return (self.latent_dim or min(_LATENTS, max(1, spec.dim // 2)),)

    def _draw(self, n: int, seed: int, start: int) -> Array:
        return self.spec_.to_user(self._map_codes(self._decode, self._draw_codes(n, seed, start)))
