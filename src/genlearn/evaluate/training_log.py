"""What a run wrote down while it was trained: its losses, and how long it took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..engine.runs.metrics_log import read_lines


def training_seconds(run: Path) -> float:
    """How long the run was trained, over all times that it was taken up."""
    lines = metrics_of_run(run)
    return float(lines[-1]["at"]) if lines else 0.0


def metrics_of_run(run: Path) -> list[dict[str, Any]]:
    """The lines of metrics.jsonl; ``at`` is the training time so far, where ``seconds`` starts
    again with each process."""
    lines, before, last = read_lines(run), 0.0, 0.0
    for line in lines:
        before += last if line["seconds"] < last else 0.0
        last = line["seconds"]
        line["at"] = before + last
    return lines
