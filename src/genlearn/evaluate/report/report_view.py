"""What the page is about: the report, its panels, and the orders and choices that all sections
share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from ...core.panels import Panel
from ...core.spec import DataSpec
from .number_format import is_finite

Record = dict[str, Any]
_LAST = 10**6


@dataclass(frozen=True)
class ReportView:
    """A report with its panels; models are in the order of their tiers everywhere."""

    report: Record
    panels: dict[str, list[Panel]]
    spec: DataSpec

    @cached_property
    def done(self) -> list[Record]:
        """Models that were measured, best first."""
        done = [m for m in self.report["models"] if m.get("status", "done") != "failed"]
        return sorted(done, key=lambda m: m.get("tier") or _LAST)

    @cached_property
    def failed(self) -> list[Record]:
        return [m for m in self.report["models"] if m.get("status") == "failed"]

    @property
    def several(self) -> bool:
        """Whether models are compared, or one is shown."""
        return len(self.report["models"]) > 1

    @cached_property
    def metrics(self) -> dict[str, Record]:
        """Metrics that at least one model, the floor or the ceiling has a figure of."""
        return {key: metric for key, metric in self.report["metrics"].items() if self.figures(key)}

    def figures(self, key: str) -> list[Record]:
        """All figures of one metric: the models', the floor's and the ceiling's."""
        places = [
            *(m.get("figures", {}) for m in self.done),
            self.report.get("floor", {}),
            self.report.get("ceiling", {}),
        ]
        return [
            place[key] for place in places if place.get(key) and is_finite(place[key].get("value"))
        ]

    @cached_property
    def board(self) -> list[str]:
        """Keys of the scoreboard's columns: the primary metric, then the headlines, in the
        primary's feature space."""
        primary = self.report["protocol"].get("primary", "")
        space = self.metrics.get(primary, {}).get("space", "")
        near = [
            k
            for k, m in self.metrics.items()
            if m.get("space", "") in ("", space)
            and (m.get("headline") or k == primary)
            and self.owners(k)
        ]
        return sorted(near, key=lambda k: k != primary)

    def owners(self, key: str) -> list[Record]:
        """Models that have a figure of a metric."""
        return [
            m for m in self.done if is_finite((m.get("figures", {}).get(key) or {}).get("value"))
        ]

    def grouped(self, keys: list[str]) -> list[tuple[str, list[str]]]:
        """Neighbouring keys of one group of metrics."""
        return [
            (group, list(of))
            for group, of in groupby(keys, key=lambda k: str(self.metrics[k]["group"]))
        ]

    def colour(self, name: str) -> str:
        """The class that gives a model its colour, the same in all charts; "" (real data) is
        ink."""
        names = [m["name"] for m in self.done]
        return f"c{names.index(name) % 10}" if name in names else "cx"

    @property
    def kinds(self) -> dict[str, list[str]]:
        """Models by the kind of their log-likelihood."""
        kinds: dict[str, list[str]] = {}
        for model in self.done:
            if model.get("kind"):
                kinds.setdefault(model["kind"], []).append(model["name"])
        return kinds


def full_title(metric: Record) -> str:
    """A metric's title with its feature space, where the title does not say it."""
    space = metric.get("space") or ""
    return (
        metric["title"] if not space or space in metric["title"] else f"{metric['title']} ({space})"
    )


def direction(metric: Record) -> str:
    """Which way is better, in a few words."""
    if metric["better"] == "neither":
        return (
            "no better direction"
            if metric.get("ideal") is None
            else f"the nearer to {metric['ideal']:.3g} the better"
        )
    return f"{metric['better']} is better"


def arrow(metric: Record) -> str:
    """Which way is better, as a sign."""
    return {"lower": "↓", "higher": "↑"}.get(metric["better"], "")
