r"""Likelihood ratio: how much less likely an example is to the model than to a Gaussian of the same
data.

    log p_0(x) - log p(x),    p_0 = N(m, C), m and C the mean and covariance of the data.

What makes an example likely at a glance -- few details, little contrast -- does so under both, and
falls out of the difference; what remains is what the model knows beyond means and covariances (Ren
et al. 2019, arXiv 1906.02845, whose background is the same model learned from corrupted data). The
covariance has 64 directions at most and is even across them (probabilistic PCA).

Pitfalls: a model that is no better than its Gaussian, or a Gaussian itself, has no ratio to speak
of; details that the model describes better than the Gaussian count in favour of whatever has them.
"""

from __future__ import annotations

from ....core.capabilities import Array, DatasetProtocol, Scores
from ..outlier_score import Judge, OutlierScore


def ratio(judge: Judge, data: DatasetProtocol) -> Array:
    """log p_0(x) - log p(x) in nats, (n,)."""
    return judge.reference.gaussian_log_prob(data) - judge.log_prob(data)


SCORE = OutlierScore(
    function=ratio,
    needs=(Scores,),
    meaning="how much less likely the model finds it than a Gaussian of the same data, in nats",
    order=2,
)
