"""The README of a folder for the diffusers library: the lines that draw with it, and what its
numbers are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.spec import ImageSpec
from .image_lines import values_line

_NAMED = 20  # classes
_HEAD = """\
---
library_name: diffusers
tags: [unconditional-image-generation]
---
# {model}
Learned by genlearn {genlearn}, which is not needed to run it: `unet/` is a `UNet2DModel`,
{vae}`scheduler/` of the class `{scheduler}` of the diffusers library. {opened}:
"""
_PIPELINE = """\
import numpy as np
import torch
from diffusers import DiffusionPipeline

pipeline = DiffusionPipeline.from_pretrained(".")  # this folder
images = pipeline(
    batch_size=16,
    num_inference_steps={steps},
    generator=torch.Generator().manual_seed(0),
    output_type="np",
).images  # (16, height, width, channels), from 0 to 1"""
_LOOP = """\
import numpy as np
import torch
from diffusers import {classes_used}

unet = UNet2DModel.from_pretrained(".", subfolder="unet")  # of this folder
scheduler = {scheduler}.from_pretrained(".", subfolder="scheduler")
{opened_vae}scheduler.set_timesteps({steps})
x = {noise!r} * torch.randn(16, {shape}, generator=torch.Generator().manual_seed(0))
{label}with torch.no_grad():
    for t in scheduler.timesteps:
        out = unet({seen}, t{told}).sample
        x = scheduler.step(out, t, x).prev_sample
{decoded}images = (x / 2 + 0.5).clamp(0, 1).movedim(1, -1).numpy()  # from 0 to 1"""
_OPENED = """\
vae = AutoencoderKL.from_pretrained(".", subfolder="vae")
units = vae.config.latents_mean, vae.config.latents_std  # of each channel of a code
mean, std = (torch.tensor(numbers)[:, None, None] for numbers in units)
"""
_DECODED = "    x = vae.decode(x * std + mean).sample\n"
_HALVES = (
    "That command rounds codes to half precision before it decodes them, which these lines do not."
)
_SAME = """\
From one noise, these are the images of `genlearn sample RUN --sampler {sampler} --steps {steps}` in
full precision. Where black is -1 and white 1, the {compared} that were compared differ by
{largest difference:.1e} at most."""
_LABELS = """\
Labels: {names}; {any} stands for any.
To exaggerate a class `g` times, take `other + g * (out - other)` in place of `out`, where `other`
is what `unet` gives for label {any}."""


def pipeline_card(document: Mapping[str, Any], spec: ImageSpec) -> str:
    """Markdown, from export.json."""
    pipeline, left = document["pipeline"], document["left out"]
    in_codes = document["in codes"]
    opened = (
        f"As a `{pipeline}` they draw 16 images so"
        if pipeline
        else "The library has no pipeline for them; so they draw 16 images"
    )
    parts = [
        _HEAD.format(
            **document, opened=opened, vae="`vae/` an `AutoencoderKL` and " if in_codes else ""
        ),
        f"```python\n{_code(document)}\n{values_line(spec)}\n```\n",
        *([_labels(document["classes"])] if document["classes"] else []),
        _SAME.format(**document),
        *([_HALVES] if in_codes else []),
        *(f"The setting {name}={value} of the run is left out." for name, value in left.items()),
    ]
    return "\n".join(parts) + "\n"


def _code(document: Mapping[str, Any]) -> str:
    classes, in_codes = document["classes"], document["in codes"]
    used = [document["scheduler"], "UNet2DModel", *(["AutoencoderKL"] if in_codes else [])]
    code = _PIPELINE if document["pipeline"] else _LOOP
    return code.format(
        **document,
        shape=", ".join(map(str, document["noise shape"])),
        classes_used=", ".join(sorted(used)),
        opened_vae=_OPENED if in_codes else "",
        decoded=_DECODED if in_codes else "",
        seen="scheduler.scale_model_input(x, t)" if document["scales input"] else "x",
        label=f"label = torch.arange(16) % {len(classes)}  # a class each\n" if classes else "",
        told=", label" if classes else "",
    )


def _labels(classes: list[str]) -> str:
    names = ", ".join(f"{number} {name}" for number, name in enumerate(classes[:_NAMED]))
    more = ", ..." if len(classes) > _NAMED else ""
    return _LABELS.format(names=names + more, any=len(classes)) + "\n"
