"""Minus log p(x): what a model finds unlikely.

The oldest score (Bishop 1994), and the one that fails on images: the density of an example is
mostly that of its details, so smooth and dark images are likely, whatever they show (Nalisnick et
al. 2019, arXiv 1810.09136). It stands here to be compared with.
"""

from __future__ import annotations

from ....core.capabilities import Array, DatasetProtocol, Scores
from ..outlier_score import Judge, OutlierScore


def surprise(judge: Judge, data: DatasetProtocol) -> Array:
    """-log p(x) in nats, (n,)."""
    return -judge.log_prob(data)


SCORE = OutlierScore(
    function=surprise,
    needs=(Scores,),
    meaning="how unlikely the model finds it, in nats",
    order=4,
)
