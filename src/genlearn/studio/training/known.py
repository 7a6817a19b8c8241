"""What is known of data before a model learns from it."""

from __future__ import annotations

from ...core.spec import DataSpec
from ..context import Studio
from ..library.datasets import DataSource


def known_spec(studio: Studio, source: DataSource) -> DataSpec | None:
    """The kind of examples that ``source`` holds, if it was looked at, or a run has learned from
    it."""
    runs = studio.library.runs().values()
    learned = next((run.spec for run in runs if run.data["source"] == source.text), None)
    return studio.inspector.spec(source) or learned
