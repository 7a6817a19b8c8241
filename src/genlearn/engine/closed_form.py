"""Learning in one go: no steps, so nothing to resume. A run stands whole or is estimated again."""

from __future__ import annotations

import time

from torch import nn

from ..core.capabilities import DatasetProtocol
from ..core.disk.atomic import sync_file
from ..core.disk.checked import read_tensors
from ..core.errors import UserError
from ..core.estimator_types import ClosedForm
from ..core.registry import name_of
from ..core.seeding import seed_for, seeded
from .callbacks import Callback, Progress
from .hardware.device import to_device
from .runs.metrics_log import JsonlLogger
from .runs.preview import write_preview
from .runs.run import Run


def fit_closed_form(
    model: ClosedForm,
    data: DatasetProtocol,
    run: Run | None,
    fresh: bool,
    source: str,
    callback: Callback,
) -> None:
    """Estimate ``model`` from ``data``, as a run of one step. An equal run that stands is taken
    instead, unless ``fresh``."""
    with seeded(seed_for(model.seed, "build")):
        model.networks_ = nn.ModuleDict(model.build(data.spec)).eval()
    if run and run.exists() and not fresh:
        run.require_same(model, data)
        if _taken(model, run, callback):
            callback.tell(f"{run.path} is complete: step 1 of 1; --fresh starts it again")
            to_device(model.networks_, data.spec, model.device)
            return
    elif run:
        run.create(run.describe(model, data, 1, source), callback.tell)
    seconds = _compute(model, data)
    numbers = sum(buffer.numel() for buffer in model.networks_.buffers())
    callback.tell(
        f"{name_of(type(model))}: {numbers:,} numbers estimated from {len(data):,} examples in"
        f" {seconds:.3g} s"
    )
    if run:
        _keep(model, run, Progress(1, 1, {}, 0.0, len(data) / max(seconds, 1e-9), seconds))
        shown = f"samples are in {run.samples}; " if model.previews else ""
        callback.tell(f"{run.path}: {shown}next: genlearn sample {run.path}")


def _compute(model: ClosedForm, data: DatasetProtocol) -> float:
    """Fill the networks and place them; the seconds it took."""
    start = time.perf_counter()
    with seeded(seed_for(model.seed, "estimate")):
        model.estimate(data)
    to_device(model.networks_, data.spec, model.device)
    return time.perf_counter() - start


def _taken(model: ClosedForm, run: Run, callback: Callback) -> bool:
    """Whether the numbers of ``run`` are there and whole; then ``model`` has them."""
    if not run.weights.exists():
        return False  # stopped before it was done
    try:
        model.networks_.load_state_dict(read_tensors(run.weights)[0])
    except (UserError, RuntimeError) as error:
        callback.tell(f"{run.weights.name} passed over: {str(error).splitlines()[0]}")
        return False
    return True


def _keep(model: ClosedForm, run: Run, progress: Progress) -> None:
    """Write the run's numbers, samples and report."""
    with run.writing():
        write_preview(model, run.samples / f"{1:08d}")
        metrics = JsonlLogger(run.metrics, 0)
        metrics.report(progress)
        metrics.close()
        sync_file(run.metrics)
    run.save_weights(model, 1)  # last: with them the run is complete
