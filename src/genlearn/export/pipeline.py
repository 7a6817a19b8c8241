"""A folder for the diffusers library: network and scheduler as it saves them, read again by it, and
what they draw compared with what the model draws from the same noise."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from ..core.capabilities import PipelineParts
from .compare import difference
from .library_folder import READ, check_equal, describe, library_folder
from .pipeline_card import pipeline_card

STEPS = 50  # of a sample: as many as the library's DDIM takes, and a divisor of its 1,000 levels
_ROWS, _SEED = 4, 0  # of the noise that is drawn from


def write_pipeline(model: Any, folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write ``folder`` of a ``model`` that `ExportsPipeline`, with what is said ``about`` it and
    more in export.json, which is returned.

    Raises `UserError` for a ``folder`` with other files in it, for what the library cannot run, and
    where it does not draw what the model draws within 1e-4: nothing is written then.
    """
    parts: PipelineParts = model.pipeline_parts(STEPS)
    with library_folder(folder) as (place, library):
        _save(parts, library, place)
        error = _compared(parts, *_read(parts, library, place))
        check_equal(error, "draw images")
        document = about | {
            "classes": list(parts.classes),
            "noise shape": list(parts.shape),
            "in codes": parts.autoencoder is not None,
            "scheduler": parts.scheduler,
            "pipeline": parts.pipeline,
            "sampler": parts.sampler,
            "steps": STEPS,
            "noise": parts.scale,
            "scales input": parts.scales_input,
            "left out": parts.left_out,
            "compared": _ROWS,
            "largest difference": error,
        }
        describe(place, document, pipeline_card(document, model.spec_))
    return document


def _save(parts: PipelineParts, library: ModuleType, place: Path) -> None:
    scheduler = getattr(library, parts.scheduler)(**parts.settings)
    if parts.pipeline is not None:
        getattr(library, parts.pipeline)(parts.unet, scheduler).save_pretrained(place)
        return
    parts.unet.save_pretrained(place / "unet")
    scheduler.save_pretrained(place / "scheduler")
    if parts.autoencoder is not None:
        parts.autoencoder.network.save_pretrained(place / "vae")


def _read(parts: PipelineParts, library: ModuleType, place: Path) -> tuple[Any, Any, Any]:
    """Network, scheduler, and the autoencoder if there is one, as anyone would read them."""
    if parts.pipeline is not None:
        pipeline = library.DiffusionPipeline.from_pretrained(place, **READ)
        return pipeline.unet, pipeline.scheduler, None
    unet = library.UNet2DModel.from_pretrained(place, subfolder="unet", **READ)
    kind = getattr(library, parts.scheduler)
    scheduler = kind.from_pretrained(place, subfolder="scheduler")
    if parts.autoencoder is None:
        return unet, scheduler, None
    return unet, scheduler, library.AutoencoderKL.from_pretrained(place, subfolder="vae", **READ)


def _compared(parts: PipelineParts, unet: Any, scheduler: Any, vae: Any) -> float:
    """How far what both draw lies apart."""
    classes = len(parts.classes)
    noise = torch.randn(_ROWS, *parts.shape, generator=torch.Generator().manual_seed(_SEED))
    label = torch.arange(_ROWS).flip(0) % (classes + 1) if classes else None
    with torch.no_grad():
        found = _drawn(parts, unet, scheduler, parts.scale * noise, label)
        found = found if vae is None else _decoded(vae, found)
        return difference(found, parts.draw(noise, label))


def _drawn(
    parts: PipelineParts, unet: Any, scheduler: Any, x: Tensor, label: Tensor | None
) -> Tensor:
    scheduler.set_timesteps(STEPS)
    for t in scheduler.timesteps:
        seen = scheduler.scale_model_input(x, t) if parts.scales_input else x
        x = scheduler.step(unet(seen, t, label).sample, t, x).prev_sample
    return x


def _decoded(vae: Any, x: Tensor) -> Tensor:
    units = (vae.config.latents_mean, vae.config.latents_std)
    mean, std = (torch.tensor(numbers)[:, None, None] for numbers in units)
    images: Tensor = vae.decode(x * std + mean).sample
    return images
