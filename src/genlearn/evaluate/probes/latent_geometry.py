r"""Is the latent space one space -- without holes, and without jumps?

**Completeness**: does every latent point decode to something plausible? A model that chose where to
draw codes itself would choose well, so the region is laid down from outside, the same way for all:
z ~ N(mean, covariance) of the codes of held-out data. Of all laws with these two moments the
Gaussian has the largest entropy: it fills the region that the codes occupy and knows nothing of
gaps within. With d(z) the decoder and Phi the manifold of real data (the union of balls about its
features that reach to their third nearest neighbour; Kynkaanniemi et al. 2019, arXiv 1904.06991),

    completeness = P(phi(d(z)) in Phi) / P(phi(d(e(x))) in Phi),

    x held-out data that Phi was not built from.

The denominator is what the decoder can do at its best: blur, which lowers both, cancels.

**Continuity**: do close points decode alike? On the straight line between the codes of two held-out
examples, in T equal steps, with s_t = |phi(d(z_t)) - phi(d(z_(t-1)))|,

    continuity = mean over pairs of  mean_t s_t / max_t s_t,

1 where equal latent steps are equal steps in features, 1/T where all change happens in a single
one.

**Pitfalls.** Both are relative to the features. A decoder that ignores its code is perfectly
continuous, and complete if its one picture is plausible: read them beside reconstruction and active
units. Continuity below 1 is no fault by itself -- the data may consist of separate classes, between
which something has to jump -- but it compares models on the same data. Completeness may exceed 1 by
chance, or where draws are more ordinary than data. Codes in many dimensions lie near a sphere;
straight lines between them leave it, and a model whose codes are Gaussian noise has never decoded
what lies inside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ...core.capabilities import Encodes
from ...core.seeding import seed_for
from ..metric import Metric, MetricValue
from ..uncertainty import bootstrap_mean
from .knn import nearest_neighbours

Array = NDArray[Any]

STEPS = 16
_BALL = 3  # the neighbour that a ball reaches to
_LEAST = 20  # examples
_RESAMPLES = 1000
_ROWS = 256

METRICS = (
    Metric(
        key="completeness",
        title="Completeness",
        group="latent space",
        better="higher",
        meaning=(
            "How plausible decodings from anywhere in the occupied latent region are, relative to"
            " reconstructions: low where there are holes."
        ),
        reference="Kynkaanniemi et al. 2019, arXiv 1904.06991, for what is plausible",
        ideal=1.0,
        headline=True,
    ),
    Metric(
        key="continuity",
        title="Continuity",
        group="latent space",
        better="higher",
        meaning=(
            "How evenly pictures change along straight lines in latent space: 1 is evenly,"
            f" {1 / STEPS:.2f} all in one jump."
        ),
        ideal=1.0,
    ),
)


def latent_geometry(
    model: Encodes,
    codes: Array,
    extractor: Callable[[Array], Array],
    real_features: Array,
    seed: int,
    n: int = 500,
    pairs: int = 100,
) -> dict[str, MetricValue]:
    """Completeness with ``n`` draws, and continuity with ``pairs``. Nothing for fewer than 20
    examples.

    ``codes``: of held-out examples; ``extractor``: values -> features (n, d); ``real_features``:
    those of the same examples, row by row.
    """
    if min(len(codes), len(real_features)) < _LEAST:
        return {}
    known, codes_of_new = real_features[::2], codes[1::2][:n]
    codes = codes[: 4 * n]
    best = _inside(extractor(model.decode(codes_of_new)), known)
    drawn = _inside(extractor(model.decode(_region(codes, n, seed))), known)
    figures = {
        "continuity": bootstrap_mean(_evenness(model, codes, extractor, min(n, pairs), seed), seed)
    }
    return ({"completeness": _relative(drawn, best, seed)} if best.any() else {}) | figures


def _region(codes: Array, n: int, seed: int) -> Array:
    """``n`` draws from the Gaussian with the mean and covariance of ``codes`` (m, d), (n, d)."""
    mean = codes.mean(0, dtype=np.float64)
    noise = np.random.default_rng(seed_for(seed, "region")).standard_normal((n, len(codes)))
    # the covariance of the rows, which may be singular
    draws = mean + noise @ (codes - mean) / np.sqrt(len(codes))
    return np.asarray(draws, codes.dtype)


def _inside(features: Array, known: Array) -> Array:
    """1 for each of ``features`` that lies in a ball about one of ``known``, else 0; NaN lies
    nowhere."""
    radii = nearest_neighbours(known, known, _BALL + 1)[0][:, -1]
    inside = [
        (cdist(features[i : i + _ROWS], known) <= radii).any(1)
        for i in range(0, len(features), _ROWS)
    ]
    return np.concatenate(inside).astype(np.float64)


def _relative(drawn: Array, best: Array, seed: int) -> MetricValue:
    """Ratio of the shares, each resampled on its own."""
    rng = np.random.default_rng(seed_for(seed, "completeness"))
    shares = [rng.binomial(len(x), x.mean(), _RESAMPLES) / len(x) for x in (drawn, best)]
    low, high = np.quantile(shares[0] / np.maximum(shares[1], 1 / len(best)), (0.025, 0.975))
    return MetricValue(float(drawn.mean() / best.mean()), float(low), float(high), len(drawn))


def _evenness(
    model: Encodes, codes: Array, extractor: Callable[[Array], Array], pairs: int, seed: int
) -> Array:
    """Mean step over largest step of each line, (pairs,); 1 where nothing changes."""
    rng = np.random.default_rng(seed_for(seed, "pairs"))
    ends = np.stack([rng.permutation(len(codes))[:2] for _ in range(pairs)])
    t = np.linspace(0, 1, STEPS + 1, dtype=codes.dtype)[:, None]
    lines = (1 - t) * codes[ends[:, :1]] + t * codes[ends[:, 1:]]
    features = extractor(model.decode(lines.reshape(-1, codes.shape[1]))).reshape(
        pairs, STEPS + 1, -1
    )
    steps = np.linalg.norm(np.diff(features, axis=1), axis=2)
    largest = steps.max(1)
    even: Array = np.divide(steps.mean(1), largest, out=np.ones(pairs), where=largest > 0)
    return even
