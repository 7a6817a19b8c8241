"""What a run wrote down while it was trained: its losses, and how long it took."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def training_seconds(run: Path) -> float:
    """How long the run was trained, over all times that it was taken up."""
    lines = metrics_of_run(run)
    return float(lines[-1]["at"]) if lines else 0.0


def metrics_of_run(run: Path) -> list[dict[str, Any]]:
    """The lines of metrics.jsonl; ``at`` is the training time so far, where ``seconds`` starts
    again with each process."""
    path, before, last = run / "metrics.jsonl", 0.0, 0.0
    lines = (
        [line for text in path.read_text().splitlines() if (line := _read(text))]
        if path.exists()
        else []
    )
    for line in lines:
        before += last if line["seconds"] < last else 0.0
        last = line["seconds"]
        line["at"] = before + last
    return lines


def _read(text: str) -> dict[str, Any] | None:
    """A line of metrics; None where it was cut short by a killed process."""
    try:
        line: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    return line
