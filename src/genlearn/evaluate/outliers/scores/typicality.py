r"""Typicality: how far log p(x) is from what it usually is, on either side.

    |log p(x) - E log p(x')|,    x' the reference examples.

In many dimensions almost all examples of a distribution have a log p(x) near its mean, minus the
entropy, and none lies where the density is highest: an example that is too likely is unusual, too
(Nalisnick et al. 2019, arXiv 1906.02994). Pitfalls: it sees nothing but log p(x), so what differs
in kind and not in log p(x) is not found.
"""

from __future__ import annotations

import numpy as np

from ....core.capabilities import Array, DatasetProtocol, Scores
from ..outlier_score import Judge, OutlierScore


def typicality(judge: Judge, data: DatasetProtocol) -> Array:
    """|log p(x) - its mean over the reference examples| in nats, (n,)."""
    usual = judge.log_prob(judge.reference.examples).mean()
    return np.asarray(np.abs(judge.log_prob(data) - usual))


SCORE = OutlierScore(
    function=typicality,
    needs=(Scores,),
    meaning="how far its log p(x) is from the usual one, in nats",
    order=3,
)
