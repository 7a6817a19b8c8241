"""Points in the plane."""

from __future__ import annotations

import numpy as np
from sklearn.manifold import TSNE

from ..core.capabilities import Array
from ..core.seeding import seed_for


def planar(points: Array) -> Array:
    """Two columns, whatever came."""
    points = np.asarray(points, dtype=np.float64)
    return (
        points if points.shape[1] == 2 else np.column_stack([points[:, 0], np.zeros(len(points))])
    )


def t_sne(codes: Array, seed: int) -> Array:
    """t-SNE (van der Maaten & Hinton 2008) of codes (n, d) from the leading principal components,
    (n, 2)."""
    perplexity = min(30.0, (len(codes) - 1) / 3)
    scaled = (codes - codes.mean(0)) / max(float(codes.std()), 1e-12)
    points: Array = TSNE(
        perplexity=perplexity, init="pca", random_state=seed_for(seed, "map") % 2**32
    ).fit_transform(scaled)
    return points
