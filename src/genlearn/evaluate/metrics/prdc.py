"""Precision, recall, density and coverage: is what is sampled plausible, and is all that is real
sampled?

A set's manifold is the union of the balls about its points that reach to their k-th nearest
neighbour (r_k).

    precision = fakes in the manifold of the reals:    mean_j 1[exists i: |y_j - x_i| <= r_3(x_i)]
    recall    = reals in the manifold of the fakes:    mean_i 1[exists j: |x_i - y_j| <= r_3(y_j)]
    density   = reals' balls that a fake lies in, over k: 1/(k m) sum_ij 1[|y_j - x_i| < r_5(x_i)]
    coverage  = share of reals with a fake in their ball:     mean_i 1[min_j |x_i - y_j| < r_5(x_i)]

Kynkaanniemi et al. 2019 (arXiv 1904.06991) for the first two, Naeem et al. 2020 (arXiv 2002.09797)
for the others. For fakes from the truth density is 1 in expectation and coverage is 1 - prod_{j<k}
(n - 1 - j)/(n + m - 1 - j), about 1 - 2^-k = 0.969; precision and recall have no such value.

Precision alone rewards a model that draws one plausible example for ever, recall alone one whose
samples are spread wide: they have no better direction here, and coverage ranks.

Pitfalls: an outlier's ball is huge: a single one lifts precision (if real) or recall (if fake),
which density and coverage mend; all four fall or rise with n, so that n must be equal; recall
counts noise of wide spread as covering; density above 1 means samples crowd where data is dense,
which is no virtue.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...core.errors import UserError
from ..metric import Metric, SetMetric
from ._distances import Array, blocks, centred, rounding


class PRDC(NamedTuple):
    """The four figures; all but density are in [0, 1]."""

    precision: float
    recall: float
    density: float
    coverage: float


def prdc(real: Array, fake: Array, k_pr: int = 3, k_dc: int = 5) -> PRDC:
    """``k_pr`` neighbours for precision and recall, ``k_dc`` for density and coverage. Each set
    needs more examples than that."""
    if min(len(real), len(fake)) <= max(k_pr, k_dc):
        raise UserError(
            f"precision and coverage need more than {max(k_pr, k_dc)} real and sampled examples,"
            f" got {len(real)} and {len(fake)}: give more"
        )
    real, fake = centred(real, fake)
    wide, dense = _balls(real, (k_pr, k_dc))
    (narrow,) = _balls(fake, (k_pr,))
    return _count(real, fake, (wide[1], narrow[1], dense[0]), k_dc)


def _balls(x: Array, ks: tuple[int, ...]) -> list[tuple[Array, Array]]:
    """Squared distance of each point to its k-th nearest other, (n,), just below and just above
    what rounding may make of it, for each k."""
    # the smallest is the point itself
    radii = np.concatenate(
        [np.partition(squared, sorted(set(ks)), axis=1)[:, ks] for _, squared in blocks(x, x)]
    )
    return [(r - rounding(x, r), r + rounding(x, r)) for r in radii.T]


def _count(real: Array, fake: Array, radii: tuple[Array, Array, Array], k_dc: int) -> PRDC:
    """``radii`` are those of the reals and of the fakes for <=, and of the reals for <."""
    plausible, recalled, covered, inside = np.zeros(len(fake), dtype=bool), 0, 0, 0
    for rows, squared in blocks(real, fake):
        plausible |= (squared <= radii[0][rows, None]).any(0)
        recalled += int((squared <= radii[1]).any(1).sum())
        within = np.count_nonzero(squared < radii[2][rows, None], axis=1)
        covered += int((within > 0).sum())
        inside += int(within.sum())
    return PRDC(
        float(plausible.mean()),
        recalled / len(real),
        inside / (k_dc * len(fake)),
        covered / len(real),
    )


METRIC = SetMetric(
    metrics=(
        Metric(
            key="precision",
            title="Precision",
            group="samples",
            better="neither",
            meaning=(
                "Share of samples that fall where real data is: are they plausible? One plausible"
                " picture scores 1, so read it beside recall."
            ),
            reference="Kynkaanniemi et al. 2019, arXiv 1904.06991",
            least=0.0,
            most=1.0,
        ),
        Metric(
            key="recall",
            title="Recall",
            group="samples",
            better="neither",
            meaning=(
                "Share of real examples that fall where samples are. Noise of wide spread scores 1,"
                " so read it beside precision."
            ),
            reference="Kynkaanniemi et al. 2019, arXiv 1904.06991",
            least=0.0,
            most=1.0,
        ),
        Metric(
            key="density",
            title="Density",
            group="samples",
            better="neither",
            meaning=(
                "How densely real data surrounds the samples: real data scores 1; below, samples"
                " stray; above, they crowd at the most typical examples."
            ),
            reference="Naeem et al. 2020, arXiv 2002.09797",
            ideal=1.0,
            least=0.0,
        ),
        Metric(
            key="coverage",
            title="Coverage",
            group="samples",
            better="higher",
            meaning=(
                "Share of real examples that have a sample close by: is any kind of example"
                " missing? Real data scores about 0.97."
            ),
            reference="Naeem et al. 2020, arXiv 2002.09797",
            ideal=1 - 2.0**-5,
            headline=True,
            least=0.0,
            most=1.0,
        ),
    ),
    function=prdc,
    needs="features",
    order=4,
    least=16,
    even=True,
)
