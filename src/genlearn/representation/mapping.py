"""Codes in the plane, so that examples that are alike lie together.

pca     the two directions in which codes vary most: linear, distances keep their meaning
tsne    t-SNE (van der Maaten & Hinton 2008), begun at the principal components: who is whose
        neighbour is kept, how far groups lie apart means little
umap    UMAP (McInnes, Healy & Melville 2018, arXiv 1802.03426), where umap-learn is installed

Codes of two numbers are shown as they are.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from sklearn.decomposition import PCA

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.seeding import seed_for
from ..evaluate.planar_points import planar, t_sne
from .checks import checked_codes

Method = Literal["tsne", "pca", "umap"]
METHODS: dict[str, str] = {"tsne": "t-SNE", "pca": "principal components", "umap": "UMAP"}
# examples on a map, at most: t-SNE of 5,000 takes half a minute, and a page holds 50,000
MOST: dict[str, int] = {"tsne": 5_000, "pca": 50_000, "umap": 50_000}


def map_codes(codes: Array, method: Method = "tsne", seed: int = 0) -> Array:
    """Points (n, 2), float64, of codes (n, d). Raises `UserError` for fewer than two different
    codes, another method, and UMAP where it is not installed."""
    codes = np.asarray(checked_codes(codes, least=2), np.float64)
    if method not in METHODS:
        raise UserError(f"method={method!r} was given; choose one of: {', '.join(METHODS)}")
    if not np.ptp(codes, axis=0).any():
        raise UserError(
            f"all {len(codes):,} codes are equal: there is nothing to map; the model may not have"
            " learned from such data"
        )
    if codes.shape[1] <= 2:
        return planar(codes)
    if method == "umap":
        return _umap(codes, seed)
    # fewer than four points are as good as their components
    return planar(t_sne(codes, seed) if method == "tsne" and len(codes) > 3 else _components(codes))


def _components(codes: Array) -> Array:
    found: Array = PCA(min(2, len(codes)), svd_solver="full").fit_transform(codes)
    return found


def _umap(codes: Array, seed: int) -> Array:
    try:
        import umap
    except ImportError:
        raise UserError(
            "method umap was asked for, and umap-learn is not installed: pip install umap-learn,"
            " or take tsne or pca"
        ) from None
    near = max(2, min(15, len(codes) - 1))
    model: Any = umap.UMAP(n_neighbors=near, random_state=seed_for(seed, "map") % 2**32)
    return planar(model.fit_transform(codes))
