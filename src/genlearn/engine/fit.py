"""From a model and data to a fitted model: the run folder; the number of steps and the loop, an estimate in one go, or part by part."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.capabilities import Examples
from ..core.registry import name_of
from ..core.training import STEPS, Composer, Estimator, Learner, check_length, seconds
from .compose import Composition
from .device import fabric_for, precision_of
from .estimate import estimate
from .keeping import Keeping
from .loop import Cadence, Loop
from .run import Run
from .watch import MetricsFile, Several, Silent, TensorBoard, Watch, heard

if TYPE_CHECKING:
    from lightning_fabric import Fabric

_WARM, _MEASURED = 3, 20
_REST = 0.93  # share of a budget that steps may take; the rest is for previews and saving


def fit(model: Learner | Estimator | Composer, data: Examples, out: str | Path | None, keeping: Keeping, watch: Watch) -> int:
    """Fit ``model`` to ``data``; the number of its steps. An equal run in ``out`` goes on where it stopped."""
    run = Run(Path(out)) if out else None
    if isinstance(model, Learner):
        return train(model, data, run, keeping, watch)
    if isinstance(model, Composer):
        return Composition(model, data, run, keeping, watch).fit()
    estimate(model, data, run, keeping.fresh, keeping.source, watch)
    return 1


def train(model: Learner, data: Examples, run: Run | None, keeping: Keeping, watch: Watch) -> int:
    """All gradient steps that are left; the number of steps."""
    check_length(model)
    fabric = fabric_for(model, data.spec)
    watch = heard(Several((watch, keeping.watch))) if fabric.is_global_zero else Silent()
    resumed = fabric.broadcast(run is not None and run.exists() and not keeping.fresh)
    steps = _settle(model, data, run, resumed, fabric, keeping, watch)
    loop = Loop(model, data, fabric, steps, run, watch, Cadence.of(steps, keeping.save_every, keeping.keep))
    loop.build()
    loop.resume()
    where = f"{fabric.device.type}, {precision_of(fabric)}"
    watch.tell(f"{name_of(type(model))}: {loop.parameters_count:,} parameters, {where}, {steps:,} steps of {model.batch_size}")
    if run and resumed:
        state = f"step {loop.state.step} of {steps}"
        watch.tell(f"{run.path} is complete: {state}; --fresh starts it again" if loop.state.step == steps else f"going on at {state}")
    if run and fabric.is_global_zero:
        loop.watch = Several((watch, *_files(run, loop.state.step, keeping)))
    try:
        loop.train()
    finally:
        loop.watch.close()
    if run:
        watch.tell(f"{run.path}: {steps:,} steps; samples over time are in {run.samples}; next: genlearn sample {run.path}")
    return steps


def _settle(model: Learner, data: Examples, run: Run | None, resumed: bool, fabric: Fabric, keeping: Keeping, watch: Watch) -> int:
    """The number of steps, the same on all processes; the run's folder stands when this returns."""
    if run and resumed:
        run.require_same(model, data)
        return int(run.manifest["steps"])
    steps = int(fabric.broadcast(planned_steps(model, data, watch)))
    if run and fabric.is_global_zero:
        run.create(run.describe(model, data, steps, keeping.source))
    fabric.barrier()
    return steps


def planned_steps(model: Learner, data: Examples, watch: Watch) -> int:
    """Steps as asked for, or as many as fit the budget, or by size."""
    if model.budget is None:
        return model.steps or STEPS[model.size]
    allowed, each = seconds(model.budget) * _REST, seconds_per_step(model, data)
    steps = max(1, int(allowed / each))
    finish = time.strftime("%H:%M", time.localtime(time.time() + steps * each / _REST))
    watch.tell(f"budget {model.budget}: {each * 1e3:.3g} ms a step, {steps:,} steps of {model.batch_size}, finished at about {finish}")
    return steps


def seconds_per_step(model: Learner, data: Examples) -> float:
    """The time of one step, measured on a copy that is thrown away."""
    trial = copy.copy(model)
    loop = Loop(trial, data, fabric_for(trial, data.spec), _WARM + _MEASURED)
    loop.build()
    loop.advance(_WARM)
    start = time.perf_counter()
    loop.advance(_WARM + _MEASURED)
    return (time.perf_counter() - start) / _MEASURED


def _files(run: Run, step: int, keeping: Keeping) -> list[Watch]:
    files: list[Watch] = [MetricsFile(run.path / "metrics.jsonl", step)]
    return [*files, TensorBoard(run.path / "tensorboard", step)] if keeping.tensorboard else files
