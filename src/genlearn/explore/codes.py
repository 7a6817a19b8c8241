"""Views of the space of codes: the plane of two latents, and a walk along each.

The plane of a model whose codes are N(0, I) lies at even quantiles of them, so that each part of
the picture is as probable as another: the figure of Kingma & Welling 2013, arXiv 1312.6114,
appendix A. Otherwise it is a lattice over the middle 90 % of the codes.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np

from ..core.capabilities import Array, Encodes, SamplesCodes
from ..core.errors import UserError
from ..evaluate.probes.latent_walks import REACH, CodeRegion, by_effect
from .question import Question, Shown, counted
from .sheet import Sheet

_SIDE, _WALKS, _MOMENTS, _FRAMES = 15, 8, 11, 24  # of a picture, and moments of a film
_CODES = 1000  # that say where codes lie


def grid(question: Question) -> Shown:
    """What the plane of two latents decodes to, the second one upwards."""
    model, spec, region = _walkable(question)
    if model.latent_dim_ < 2:
        raise UserError(
            f"{question.name} has codes of 1 number, and a plane takes two: `genlearn show"
            f" {question.name} walk` goes along it"
        )
    across, up, which = 0, 1, ""
    if model.latent_dim_ > 2:
        (across, up, *_), _ = by_effect(model, spec, region)
        which = f" of the most effect; the other {model.latent_dim_ - 2} at their mean"
    side = question.room(question.number or _SIDE, spec, "a side of the plane")
    x, y = (_places(model, region, latent, side) for latent in (across, up))
    codes = np.tile(region.mean, (side, side, 1))
    codes[..., across], codes[..., up] = x, y[::-1, None]
    values = model.decode(codes.reshape(side * side, -1).astype(np.float32))
    how = "even quantiles of N(0, 1)" if _is_normal(question) else "the middle 90 % of the codes"
    sheet = Sheet(
        values.reshape(side, side, *spec.user_shape),
        tuple(f"z{up} = {value:.2f}" for value in y[::-1]),
        tuple(f"{value:.2f}" for value in x),
    )
    return Shown((sheet,), f"z{across} across and z{up} upwards at {how}{which}")


def walk(question: Question) -> Shown:
    """Along each latent, those of most effect first."""
    model, spec, region = _walkable(question)
    latents, effects = by_effect(model, spec, region)
    rows = question.room(min(question.number or _WALKS, len(latents)), spec, "latents")
    moments = question.moments(_MOMENTS, _FRAMES, spec)
    values = model.decode(region.walks(latents[:rows], moments))
    names = [
        f"z{latent}: {effect:.2g}"
        for latent, effect in zip(latents[:rows], effects[:rows], strict=True)
    ]
    steps = np.linspace(-REACH, REACH, moments)
    sheet = Sheet(
        values.reshape(rows, moments, *spec.user_shape),
        tuple(names),
        tuple(f"{step:+.1f}" for step in steps),
        moves=True,
    )
    return Shown(
        (sheet,),
        f"{rows} of {counted(model.latent_dim_, 'latent')} from -{REACH:g} to {REACH:g} standard"
        f" deviations, by effect (rms change in shares of the range): {', '.join(names)}",
        back=True,
    )


def _walkable(question: Question) -> tuple[Any, Any, CodeRegion]:
    """The model, its spec, and where its codes lie."""
    model, spec = question.able("has codes", Encodes)
    if model.latent_dim_ >= spec.dim and not isinstance(model, SamplesCodes):
        raise UserError(
            f"{question.name} has codes as large as its data, of {model.latent_dim_:,} numbers, one"
            f" of which moves nothing: `genlearn show {question.name} steps` and `training` show"
            " what it does, `genlearn interpolate` goes between two examples"
        )
    if _is_normal(question):
        return model, spec, CodeRegion.standard(model.latent_dim_)
    return model, spec, CodeRegion.of(_codes(question, model))


def _is_normal(question: Question) -> bool:
    model = question.model
    return isinstance(model, SamplesCodes) and model.normal_codes and not question.has_data


def _codes(question: Question, model: Any) -> Array:
    """Of the data that was given, or those that samples are made of, or of held-out data."""
    if isinstance(model, SamplesCodes) and not question.has_data:
        return model.sample_codes(_CODES, seed=question.seed)
    codes: Array = model.encode(question.read(_CODES))
    return codes


def _places(model: Any, region: CodeRegion, latent: int, side: int) -> Array:
    """Numbers of one latent along the plane."""
    low, high = region.middle[:, latent]
    if isinstance(model, SamplesCodes) and model.normal_codes:
        normal = NormalDist(region.mean[latent], max(region.deviation[latent], 1e-12))
        return np.array([normal.inv_cdf((i + 0.5) / side) for i in range(side)])
    return np.linspace(low, high, side)
