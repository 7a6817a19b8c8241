"""The area under the ROC curve: how well a score tells two sets apart.

    AUC = P(s(x) > s(y)) + P(s(x) = s(y)) / 2,

the statistic of Mann & Whitney 1947 over the number of pairs. Its variance by DeLong, DeLong &
Clarke-Pearson 1988: with v_i the share of the m others that x_i is scored above, and w_j the share
of the n ones that y_j is scored below, ties counted half,

    var AUC = var(v) / n + var(w) / m.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from ..core.capabilities import Array


def auc_estimate(higher: Array, lower: Array) -> tuple[float, float]:
    """AUC of the scores ``higher`` (n,), of those that should have the larger ones, over ``lower``
    (m,), and its standard error, which is infinite where either has a single score."""
    n, m = len(higher), len(lower)
    rank = rankdata(np.concatenate([higher, lower]))
    above = (rank[:n] - rankdata(higher)) / m
    below = 1 - (rank[n:] - rankdata(lower)) / n
    error = np.sqrt(above.var(ddof=1) / n + below.var(ddof=1) / m) if min(n, m) > 1 else np.inf
    return float(above.mean()), float(error)
