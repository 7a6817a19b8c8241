"""What a diffusion model shows of itself: the forward and the reverse process, and what steps are
worth."""

from __future__ import annotations

import numpy as np

from ...core.capabilities import DatasetProtocol
from ...core.panels import ImagePanel, LinePanel, Panel
from ...core.spec import ImageSpec
from ._sampling import ReverseProcess

_SHOWN, _COLUMNS = 4, 12


def diffusion_panels(model: ReverseProcess, data: DatasetProtocol) -> list[Panel]:
    """The forward and the reverse process as strips, for images; the error of samples by number of
    steps."""
    strips = [_forward(model, data), _backward(model)] if isinstance(model.spec_, ImageSpec) else []
    return [*strips, _steps(model)]


def _forward(model: ReverseProcess, data: DatasetProtocol) -> ImagePanel:
    strip = model.diffuse(data.user(slice(0, _SHOWN)), _COLUMNS)
    meaning = (
        "Held-out examples on their way to noise, at even times; each keeps its noise, and is shown"
        " at the scale of data."
    )
    return ImagePanel(
        title="Forward process",
        section="process",
        meaning=meaning,
        values=strip.reshape(-1, *strip.shape[2:]),
        columns=_COLUMNS,
    )


def _backward(model: ReverseProcess) -> ImagePanel:
    states, expected = model.sample_trajectory(_SHOWN, _COLUMNS)
    both = np.stack([expected, states], 1)
    meaning = (
        "Samples on their way from noise; above each the example that the model expects at that"
        " moment, at first the mean of all."
    )
    rows = ("expected", "sample so far") * _SHOWN
    return ImagePanel(
        title="Reverse process",
        section="process",
        meaning=meaning,
        values=both.reshape(-1, *both.shape[3:]),
        columns=_COLUMNS,
        rows=rows,
    )


def _steps(model: ReverseProcess) -> LinePanel:
    points = np.array(list(model.convergence_curve().items()), dtype=float)
    meaning = (
        "How far samples of so many steps lie from those of many, from the same noise, in standard"
        " deviations of the data."
    )
    return LinePanel(
        title="Error by steps",
        section="process",
        meaning=meaning,
        x="steps",
        y="error",
        series={"": points},
        log_x=True,
        log_y=True,
    )
