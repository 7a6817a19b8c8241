"""What was found out about a model: its metric values, its panels and remarks, kept in a folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from ..core.disk.checked import read_document, write_document
from ..core.panels import Panel
from .metric import MetricValue
from .panel import Evidence
from .panel_io import load_panels, save_panels
from .panels import panels_for


@dataclass
class Evaluation:
    """``kind`` of the log-likelihood, "" without one; ``copies`` is the memorization report in
    short; ``unranked`` are groups of metrics in which the model earns no rank, since its figures
    there are no merit."""

    figures: dict[str, MetricValue] = field(default_factory=dict)
    panels: list[Panel] = field(default_factory=list)
    kind: str = ""
    copies: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unranked: list[str] = field(default_factory=list)

    def add_panels(
        self,
        evidence: Evidence,
        failed: Callable[[str, Exception], None] = lambda what, error: None,
        seconds: float = inf,
    ) -> None:
        """Add the panels of the model; where some cannot be made, a note says so, ``failed`` hears
        which and why, and the figures stand. None is begun after so many ``seconds``."""
        begun, late = time.perf_counter(), []
        for kind in panels_for(evidence.subject):
            if not kind.free and time.perf_counter() - begun > seconds:
                late.append(kind.what)
                continue
            try:
                self.panels += kind.panels(evidence)
            except Exception as error:
                self.notes.append(f"{kind.what} cannot be shown ({type(error).__name__}: {error})")
                failed(kind.what, error)
        if late:
            self.notes.append(
                f"not drawn, for want of time: {', '.join(late)}; a longer --evaluation or --budget"
                " allows it"
            )

    def save(self, folder: Path, key: str) -> None:
        """Write everything to ``folder``; ``key`` names what was evaluated, and by what."""
        save_panels(folder / "panels", self.panels)
        figures = {name: figure.to_json() for name, figure in self.figures.items()}
        write_document(
            folder / "metric_values.json",
            {
                "key": key,
                "figures": figures,
                "kind": self.kind,
                "copies": self.copies,
                "notes": self.notes,
                "unranked": self.unranked,
            },
        )

    @classmethod
    def load(cls, folder: Path, key: str) -> Evaluation | None:
        """The evaluation in ``folder``, or None where there is none of ``key``."""
        if not (folder / "metric_values.json").exists():
            return None
        document = read_document(folder / "metric_values.json")
        if document["key"] != key:
            return None
        figures = {name: MetricValue(**figure) for name, figure in document["figures"].items()}
        return cls(
            figures,
            load_panels(folder / "panels"),
            document["kind"],
            document["copies"],
            document["notes"],
            document["unranked"],
        )


@dataclass(frozen=True)
class SampleSizes:
    """How many examples of each kind an evaluation takes; ``mapped`` are those whose codes take
    long."""

    samples: int
    scored: int
    encoded: int
    mapped: int = 50
    enlarged: int = 0


def sample_sizes(n: int) -> SampleSizes:
    """In proportion to ``n`` samples."""
    return SampleSizes(samples=n, scored=max(20, n // 10), encoded=n, enlarged=n)


def dumps(document: dict[str, Any]) -> bytes:
    """JSON for people: no NaN, which is no JSON."""
    return json.dumps(_finite(document), indent=1, allow_nan=False, default=_plain).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else str(value)
