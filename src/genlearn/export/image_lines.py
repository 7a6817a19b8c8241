"""Lines of Python that turn the values of a data set into the numbers of a network, and back, as
`ImageSpec` does; for where this package is not."""

from __future__ import annotations

import numpy as np

from ..core.spec import ImageSpec

_CHANCE = {"threshold": "0.5", "stochastic": "np.random.default_rng(0).random(share.shape)"}


def values_line(spec: ImageSpec) -> str:
    """The line that makes numbers from 0 to 1 the values of the data, as `ImageSpec.to_user`
    does."""
    levels, width = spec.inner_levels, spec.high - spec.low
    values = "images" if spec.channel_axis else "images[..., 0]"
    if levels is not None:
        values = f"np.floor({values} * {levels}).clip(max={levels - 1})"
        width /= levels - 1
    values = values if width == 1 else f"{values} * {width!r}"
    values = values if spec.low == 0 else f"{values} + {spec.low!r}"
    if np.dtype(spec.dtype).kind in "iub" and (width, spec.low) != (1, 0):
        values = f"np.rint({values})"
    return f"values = ({values}).astype(np.{spec.dtype})  # as in the data"


def inner_line(spec: ImageSpec) -> str:
    """The lines that make the values of the data numbers from -1 to 1, as `ImageSpec.to_internal`
    does; where chance decides between black and white, it is another chance."""
    levels, width = spec.inner_levels, spec.high - spec.low
    share = "values.astype(np.float32)"
    share = share if spec.low == 0 else f"({share} - {spec.low!r})"
    share = share if width == 1 else f"{share} / {width!r}"
    share = share if spec.channel_axis else f"({share})[..., None]"
    lines = [f"share = {share}"]
    if spec.binarise != "none":
        lines.append(f"share = share > {_CHANCE[spec.binarise]}")
    x = "2 * share - 1" if levels is None else f"(2 * {levels - 1} * share + 1) / {levels} - 1"
    lines.append(f"x = torch.from_numpy(np.moveaxis({x}, -1, 1)).float()  # from -1 to 1")
    return "\n".join(lines)
