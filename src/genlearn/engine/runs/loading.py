"""A fitted model from its run, and into one.

Weights know after how many steps they were written, and the manifest how many there are to be: a
run that is still training, or was stopped, says so wherever it is used.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.disk.atomic import sole_writer
from ...core.disk.checked import read_tensors
from ...core.errors import UserError
from ...core.estimator_types import GenerativeModel
from ...core.spec import DataSpec
from ..duration.plan import OPEN
from ..hardware.device import to_device
from .checkpoint import checkpoints
from .run import Run, from_manifest, to_manifest, versions


def load(path: str | Path, tell: Callable[[str], None] | None = None) -> Any:
    """The model of the run (or saved model) at ``path``, ready for use. That it has not learned all
    of its steps is told: as a Python warning, if not to ``tell``. Raises `UserError` where it is
    not one, or damaged."""
    model = read(path)
    if note := unfinished(Path(path), model):
        tell(note) if tell else warnings.warn(note, UserWarning, stacklevel=3)
    return model


def unfinished(path: Path, model: Any) -> str:
    """That the ``model`` of the run at ``path`` has not learned all of its steps, in a sentence; ""
    where it has."""
    learned, planned = model.n_steps_, model.planned_steps_
    if learned >= planned:
        return ""
    of = f"{planned:,} steps" if planned < OPEN else "its steps, whose number is not known yet"
    return f"{path} has learned {learned:,} of {of}; the command that fitted it goes on"


def read(path: str | Path) -> Any:
    """As `load`, and nothing is told."""
    run = Run(Path(path))
    manifest, (weights, about) = _together(run)
    try:
        model = from_manifest(manifest)
        spec = DataSpec.from_json(manifest["data"]["spec"])
        model.restore(spec, weights, manifest["data"]["count"])
        model.planned_steps_ = manifest["steps"]
        model.n_steps_ = int(about.get("step", manifest["steps"]))
    except UserError:
        raise
    except Exception as error:  # what another version, or another hand, has written
        raise UserError(
            f"{run.path} does not fit this version of genlearn ({error}); fit again with --fresh"
        ) from error
    to_device(model.networks_, spec, model.device)
    return model


def _together(run: Run) -> tuple[dict[str, Any], Any]:
    """The manifest and the weights, of one and the same training: where another one begins between
    reading both, they are read again."""
    while True:
        before, weights = run.manifest, read_tensors(run.weights)
        after = run.manifest
        if all(before.get(key) == after.get(key) for key in ("model", "hyper", "data", "from")):
            return after, weights


def save(model: Any, path: str | Path) -> None:
    """Write a fitted ``model`` to the folder ``path`` as a run without state. Raises `UserError`
    where it would replace one with state."""
    place = Path(path)
    with sole_writer(place, "samples", "state") as lock:
        run = Run(place, lock)
        if any(
            checkpoints(one.states)
            for one in (run, *(Run(folder) for folder in run.path.glob("*/")))
        ):
            raise UserError(
                f"{path} is a training run with checkpoints, which saving would replace; choose"
                " another folder"
            )
        data = {
            "source": "",
            "asked": {},
            "count": model.n_samples_,
            "fingerprint": "",
            "spec": model.spec_.to_json(),
        }
        about = {"steps": _planned(model), "data": data, "versions": versions()}
        run.create({**to_manifest(model), **about}, warnings.warn)
        run.save_weights(model, model.n_steps_)


def _planned(model: GenerativeModel) -> int:
    """The steps that the training of ``model`` was to have, of which it may have taken fewer."""
    planned: int = vars(model).get("planned_steps_", model.n_steps_)
    return planned
