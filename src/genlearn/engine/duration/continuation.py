"""Training that is finished goes on: by ``more`` steps, or for ``more`` time.

What the run is to become is written into its manifest at once: the plan with a restart, and under
``continued`` how much more was asked for and what is set otherwise from there on. So a continuation
that is killed is taken up like any other training.
"""

from __future__ import annotations

import json
from typing import Any

from ...core.capabilities import DatasetProtocol
from ...core.disk.checked import write_document
from ...core.errors import UserError
from ...core.estimator_types import GenerativeModel, seconds
from ..runs.checkpoint import checkpoints
from ..runs.run import Run, to_manifest
from .plan import OPEN, Plan, Revision

# hyper-parameters of the steps: how, not what, is learned
FREE = ("lr", "lr_schedule", "warmup", "weight_decay", "momentum", "clip", "ema", "batch_size")


def continued(run: Run, model: GenerativeModel, data: DatasetProtocol, more: str) -> dict[str, Any]:
    """The manifest of ``run`` that is to go on by ``more``; as it is, where it does already and is
    not done. Raises `UserError` for another model or other data, and where it is not finished."""
    check_more(more)
    run.require_same(model, data, FREE)
    manifest, hyper = run.manifest, json.loads(json.dumps(to_manifest(model)["hyper"]))
    before: list[dict[str, Any]] = manifest.get("continued", [])
    if not run.complete:
        if before and before[-1]["more"] == more and manifest["hyper"] == hyper:
            return manifest
        same = f" --more {before[-1]['more']}" if before else ""
        raise UserError(
            f"more={more!r} was given, but {run.path} is not finished: its steps are to be"
            f" {manifest['steps']:,}; finish it first, by the command that began it{same}"
        )
    if not checkpoints(run.states):
        raise UserError(
            f"more={more!r} was given, but {run.path} holds no checkpoint to go on from, only"
            " weights"
        )
    changed = {key: value for key, value in hyper.items() if manifest["hyper"][key] != value}
    plan, (steps, _) = Plan.from_json(manifest), length(more)
    end = plan.steps + steps if steps else OPEN
    batch = 0 if "batch_size" in changed else plan.revisions[-1].batch
    plan.revisions.append(Revision(plan.steps, end, restart=True, batch=batch))
    noted = {"step": manifest["steps"], "more": more, "changed": changed}
    return {**manifest, "hyper": hyper, **plan.to_json(), "continued": [*before, noted]}


def time_of(manifest: dict[str, Any], budget: str | None) -> tuple[float | None, str]:
    """The seconds that the current part of the training may take, if it is a time, and how that
    was said; ``budget`` is the first part's."""
    before = manifest.get("continued", [])
    text = f"more {before[-1]['more']}" if before else f"budget {budget}"
    allowed = length(before[-1]["more"])[1] if before else seconds(budget) if budget else None
    return allowed, text


def length(more: str) -> tuple[int | None, float | None]:
    """``more`` as steps, or as seconds."""
    return (int(more), None) if more.isdecimal() else (None, seconds(more, "more"))


def check_more(more: str) -> None:
    """Raise `UserError` for what is neither a number of steps nor a time above zero."""
    if more.isdecimal() and int(more) > 0:
        return
    try:
        seconds(more, "more")
    except UserError:
        raise UserError(
            f"more={more!r} was given; it is a number of steps, such as 500, or a time, such as"
            " 90s, 10m or 2h"
        ) from None


def share_of(more: str, share: float) -> str:
    """That share of ``more``."""
    steps, time = length(more)
    return f"{time * share:.2f}s" if time else str(max(1, round((steps or 0) * share)))


def keep(run: Run, manifest: dict[str, Any]) -> None:
    """Write it."""
    write_document(run.path / "manifest.json", manifest)
