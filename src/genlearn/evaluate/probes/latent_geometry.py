r"""Is the latent space one space -- without holes, and without jumps?

**Completeness**: does every latent point decode to something plausible? A model that chose where to
draw codes itself would choose well, so the region is laid down from outside, the same way for all:
z ~ N(mean, covariance) of the codes of held-out data. Of all laws with these two moments the
Gaussian has the largest entropy: it fills the region that the codes occupy and knows nothing of
gaps within. With d(z) the decoder and Phi the manifold of real data (the union of balls about its
features that reach to their third nearest neighbour; Kynkaanniemi et al. 2019, arXiv 1904.06991),

    precision = P(phi(d(z)) in Phi),    coverage = share of real examples with a phi(d(z)) in their
    ball,    completeness = 2 precision coverage / (precision + coverage),

their harmonic mean (Sajjadi et al. 2018, arXiv 1806.00035, for such a mean of two): holes and blur
cost precision, and a decoder that makes the same few pictures from everywhere costs coverage. The
truth scores about what real data does, .9 for as many draws as real examples.

**Continuity**: do close points decode alike? On the straight line between the codes of two held-out
examples, in T equal steps, with s_t = |phi(d(z_t)) - phi(d(z_(t-1)))|,

    continuity = mean over pairs of  mean_t s_t / max_t s_t * min(1, way / distance),
    way = |phi(d(z_T)) - phi(d(z_0))|,

distance that of the two examples themselves: 1 where equal latent steps are equal steps in features
and lead from one example to the other, 1/T where all change happens in a single one, 0 where the
decoder makes one picture of all codes.

**Pitfalls.** Both are relative to the features. Continuity below 1 is no fault by itself -- the
data may consist of separate classes, between which something has to jump -- but it compares models
on the same data. Codes as large as the data make both a statement on sampling, not on a
representation. Codes in many dimensions lie near a sphere;
straight lines between them leave it, and a model whose codes are Gaussian noise has never decoded
what lies inside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.capabilities import Encodes
from ...core.seeding import seed_for
from ..metric import Metric, MetricValue
from ..metrics.prdc import prdc
from ..uncertainty import bootstrap_mean, half_sample_error

Array = NDArray[Any]

STEPS = 16
_LEAST = 20  # examples

METRICS = (
    Metric(
        key="completeness",
        title="Completeness",
        group="latent space",
        better="higher",
        meaning=(
            "Do decodings from anywhere in the occupied latent region look like data, and like all"
            " of it? Low where there are holes, blur, or the same few pictures everywhere."
        ),
        reference=(
            "harmonic mean of precision (Kynkaanniemi et al. 2019, arXiv 1904.06991) and coverage"
            " (Naeem et al. 2020, arXiv 2002.09797)"
        ),
        ideal=1.0,
        headline=True,
        least=0.0,
        most=1.0,
    ),
    Metric(
        key="continuity",
        title="Continuity",
        group="latent space",
        better="higher",
        meaning=(
            "How evenly pictures change along straight lines in latent space, from one example to"
            f" another: 1 is evenly, {1 / STEPS:.2f} all in one jump, 0 not at all."
        ),
        ideal=1.0,
        least=0.0,
        most=1.0,
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
    codes, real_features = codes[: 4 * n], real_features[: 4 * n]
    n = min(n, len(codes))
    drawn = extractor(model.decode(_region(codes, n, seed)))
    even = _evenness(model, codes, extractor, real_features, min(n, pairs), seed)
    return {
        "completeness": _completeness(real_features[:n], drawn, seed),
        "continuity": bootstrap_mean(even, seed),
    }


def _region(codes: Array, n: int, seed: int) -> Array:
    """``n`` draws from the Gaussian with the mean and covariance of ``codes`` (m, d), (n, d)."""
    mean = codes.mean(0, dtype=np.float64)
    noise = np.random.default_rng(seed_for(seed, "region")).standard_normal((n, len(codes)))
    # the covariance of the rows, which may be singular
    draws = mean + noise @ (codes - mean) / np.sqrt(len(codes))
    return np.asarray(draws, codes.dtype)


def _completeness(real: Array, drawn: Array, seed: int) -> MetricValue:
    """Of as many real examples as draws, (n, d) each; 0 for draws that are not finite."""

    def harmonic_mean(real: Array, drawn: Array) -> tuple[float]:
        found = prdc(real, drawn)
        total = found.precision + found.coverage
        return (2 * found.precision * found.coverage / total if total else 0.0,)

    metric = next(metric for metric in METRICS if metric.key == "completeness")
    if not np.isfinite(drawn).all():
        return metric.figure(0.0, 0.0, len(drawn))
    error = half_sample_error(harmonic_mean, real, drawn, seed)[0]
    return metric.figure(harmonic_mean(real, drawn)[0], 1.96 * error, len(drawn))


def _evenness(
    model: Encodes,
    codes: Array,
    extractor: Callable[[Array], Array],
    real: Array,
    pairs: int,
    seed: int,
) -> Array:
    """Mean step over largest step of each line, less where its ends are nearer to one another than
    the examples are, (pairs,); 0 where nothing changes."""
    rng = np.random.default_rng(seed_for(seed, "pairs"))
    ends = np.stack([rng.permutation(len(codes))[:2] for _ in range(pairs)])
    t = np.linspace(0, 1, STEPS + 1, dtype=codes.dtype)[:, None]
    lines = (1 - t) * codes[ends[:, :1]] + t * codes[ends[:, 1:]]
    features = extractor(model.decode(lines.reshape(-1, codes.shape[1]))).reshape(
        pairs, STEPS + 1, -1
    )
    steps = np.linalg.norm(np.diff(features, axis=1), axis=2)
    even = _ratio(steps.mean(1), steps.max(1))
    way = np.linalg.norm(features[:, -1] - features[:, 0], axis=1)
    return even * np.minimum(
        1, _ratio(way, np.linalg.norm(np.diff(real[ends], axis=1)[:, 0], axis=1))
    )


def _ratio(a: Array, b: Array) -> Array:
    """a / b; 0 where b is."""
    ratio: Array = np.divide(a, b, out=np.zeros(len(a)), where=b > 0)
    return ratio
