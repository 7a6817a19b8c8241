"""How far what an exported file gives lies from what the model gives."""

from __future__ import annotations

from torch import Tensor

TOLERANCE = 1e-4  # of a number that comes out, absolute or relative


def difference(found: Tensor, wanted: Tensor) -> float:
    """The largest difference, of large numbers relative to them."""
    if found.shape != wanted.shape:
        return float("inf")
    return float(((found - wanted).abs() / wanted.abs().clamp(min=1)).max())
