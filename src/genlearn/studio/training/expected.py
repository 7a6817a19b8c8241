"""What is known of a training before it begins: when its turn comes, and how fast one like it
was."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ...engine.runs.metrics_log import read_lines
from ..jobs.job import Job
from ..library.datasets import DataSource
from ..library.library import Library
from .cards import ModelCard


def until_its_turn(jobs: Sequence[Job]) -> float | None:
    """Seconds until those of ``jobs`` that are open have had their time; None where one of them
    was given steps instead."""
    left = 0.0
    for job in jobs:
        if job.open and job.budget is None:
            return None
        if job.open and job.budget is not None:
            spent = time.time() - job.started if job.state == "running" and job.started else 0.0
            left += max(0.0, job.budget - spent)
    return left


def steps_a_second(library: Library, card: ModelCard, source: DataSource) -> float | None:
    """Of the latest training of this model on this data, as it was set up then."""
    for run in library.runs().values():
        if run.model == card.name and run.data["source"] == source.text:
            lines = read_lines(run.path)
            if lines and lines[-1]["seconds"] > 0:
                return float(lines[-1]["step"] / lines[-1]["seconds"])
    return None
