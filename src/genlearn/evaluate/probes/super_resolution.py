"""How well images are enlarged, apart from how well the small ones were drawn.

Samples of a cascade are judged as all samples are. What its stages add to that is told by images
that they make of small versions of real ones, in which no earlier stage has made a fault: the last
stage alone if it is judged by its own run, all of them in a chain if the cascade is.

Pitfall: enlarged images share what they show with those that they are compared with, so that a
distance below that of other real data is possible.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.capabilities import Array
from ...core.seeding import seed_for
from ..metric import Metric, MetricValue
from ..reference_set import ReferenceSet, raw

METRICS = (
    Metric(
        key="enlarged",
        title="Distance of enlarged data",
        group="enlarging",
        better="lower",
        meaning=(
            "Distance of held-out data to what is made of small versions of it, in the features"
            " that rank models by their samples."
        ),
        reference="Saharia et al. 2022, arXiv 2205.11487, noise conditioning augmentation",
        ideal=0.0,
    ),
    Metric(
        key="unfaithful",
        title="Change of small versions",
        group="enlarging",
        better="lower",
        meaning=(
            "Mean squared difference between small versions of held-out data and what is made of"
            " them, shrunk again; their range counted as 1."
        ),
        ideal=0.0,
    ),
)


def enlarge_downsampled(model: Any, reference_set: ReferenceSet, n: int) -> tuple[Array, Array]:
    """Small versions of the first ``n`` held-out examples, and what is made of them, as their
    captions say."""
    held = reference_set.split.held_out.take(slice(0, min(n, len(reference_set.split.held_out))))
    small = model.shrink(held.values)
    told: dict[str, Any] = (
        {"prompt": held.captions} if model.text_conditioned_ and held.captions else {}
    )
    return small, model.enlarge(small, seed=seed_for(reference_set.seed, "enlarge") % 2**31, **told)


def figures(
    model: Any, reference_set: ReferenceSet, small: Array, large: Array
) -> dict[str, MetricValue]:
    """Distance and faithfulness of ``large``, made of ``small``."""
    errors = (
        np.square(raw(model.shrink(large), model.small_spec_) - raw(small, model.small_spec_))
        .reshape(len(small), -1)
        .mean(1)
    )
    mean, half = float(errors.mean()), 1.96 * float(errors.std()) / np.sqrt(len(errors))
    return {
        "enlarged": reference_set.distance(large),
        "unfaithful": MetricValue(mean, max(0.0, mean - half), mean + half, len(errors)),
    }
