"""A finished model made of models goes on: its parts do, each by its share; where parts learn from
what those before them learned, the last one does, since the others are what it was learned from.

The run of the whole notes which parts are to go on, and how often each has done so then, so that it
can be killed between two parts.
"""

from __future__ import annotations

from typing import Any

from ...core.errors import UserError
from ...core.estimator_types import Composite
from ..runs.run import Run
from .continuation import check_more, keep, share_of


def ask_for_more(model: Composite, run: Run, more: str) -> None:
    """Note in ``run`` that it goes on by ``more``; nothing, where it does already. Raises
    `UserError` where it is not finished, or the runs of its parts are gone."""
    check_more(more)
    if model.devices > 1:
        raise UserError(
            f"more={more!r} was given, and devices={model.devices}; a model made of models goes on"
            " with one device alone"
        )
    manifest = run.manifest
    before: list[dict[str, Any]] = manifest.get("continued", [])
    if is_going_on(run) and before[-1]["more"] == more:
        return
    if is_going_on(run) or not manifest["steps"]:
        same = f" --more {before[-1]['more']}" if before else ""
        raise UserError(
            f"more={more!r} was given, but {run.path} is not finished; finish it first, by the"
            f" command that began it{same}"
        )
    names = list(model.shares_)[-1:] if model.chained else list(model.shares_)
    gone = [name for name in names if not (run.path / name / "state").is_dir()]
    if gone:
        raise UserError(
            f"more={more!r} was given, but {run.path} no longer holds the runs of its parts"
            f" ({', '.join(gone)}), which would go on"
        )
    parts = {name: _times(run, name) + 1 for name in names}
    noted = {"step": manifest["steps"], "more": more, "parts": parts, "done": False}
    keep(run, {**manifest, "continued": [*before, noted]})


def is_going_on(run: Run) -> bool:
    """Whether it was to go on, and has not done so."""
    before = run.manifest.get("continued", [])
    return bool(before) and not before[-1]["done"]


def more_for(model: Composite, run: Run | None, name: str) -> str | None:
    """By how much the part of this ``name`` is still to go on."""
    if run is None or not is_going_on(run):
        return None
    asked = run.manifest["continued"][-1]
    if _times(run, name) >= asked["parts"].get(name, 0):
        return None
    more: str = asked["more"]
    return more if model.chained else share_of(more, model.shares_[name])


def whole_again(manifest: dict[str, Any], steps: int) -> dict[str, Any]:
    """The manifest of the whole, now that all parts are at the end of their ``steps``."""
    before = manifest.get("continued", [])
    done = {"continued": [*before[:-1], {**before[-1], "done": True}]} if before else {}
    return {**manifest, "steps": steps, **done}


def _times(run: Run, name: str) -> int:
    """How often the part has gone on."""
    return len(Run(run.path / name).manifest.get("continued", []))
