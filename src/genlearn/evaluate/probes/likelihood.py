"""log p(x) of held-out data, in nats and in bits for each dimension.

Numbers are over the user's data space, so they compare between models -- of the same kind: an exact
value, a lower bound and an estimate are not ranked against one another.

    bits/dim = -log_2 p(x) / D,    D the number of numbers in an example.

Theis, van den Oord & Bethge 2015, arXiv 1511.01844. Pitfalls: a high likelihood does not mean good
samples, nor the reverse; densities of continuous data have no lowest number of bits, and one
constant column makes them as good as one likes; a mean can hang on a few examples.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...core.capabilities import Array, DatasetProtocol, Scores
from ...core.spec import DataSpec
from ..metric import Metric, MetricValue

METRICS = (
    Metric(
        key="bits_per_dim",
        title="Bits per dimension",
        group="density",
        better="lower",
        meaning=(
            "Bits that a code built on the model would spend on each number of a held-out example:"
            " the fewer, the less they surprise it."
        ),
        reference="-log2 p(x) / dim; Theis, van den Oord & Bethge 2015, arXiv 1511.01844",
        unit="bits/dim",
        headline=True,
    ),
    Metric(
        key="nats",
        title="Log-likelihood",
        group="density",
        better="higher",
        meaning="Mean log-probability of a held-out example, over the data's own space.",
        unit="nats",
    ),
)

_CHUNK = 16
Progress = Callable[[int, int], None]


def figures(scores: Array, spec: DataSpec) -> dict[str, MetricValue]:
    """Mean of ``scores`` (n,), log p(x) in nats of examples as ``spec`` says, with the normal
    interval; nothing if there are none.

    Scores may come in parts from several processes; their kind, exact | bound | estimate, is to be
    told beside.
    """
    n, values = len(scores), np.asarray(scores, np.float64)
    if not n:
        return {}
    mean, half = float(values.mean()), 1.96 * float(values.std()) / math.sqrt(n)
    bits = -1 / spec.dim / math.log(2)
    nats = MetricValue(mean, mean - half, mean + half, n)
    return {
        "bits_per_dim": MetricValue(bits * mean, bits * nats.high, bits * nats.low, n),
        "nats": nats,
    }


def score_in_parts(model: Scores, data: DatasetProtocol, n: int, progress: Progress) -> Array:
    """log p(x) of the first ``n`` examples, shape (n,); ``progress`` hears of (done, n)."""
    parts = []
    for start in range(0, n, _CHUNK):
        parts.append(model.score_samples(data.user(slice(start, min(start + _CHUNK, n)))))
        progress(min(start + _CHUNK, n), n)
    return np.concatenate(parts)
