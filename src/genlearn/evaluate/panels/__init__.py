"""The panels of every report, one file each, with a ``PANEL`` that says of which models it is drawn
and in which section of the page it stands. A package adds one through the entry points
"genlearn.panels"."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...core.panels import Panel
from ...core.registry import Registry, objects_in
from ...data.dataset import Dataset
from ..panel import DefaultPanel, Evidence
from ..reference_set import ReferenceSet

PANELS: Registry[DefaultPanel] = Registry("panel", partial(objects_in, __name__, "PANEL"))


def panels_for(subject: Any) -> list[DefaultPanel]:
    """The panels of ``subject``, a model or a `Dataset`, in the order of reports."""
    found = [
        (panel.order, name, panel)
        for name, panel in PANELS.all().items()
        if isinstance(subject, panel.needs)
        and (panel.needs is Dataset) == isinstance(subject, Dataset)
    ]
    return [panel for _, _, panel in sorted(found, key=lambda item: item[:2])]


def data_panels(reference_set: ReferenceSet) -> list[Panel]:
    """What the data looks like."""
    evidence = Evidence(reference_set.split.held_out, reference_set)
    return [p for kind in panels_for(evidence.subject) for p in kind.panels(evidence)]


__all__ = ["PANELS", "DefaultPanel", "Evidence", "data_panels", "panels_for"]
