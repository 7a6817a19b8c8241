"""The models as report.json holds them, in tiers."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import Any

from ..metric import Metric, MetricValue
from ..uncertainty import tiers


@dataclass(frozen=True, kw_only=True)
class RankedModel:
    """One model of a comparison; ``reason`` tells why it failed, where it did, ``unranked`` the
    groups of metrics in which it has no tier, and ``more_time`` how many times the budget it could
    use, where its held-out loss was still falling."""

    name: str
    model: str
    about: str
    baseline: bool
    hyper: dict[str, Any]
    figures: dict[str, MetricValue] = field(default_factory=dict)
    kind: str = ""
    copies: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""
    unranked: tuple[str, ...] = ()
    more_time: str = ""

    @property
    def copying(self) -> bool:
        return bool(self.copies.get("accused"))

    def value(self, key: str) -> float:
        """A figure's value; NaN where there is none."""
        return self.figures[key].value if key in self.figures else float("nan")


def ranking_rows(
    entries: list[RankedModel], metrics: dict[str, Metric], primary: str
) -> list[dict[str, Any]]:
    """The models as report.json holds them, best first, those that failed last."""
    placed = {key: tiers_of(entries, key, metric) for key, metric in metrics.items()}
    overall = placed.get(primary, {})

    def order(entry: RankedModel) -> tuple[bool, int, bool, float]:
        value = entry.value(primary)
        tier = overall.get(entry.name, len(entries) + 1)
        return bool(entry.reason), tier, isnan(value), value

    return [_row(entry, overall, placed) for entry in sorted(entries, key=order)]


def tiers_of(entries: list[RankedModel], key: str, metric: Metric) -> dict[str, int]:
    """Tiers by name; of likelihoods, among those of the same kind."""
    if metric.better == "neither" and metric.ideal is None:
        return {}
    ranked = [e for e in measured(entries, key) if metric.group not in e.unranked]
    kinds = sorted({e.kind if metric.group == "density" else "" for e in ranked})
    placed: dict[str, int] = {}
    for kind in kinds:
        same = [e for e in ranked if metric.group != "density" or e.kind == kind]
        if len(same) > 1 or len(kinds) == 1:
            figures = {e.name: e.figures[key] for e in same}
            placed |= tiers(figures, metric.better, metric.ideal)
    return placed


def measured(entries: list[RankedModel], key: str) -> list[RankedModel]:
    """Those with a figure that is a number."""
    return [entry for entry in entries if not isnan(entry.value(key))]


def _row(
    entry: RankedModel, overall: dict[str, int], placed: dict[str, dict[str, int]]
) -> dict[str, Any]:
    return {
        "name": entry.name,
        "model": entry.model,
        "about": entry.about,
        "baseline": entry.baseline,
        "hyper": entry.hyper,
        "status": "failed" if entry.reason else "done",
        "reason": entry.reason,
        "tier": overall.get(entry.name),
        "figures": {key: figure.to_json() for key, figure in entry.figures.items()},
        "tiers": {
            key: by_name[entry.name] for key, by_name in placed.items() if entry.name in by_name
        },
        "kind": entry.kind,
        "copies": entry.copies,
        "notes": list(entry.notes),
    }
