"""Points in the plane."""

from __future__ import annotations

import numpy as np

from ..core.capabilities import Array


def planar(points: Array) -> Array:
    """Two columns, whatever came."""
    points = np.asarray(points, dtype=np.float64)
    return (
        points if points.shape[1] == 2 else np.column_stack([points[:, 0], np.zeros(len(points))])
    )
