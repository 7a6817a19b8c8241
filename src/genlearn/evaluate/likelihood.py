"""log p(x) of held-out data, in nats and in bits for each dimension.

Numbers are over the user's data space, so they compare between models -- of the same kind: an exact value, a lower bound and an estimate are
not ranked against one another.
"""

from __future__ import annotations

import math
from typing import Any

from ..core.capabilities import Examples, Scores


def log_likelihood(model: Scores, data: Examples, n: int) -> dict[str, Any]:
    """Mean log p(x) of the first ``n`` examples, with its kind and standard error."""
    scores = model.score_samples(data.user(slice(0, n)))
    mean, spread = float(scores.mean()), float(scores.std() / math.sqrt(n))
    return {"nats": mean, "standard_error": spread, "bits_per_dim": -mean / data.spec.dim / math.log(2), "kind": model.log_prob_kind, "n": n}
