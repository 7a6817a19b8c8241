"""What the page is about: the report, its panels, and the orders and choices that all sections share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from ...core.panel import Panel
from ...core.spec import DataSpec
from .numbers import finite

Record = dict[str, Any]
_LAST = 10**6


@dataclass(frozen=True)
class Content:
    """A report with its panels; models are in the order of their rank everywhere."""

    report: Record
    panels: dict[str, list[Panel]]
    spec: DataSpec

    @cached_property
    def done(self) -> list[Record]:
        """Models that were measured, by rank."""
        done = [m for m in self.report["models"] if m.get("status", "done") != "failed"]
        return sorted(done, key=lambda m: m.get("rank") or _LAST)

    @cached_property
    def failed(self) -> list[Record]:
        return [m for m in self.report["models"] if m.get("status") == "failed"]

    @property
    def several(self) -> bool:
        """Whether models are compared, or one is shown."""
        return len(self.report["models"]) > 1

    @cached_property
    def measures(self) -> dict[str, Record]:
        """Measures that at least one model, the floor or the ceiling has a figure of."""
        return {key: measure for key, measure in self.report["measures"].items() if self.figures(key)}

    def figures(self, key: str) -> list[Record]:
        """All figures of one measure: the models', the floor's and the ceiling's."""
        places = [*(m.get("figures", {}) for m in self.done), self.report.get("floor", {}), self.report.get("ceiling", {})]
        return [place[key] for place in places if place.get(key) and finite(place[key].get("value"))]

    @cached_property
    def board(self) -> list[str]:
        """Keys of the scoreboard's columns: the primary measure, then the headlines, in the primary's feature space."""
        primary = self.report["protocol"].get("primary", "")
        space = self.measures.get(primary, {}).get("space", "")
        near = [k for k, m in self.measures.items() if m.get("space", "") in ("", space) and (m.get("headline") or k == primary) and self.owners(k)]
        return sorted(near, key=lambda k: k != primary)

    def owners(self, key: str) -> list[Record]:
        """Models that have a figure of a measure."""
        return [m for m in self.done if finite((m.get("figures", {}).get(key) or {}).get("value"))]

    def grouped(self, keys: list[str]) -> list[tuple[str, list[str]]]:
        """Neighbouring keys of one group of measures."""
        return [(group, list(of)) for group, of in groupby(keys, key=lambda k: str(self.measures[k]["group"]))]

    def colour(self, name: str) -> str:
        """The class that gives a model its colour, the same in all charts; "" (real data) is ink."""
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


def full_title(measure: Record) -> str:
    """A measure's title with its feature space, where the title does not say it."""
    space = measure.get("space") or ""
    return measure["title"] if not space or space in measure["title"] else f"{measure['title']} ({space})"


def direction(measure: Record) -> str:
    """Which way is better, in a few words."""
    if measure["better"] == "neither":
        return "no better direction" if measure.get("ideal") is None else f"the nearer to {measure['ideal']:.3g} the better"
    return f"{measure['better']} is better"


def arrow(measure: Record) -> str:
    """Which way is better, as a sign."""
    return {"lower": "↓", "higher": "↑"}.get(measure["better"], "")
