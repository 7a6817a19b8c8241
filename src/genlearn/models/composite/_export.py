"""Latent diffusion as parts of the diffusers library: a diffusion of its `UNet2DModel` in the codes
of its `AutoencoderKL`.

The U-Net sees codes of mean 0 and standard deviation 1 in each channel; the autoencoder's settings
say how to come back (``latents_mean``, ``latents_std``), for one factor for all channels would not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from ...core.capabilities import ExportsAutoencoder, PipelineParts
from ...core.errors import UserError
from ...core.spec import FeatureMapSpec

if TYPE_CHECKING:
    from .latent import Latent


def latent_pipeline_parts(model: Latent, steps: int) -> PipelineParts:
    """Raises `UserError` where the library lacks either part."""
    coder = model.autoencoder_
    if not isinstance(coder, ExportsAutoencoder):
        raise UserError(
            f"the autoencoder {type(coder).__name__} is no network of the diffusers library; fit"
            " one with --autoencoder 'vae network=autoencoder_kl beta=0.1', which is"
        )
    autoencoder, parts = coder.autoencoder_parts(), model.diffusion_.pipeline_parts(steps)
    spec = cast(FeatureMapSpec, model.diffusion_.spec_)
    autoencoder.network.register_to_config(latents_mean=spec.mean, latents_std=spec.scale)
    mean, std = (torch.tensor(numbers)[:, None, None] for numbers in (spec.mean, spec.scale))

    def draw(noise: Tensor, label: Tensor | None) -> Tensor:
        images: Tensor = autoencoder.decode(parts.draw(noise, label) * std + mean)
        return images

    return replace(parts, draw=draw, pipeline=None, autoencoder=autoencoder)
