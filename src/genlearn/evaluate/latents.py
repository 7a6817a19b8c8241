"""How the latent space is used.

A latent is *active* if its code varies over the data: Var_x(E[z_u | x]) > 0.01 (Burda et al. 2015, arXiv 1509.00519, section 5.2). Latents that are
not have collapsed to the prior and carry nothing. Correlated latents carry the same thing twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.capabilities import Encodes, Examples

ACTIVE = 0.01


def latent_usage(model: Encodes, data: Examples, n: int) -> dict[str, Any]:
    """Active units, and the variance and correlation of each latent, over the first ``n`` examples."""
    codes = model.encode(data.user(slice(0, n))).astype(np.float64)
    variance = codes.var(0)
    used = np.flatnonzero(variance > 1e-12)
    correlation = np.eye(codes.shape[1])
    correlation[np.ix_(used, used)] = np.corrcoef(codes[:, used], rowvar=False).reshape(len(used), len(used))
    others = np.abs(correlation[~np.eye(len(correlation), dtype=bool)])
    return {
        "latents": codes.shape[1],
        "active": int((variance > ACTIVE).sum()),
        "variance": variance.tolist(),
        "correlation": correlation.tolist(),
        "mean_absolute_correlation": float(others.mean()) if len(others) else 0.0,
        "n": n,
    }
