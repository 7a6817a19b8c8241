"""All that a trained denoiser can do, in one abstract model; and the panels that show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.capabilities import Examples, Illustrates
from ..core.panel import Curves, Panel, Pictures
from ..core.spec import ImageSpec
from ._flowmap import FlowMap
from ._restoring import Restoring
from ._reverse import Reverse

_SHOWN, _COLUMNS = 4, 12


@dataclass(kw_only=True, eq=False, repr=False)
class DiffusionModel(Reverse, FlowMap, Restoring, Illustrates):
    """Samples, codes, log p(x), denoising and inpainting from one denoiser."""

    def panels(self, data: Examples) -> list[Panel]:
        """The forward and the reverse process as strips, for images; the error of samples by number of steps."""
        strips = [self._forward(data), self._backward()] if isinstance(self.spec_, ImageSpec) else []
        return [*strips, self._steps()]

    def _forward(self, data: Examples) -> Pictures:
        strip = self.diffuse(data.user(slice(0, _SHOWN)), _COLUMNS)
        meaning = "Held-out examples on their way to noise, at even times; each keeps its noise, and is shown at the scale of data."
        return Pictures(title="Forward process", meaning=meaning, values=strip.reshape(-1, *strip.shape[2:]), columns=_COLUMNS)

    def _backward(self) -> Pictures:
        states, expected = self.emerge(_SHOWN, _COLUMNS)
        both = np.stack([expected, states], 1)
        meaning = "Samples on their way from noise; above each the example that the model expects at that moment, at first the mean of all."
        rows = ("expected", "sample so far") * _SHOWN
        return Pictures(title="Reverse process", meaning=meaning, values=both.reshape(-1, *both.shape[3:]), columns=_COLUMNS, rows=rows)

    def _steps(self) -> Curves:
        points = np.array(list(self.quality_curve().items()), dtype=float)
        meaning = "How far samples of so many steps lie from those of many, from the same noise, in standard deviations of the data."
        return Curves(title="Error by steps", meaning=meaning, x="steps", y="error", series={"": points}, log_x=True, log_y=True)
