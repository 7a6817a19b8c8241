"""From a model and data to a fitted model: the run folder; the number of steps and the loop, an
estimate in one go, or part by part."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.capabilities import DatasetProtocol
from ..core.estimator_types import (
    STEPS,
    ClosedForm,
    Composite,
    GradientTrained,
    check_length,
    seconds,
)
from ..core.registry import name_of
from .callbacks import (
    Callback,
    CallbackList,
    JsonlLogger,
    NullCallback,
    TensorBoardLogger,
    summary_writer,
    with_warnings,
)
from .closed_form import fit_closed_form
from .composite import CompositeTrainer
from .device import fabric_for, precision_of
from .runs.run import Run
from .runs.run_options import RunOptions
from .trainer import Intervals, Trainer

if TYPE_CHECKING:
    from lightning_fabric import Fabric

_WARM, _MEASURED = 3, 20
_REST = 0.93  # share of a budget that steps may take; the rest is for previews and saving


def fit(
    model: GradientTrained | ClosedForm | Composite,
    data: DatasetProtocol,
    out: str | Path | None,
    options: RunOptions,
    callback: Callback,
) -> int:
    """Fit ``model`` to ``data``; the number of its steps. An equal run in ``out`` goes on where it
    stopped."""
    run = Run(Path(out)) if out else None
    if isinstance(model, GradientTrained):
        return train(model, data, run, options, callback)
    if isinstance(model, Composite):
        return CompositeTrainer(model, data, run, options, callback).fit()
    fit_closed_form(model, data, run, options.fresh, options.source, callback)
    return 1


def train(
    model: GradientTrained,
    data: DatasetProtocol,
    run: Run | None,
    options: RunOptions,
    callback: Callback,
) -> int:
    """All gradient steps that are left; the number of steps."""
    check_length(model)
    if options.tensorboard:
        summary_writer()  # before the run of before is deleted
    fabric = fabric_for(model, data.spec)
    everyone = with_warnings(CallbackList((callback, options.callback)))
    callback = everyone if fabric.is_global_zero else NullCallback()
    resumed = fabric.broadcast(run is not None and run.exists() and not options.fresh)
    steps = _settle(model, data, run, resumed, fabric, options, callback)
    intervals = Intervals.of(steps, options.save_every, options.keep_checkpoints)
    loop = Trainer(model, data, fabric, steps, run, callback, intervals)
    loop.build()
    loop.resume()
    _announce(loop, resumed)
    if run and fabric.is_global_zero:
        loop.callback = CallbackList((callback, *_files(run, loop.state.step, options)))
    try:
        loop.train()
    finally:
        loop.callback.close()
    if run:
        callback.tell(
            f"{run.path}: {steps:,} steps; samples over time are in {run.samples}; next: genlearn"
            f" sample {run.path}"
        )
    return steps


def _announce(loop: Trainer, resumed: bool) -> None:
    """Say what is about to be trained, and from where on."""
    model, run, callback, step = loop.model, loop.run, loop.callback, loop.state.step
    where = f"{loop.fabric.device.type}, {precision_of(loop.fabric)}"
    callback.tell(
        f"{name_of(type(model))}: {loop.parameters_count:,} parameters, {where},"
        f" {loop.steps:,} steps of {model.batch_size}"
    )
    if run and resumed:
        state = f"step {step} of {loop.steps}"
        done = f"{run.path} is complete: {state}; --fresh starts it again"
        callback.tell(done if step == loop.steps else f"going on at {state}")


def _settle(
    model: GradientTrained,
    data: DatasetProtocol,
    run: Run | None,
    resumed: bool,
    fabric: Fabric,
    options: RunOptions,
    callback: Callback,
) -> int:
    """The number of steps, the same on all processes; the run's folder stands when this returns."""
    if run and resumed:
        run.require_same(model, data)
        return int(run.manifest["steps"])
    steps = int(fabric.broadcast(planned_steps(model, data, callback)))
    if run and fabric.is_global_zero:
        run.create(run.describe(model, data, steps, options.source))
    fabric.barrier()
    return steps


def planned_steps(model: GradientTrained, data: DatasetProtocol, callback: Callback) -> int:
    """Steps as asked for, or as many as fit the budget, or by size."""
    if model.budget is None:
        return model.steps or STEPS[model.size]
    allowed, each = seconds(model.budget) * _REST, seconds_per_step(model, data)
    steps = max(1, int(allowed / each))
    finish = time.strftime("%H:%M", time.localtime(time.time() + steps * each / _REST))
    callback.tell(
        f"budget {model.budget}: {each * 1e3:.3g} ms a step, {steps:,} steps of {model.batch_size},"
        f" finished at about {finish}"
    )
    return steps


def seconds_per_step(model: GradientTrained, data: DatasetProtocol) -> float:
    """The time of one step, measured on a copy that is thrown away."""
    trial = copy.copy(model)
    loop = Trainer(trial, data, fabric_for(trial, data.spec), _WARM + _MEASURED)
    loop.build()
    loop.advance(_WARM)
    start = time.perf_counter()
    loop.advance(_WARM + _MEASURED)
    return (time.perf_counter() - start) / _MEASURED


def _files(run: Run, step: int, options: RunOptions) -> list[Callback]:
    files: list[Callback] = [JsonlLogger(run.path / "metrics.jsonl", step)]
    return (
        [*files, TensorBoardLogger(run.path / "tensorboard", step)]
        if options.tensorboard
        else files
    )
