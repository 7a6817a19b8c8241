"""From a model and data to a trained model: the number of steps, the run folder, the loop."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.capabilities import Examples
from ..core.errors import UserError
from ..core.training import STEPS, Training, seconds
from .device import fabric_for
from .loop import Cadence, Loop, Model
from .run import Run
from .watch import MetricsFile, Several, Silent, TensorBoard, Watch

_WARM, _MEASURED = 3, 20
_REST = 0.93  # share of a budget that steps may take; the rest is for previews and saving


@dataclass(frozen=True)
class Options:
    """How a run is kept: the folder, whether to start afresh, how often to save, how many checkpoints to keep, TensorBoard files."""

    out: str | Path | None = None
    fresh: bool = False
    save_every: int | None = None
    keep: int = 2
    tensorboard: bool = False
    source: str = ""


def fit(model: Model, data: Examples, options: Options, watch: Watch | None = None) -> int:
    """Train ``model`` on ``data``; the number of its steps. An equal run in ``options.out`` goes on where it stopped."""
    watch = watch or Silent()
    fabric = fabric_for(model, data.spec)
    run = Run(Path(options.out)) if options.out else None
    resumed = run is not None and run.exists() and not options.fresh
    if run and resumed:
        run.require_same(model, data)
    steps = run.manifest["steps"] if run and resumed else planned_steps(model, data, watch)
    if run and not resumed and fabric.is_global_zero:
        run.create(run.describe(model, data, steps, options.source))
    loop = Loop(model, data, fabric, steps, run, watch, Cadence.of(steps, options.save_every, options.keep))
    loop.build()
    loop.resume()
    if resumed:
        state = f"step {loop.state.step} of {steps}"
        watch.tell(f"{options.out} is complete: {state}; --fresh starts it again" if loop.state.step == steps else f"going on at {state}")
    if run and fabric.is_global_zero:
        loop.watch = Several((watch, *_files(run, loop.state.step, options)))
    try:
        loop.train()
    finally:
        loop.watch.close()
    return steps


def planned_steps(model: Training, data: Examples, watch: Watch) -> int:
    """Steps as asked for, or as many as fit the budget, or by size."""
    if model.steps is not None and model.budget is not None:
        raise UserError(f"steps={model.steps} and budget={model.budget!r} were given; give one of them")
    if model.budget is None:
        return model.steps or STEPS[model.size]
    allowed, each = seconds(model.budget) * _REST, seconds_per_step(model, data)
    steps = max(1, int(allowed / each))
    finish = time.strftime("%H:%M", time.localtime(time.time() + steps * each / _REST))
    watch.tell(f"budget {model.budget}: {each * 1e3:.3g} ms a step, {steps:,} steps of {model.batch_size}, finished at about {finish}")
    return steps


def seconds_per_step(model: Training, data: Examples) -> float:
    """The time of one step, measured on a copy that is thrown away."""
    trial: Any = copy.copy(model)
    loop = Loop(trial, data, fabric_for(trial, data.spec), _WARM + _MEASURED)
    loop.build()
    loop.advance(_WARM)
    start = time.perf_counter()
    loop.advance(_WARM + _MEASURED)
    return (time.perf_counter() - start) / _MEASURED


def _files(run: Run, step: int, options: Options) -> list[Watch]:
    files: list[Watch] = [MetricsFile(run.path / "metrics.jsonl", step)]
    return [*files, TensorBoard(run.path / "tensorboard", step)] if options.tensorboard else files
