"""Metrics of sets: how far is what a model samples from what is real?

A metric is a pure function of two sets of examples, ``f(real, fake)``. Each file holds one, or one
family that is counted together: its equation, its paper, what fools it, and as ``METRIC`` what its
numbers are called, which way is better and what it needs. A package adds one through the entry
points "genlearn.metrics"; it stands behind ours, and the first of ours ranks the models.
"""

from __future__ import annotations

from functools import partial

from ...core.errors import UserError
from ...core.registry import Registry, objects_in
from ..metric import Needs, SetMetric

METRICS: Registry[SetMetric] = Registry("metric", partial(objects_in, __name__, "METRIC"))


def metrics_for(needs: Needs) -> tuple[SetMetric, ...]:
    """Every metric of such sets, in the order of reports. Raises `UserError` where two give numbers
    of one key."""
    own = METRICS.own()
    ranked = sorted(
        METRICS.all().items(), key=lambda item: (item[0] not in own, item[1].order, item[0])
    )
    keys: dict[str, str] = {}
    for name, metric in ranked:
        for key in (number.key for number in metric.metrics):
            if key in keys:
                raise UserError(
                    f"the metrics {keys[key]!r} and {name!r} both call a number {key!r}; uninstall"
                    " one of them, or rename its number"
                )
            keys[key] = name
    return tuple(metric for _, metric in ranked if metric.needs == needs)


__all__ = ["METRICS", "SetMetric", "metrics_for"]
