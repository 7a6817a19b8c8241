"""Models with codes: examples to codes z and back, in the user's units."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ..core.capabilities import Array, DecodesExactly, Encodes, Graph
from ..core.errors import UserError
from ..nets.traced import Traced
from .base import Estimator, evaluating

_CHUNK = 512  # codes that a network sees at a time


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


@dataclass(kw_only=True, eq=False, repr=False)
class ExactDecoderModel(EncoderModel, DecodesExactly):
    """One whose networks decode, all by themselves."""

    def graphs(self) -> dict[str, Graph]:
        x, z = torch.zeros(2, *self.spec_.shape), torch.zeros(2, self.latent_dim_)
        encoder, decoder = (
            Traced(self.networks_, function)
            for function in (self.encode_tensor, self.decode_tensor)
        )
        return {
            "encoder": Graph(encoder, {"x": x}, "z", "the code of an example"),
            "decoder": Graph(decoder, {"z": z}, "x", "what a code stands for"),
        }

    def decode_exactly(self, Z: Any) -> Array:
        exact = copy.copy(self)
        exact.networks_ = copy.deepcopy(self.networks_).cpu().double()
        return decode_codes(exact, Z, lambda z: exact.decode_tensor(z.double()))


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
