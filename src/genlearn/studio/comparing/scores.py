"""What a report.json says, as pages show it. It may have come from elsewhere: what is none is
passed over, never a defect."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ...evaluate.metric import Better
from ...evaluate.ranking.text import headline
from ...evaluate.report.number_format import decimal_places, format_interval, format_number

REPORT = "report.json"
_LARGEST = 64 << 20  # bytes


class Figure(msgspec.Struct, frozen=True):
    """A value and its interval; None where it could not be measured."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class MetricFacts(msgspec.Struct, frozen=True):
    """What a metric is called, and which values are better."""

    title: str
    group: str = ""
    unit: str = ""
    space: str = ""
    better: Better = "neither"
    meaning: str = ""
    ideal: float | None = None

    @property
    def arrow(self) -> str:
        """Which way is better."""
        return {"lower": "↓", "higher": "↑"}.get(self.better, "")


class ModelFigures(msgspec.Struct, frozen=True):
    """The figures of a model, and its ``tiers`` by metric."""

    name: str
    model: str = ""
    status: str = "done"
    reason: str = ""
    tier: int | None = None
    figures: dict[str, Figure] = {}
    tiers: dict[str, int] = {}
    notes: list[str] = []


class Features(msgspec.Struct, frozen=True):
    """What samples are compared in."""

    name: str = ""
    digest: str = ""


class Protocol(msgspec.Struct, frozen=True):
    """How it was measured."""

    primary: str = ""
    samples: int | None = None
    features: list[Features] = []


class DataFacts(msgspec.Struct, frozen=True):
    """By what examples."""

    held_out_fingerprint: str = ""


class Report(msgspec.Struct, frozen=True):
    """A report: the metrics that were taken, the verdict in sentences, the models, the best
    first."""

    metrics: dict[str, MetricFacts]
    models: list[ModelFigures]
    summary: list[str] = []
    floor: dict[str, Figure] = {}
    protocol: Protocol = Protocol()
    data: DataFacts = DataFacts()

    @property
    def shown(self) -> list[str]:
        """The few metrics that say most, of those that there are."""
        there = {key for model in self.models for key in model.figures}
        return [
            key for key in headline(self.protocol.primary) if key in there and key in self.metrics
        ]

    @property
    def judged_by(self) -> str:
        """Names the examples and the features that figures are of: those of two reports compare
        where it is the same."""
        return " ".join(
            [self.data.held_out_fingerprint, *(one.digest for one in self.protocol.features)]
        )


@dataclass(frozen=True)
class Cell:
    """A figure as text; ``best``: of those that none is clearly better than."""

    value: str
    interval: str = ""
    best: bool = False


@dataclass(frozen=True)
class Judged:
    """The figures of one run, and the report that they are from."""

    figures: dict[str, Figure]
    report: Report
    place: Path


def read_report(folder: Path) -> Report | None:
    """The report in ``folder``; None where there is none, or nothing that could be shown."""
    path = folder / REPORT
    try:
        if path.stat().st_size > _LARGEST:
            return None
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None


def judged(run: Path) -> Judged | None:
    """The figures of the ``run``: by its own evaluation, else by the comparison that it is a part
    of."""
    for folder in (run / "evaluation", run.parent.parent):
        report = read_report(folder)
        found = report and next((one for one in report.models if one.name == run.name), None)
        if report and found and found.status == "done":
            return Judged(found.figures, report, folder)
    return None


def cells(figures: Sequence[Figure | None], best: Set[int] = frozenset()) -> list[Cell]:
    """Figures of one metric as text, of as many digits as are certain; ``best`` by index."""
    known = [msgspec.structs.asdict(one) if one else {"value": None} for one in figures]
    digits = decimal_places(known)
    return [
        Cell(format_number(one["value"], digits), format_interval(one, digits), index in best)
        for index, one in enumerate(known)
    ]
