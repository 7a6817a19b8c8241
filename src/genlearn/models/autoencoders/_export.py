"""A variational autoencoder as an `AutoencoderKL` of the diffusers library, whose coders it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from torch import Tensor

from ...core.capabilities import AutoencoderParts
from ...core.errors import UserError
from ...nets.coders.autoencoder_kl import KLDecoder, KLEncoder, whole_autoencoder
from ...nets.coders.autoencoder_nets import ScaledDecoder
from ..base import evaluating

if TYPE_CHECKING:
    from ._autoencoding import AutoencoderBase


def autoencoder_parts(model: AutoencoderBase) -> AutoencoderParts:
    """Raises `UserError` for coders that the library does not have."""
    if model.network != "autoencoder_kl":
        raise UserError(
            f"network={model.network!r} of {type(model).__name__} is no network of the diffusers"
            " library; fit a vae with network='autoencoder_kl', which is (`genlearn fit vae DATA"
            " --network autoencoder_kl`)"
        )
    encoder = cast(KLEncoder, model.networks_["encoder"])
    decoder = cast(ScaledDecoder, model.networks_["decoder"]).decoder

    def encode(x: Tensor) -> Tensor:
        with evaluating(model.networks_):
            return model.encode_tensor(x).reshape(-1, *model.latent_shape_)

    def decode(z: Tensor) -> Tensor:
        with evaluating(model.networks_):
            return model.decode_tensor(z.flatten(1))

    return AutoencoderParts(
        whole_autoencoder(encoder, cast(KLDecoder, decoder)), model.latent_shape_, encode, decode
    )
