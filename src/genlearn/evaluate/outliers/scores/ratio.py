r"""Likelihood ratio: how much less likely an example is to the model than to a Gaussian of the same
data.

    log p_0(x) - log p(x),    p_0 = N(m, C), m and C the mean and covariance of the data.

What makes an example likely at a glance -- few details, little contrast -- does so under both, and
falls out of the difference; what remains is what the model knows beyond means and covariances (Ren
et al. 2019, arXiv 1906.02845, whose background is the same model learned from corrupted data). The
covariance has 64 directions at most and is even across them (probabilistic PCA).

Far from all data both are small, and their difference may be anything: there log p(x) itself
decides (`guard`).

Pitfalls: a model that is no better than its Gaussian, or a Gaussian itself, has no ratio to speak
of; details that the model describes better than the Gaussian count in favour of whatever has them.
"""

from __future__ import annotations

from ....core.capabilities import Array, DatasetProtocol, Scores
from ..guard import Guarded
from ..outlier_score import Judge, OutlierScore


def ratio(judge: Judge, data: DatasetProtocol) -> Array:
    """log p_0(x) - log p(x) in standard deviations from usual, guarded by log p(x), (n,)."""
    return _ratio(judge, data).held_against(_ratio(judge, judge.reference.examples))


def _ratio(judge: Judge, data: DatasetProtocol) -> Guarded:
    log_prob = judge.log_prob(data)
    return Guarded(judge.reference.gaussian_log_prob(data) - log_prob, log_prob)


SCORE = OutlierScore(
    function=ratio,
    needs=(Scores,),
    meaning="how much less likely the model finds it than a Gaussian of the same data",
    order=2,
)
