"""What styles do when they are mixed."""

from __future__ import annotations

import numpy as np

from ...core.capabilities import Array
from ...core.panels import ImagePanel


def mixing_panel(coarse: Array, fine: Array, mixed: Array) -> ImagePanel:
    """Samples that coarse styles are of (rows, *user_shape) at the left, those that fine ones are
    of (columns, *user_shape) above, and each pair (rows, columns, *user_shape)."""
    above = np.stack([np.zeros_like(coarse[0]), *fine])
    table = np.concatenate([above[None], np.concatenate([coarse[:, None], mixed], 1)])
    meaning = (
        "Each row has the coarse style of the sample at its left, each column the fine style of"
        " the sample above it."
    )
    return ImagePanel(
        title="Style mixing",
        meaning=meaning,
        values=table.reshape(-1, *coarse.shape[1:]),
        columns=table.shape[1],
    )
