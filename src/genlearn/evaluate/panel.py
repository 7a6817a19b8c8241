"""The panels that every model gets, by what it can do, and what they are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.capabilities import Array
from ..core.panels import Panel
from .probes.memorization import MemorizationReport
from .reference_set import ReferenceSet

ACROSS = 12  # images in a row
SHOWN = 48  # samples
MAPPED = 800  # points of a map


@dataclass
class Evidence:
    """What an evaluation has found, from which panels are drawn; what was not looked for is None.

    ``subject`` is the model, or the held-out data themselves; ``samples`` (n, *user_shape) are of a
    model that samples, ``copies`` tells those that were looked at closely; ``codes`` (n,
    latent_dim) are those of the first held-out examples; ``enlarged`` holds small versions and what
    was made of them; ``probe_curves`` are accuracies by number of labels.
    """

    subject: Any
    reference_set: ReferenceSet
    run: Path | None = None
    samples: Array | None = None
    copies: MemorizationReport | None = None
    codes: Array | None = None
    enlarged: tuple[Array, Array] | None = None
    probe_curves: dict[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DefaultPanel:
    """What a report draws of every subject that is of the class ``needs``: a capability, `object`
    for any model, or `Dataset` for the data themselves.

    ``draw`` may give no panels, where the data are of another kind. They stand in ``section`` of
    the page where they name none; titles are the same for all models, so that a report can lay them
    side by side. ``what`` is named in a note where they cannot be drawn; reports show panels by
    rising ``order``. Those that are ``free`` show what is known already, and take no time.
    """

    draw: Callable[[Evidence], Iterable[Panel]]
    needs: type[Any]
    what: str
    section: str = ""
    order: int = 1000
    free: bool = False

    def panels(self, evidence: Evidence) -> list[Panel]:
        """The panels, in their section."""
        drawn = self.draw(evidence)
        return [p if p.section else replace(p, section=self.section) for p in drawn]
