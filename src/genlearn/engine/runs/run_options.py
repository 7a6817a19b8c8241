"""How a run is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..callbacks import Callback, NullCallback


@dataclass(frozen=True)
class RunOptions:
    """Whether to start afresh; which run to begin as (fine-tuning); or to go on where the run is
    finished, by ``more`` steps (500) or time (5m), with other rates if the model has others; after
    how many marks of the held-out curve above the best one (``patience``) training ends; how
    often to save, how many checkpoints to keep, trackers by name, a name for the data; who else
    watches; which part of a model made of models to train here, if not all; and when a budget
    ``started`` (`time.perf_counter`), by default as training does."""

    fresh: bool = False
    start_from: str | None = None
    more: str | int | None = None
    patience: int | None = None
    save_every: int | None = None
    keep_checkpoints: int = 2
    trackers: tuple[str, ...] = ()
    source: str = ""
    callback: Callback = field(default_factory=NullCallback)
    only: str | None = None
    started: float | None = None
