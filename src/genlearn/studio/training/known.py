"""What is known of data without opening it: what runs that learned from it have noted."""

from __future__ import annotations

from ...core.spec import DataSpec
from ..library.datasets import DataSource
from ..library.library import Library


def known_spec(library: Library, source: DataSource) -> DataSpec | None:
    """The kind of examples that ``source`` holds, if a run has learned from it."""
    runs = library.runs().values()
    return next((run.spec for run in runs if run.data["source"] == source.text), None)
