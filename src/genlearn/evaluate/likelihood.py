"""log p(x) of held-out data, in nats and in bits for each dimension.

Numbers are over the user's data space, so they compare between models -- of the same kind: an exact value, a lower bound and an estimate are
not ranked against one another.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.capabilities import Array, Examples, Scores

_CHUNK = 16
Progress = Callable[[int, int], None]


def log_likelihood(model: Scores, data: Examples, n: int, progress: Progress) -> dict[str, Any]:
    """Mean log p(x) of the first ``n`` examples, with its kind and standard error."""
    scores = score_in_parts(model, data, n, progress)
    mean, spread = float(scores.mean()), float(scores.std() / math.sqrt(n))
    return {"nats": mean, "standard_error": spread, "bits_per_dim": -mean / data.spec.dim / math.log(2), "kind": model.log_prob_kind, "n": n}


def score_in_parts(model: Scores, data: Examples, n: int, progress: Progress) -> Array:
    """log p(x) of the first ``n`` examples, shape (n,); ``progress`` hears of (done, n)."""
    parts = []
    for start in range(0, n, _CHUNK):
        parts.append(model.score_samples(data.user(slice(start, min(start + _CHUNK, n)))))
        progress(min(start + _CHUNK, n), n)
    return np.concatenate(parts)
