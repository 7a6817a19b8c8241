"""A folder for the diffusers library: an autoencoder as it saves one, read again by it, and its
codes and images compared with the model's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ..core.capabilities import AutoencoderParts
from .autoencoder_card import autoencoder_card
from .compare import difference
from .library_folder import READ, check_equal, describe, library_folder

_ROWS, _SEED = 4, 0  # of the codes that are decoded, and encoded again


def write_autoencoder(model: Any, folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write ``folder`` of a ``model`` that `ExportsAutoencoder`, with what is said ``about`` it and
    more in export.json, which is returned.

    Raises `UserError` for a ``folder`` with other files in it, for what the library cannot run, and
    where its codes or images are not the model's within 1e-4: nothing is written then.
    """
    parts: AutoencoderParts = model.autoencoder_parts()
    with library_folder(folder) as (place, library):
        parts.network.save_pretrained(place)
        error = _compared(parts, library.AutoencoderKL.from_pretrained(place, **READ))
        check_equal(error, "give codes and images")
        document = about | {
            "code": list(parts.code_shape),
            "compared": _ROWS,
            "largest difference": error,
        }
        describe(place, document, autoencoder_card(document, model.spec_))
    return document


def _compared(parts: AutoencoderParts, network: Any) -> float:
    """How far what both make of the same lies apart."""
    generator = torch.Generator().manual_seed(_SEED)
    z = torch.randn(_ROWS, *parts.code_shape, generator=generator)
    wanted = parts.decode(z)
    x = wanted.clamp(-1, 1)
    with torch.no_grad():
        decoded, encoded = network.decode(z).sample, network.encode(x).latent_dist.mean
    return max(difference(decoded, wanted), difference(encoded, parts.encode(x)))
