"""From a model and data to a fitted model: the run folder; the number of steps and the loop, an
estimate in one go, or part by part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ..core.capabilities import DatasetProtocol
from ..core.disk.atomic import sole_writer
from ..core.disk.checked import read_tensors
from ..core.errors import UserError
from ..core.estimator_types import STEPS, ClosedForm, Composite, GradientTrained, check_length
from ..core.registry import name_of
from .callbacks import (
    Callback,
    CallbackList,
    NullCallback,
    with_warnings,
)
from .closed_form import fit_closed_form
from .composite import CompositeTrainer
from .duration.budget import Budget
from .duration.continuation import continued, keep, time_of
from .duration.plan import OPEN, Plan
from .hardware.device import fabric_for, precision_of, to_device
from .hardware.distributed import Processes, is_main, launch_of
from .runs.checkpoint import checkpoints
from .runs.fine_tuning import Start, about, check_begun
from .runs.metrics_log import JsonlLogger
from .runs.run import Run
from .runs.run_options import RunOptions
from .trackers import TRACKERS
from .trackers._guarded import Guarded
from .trainer import Trainer
from .validation import Validation, check_watched, watched_by


def fit(
    model: GradientTrained | ClosedForm | Composite,
    data: DatasetProtocol,
    out: str | Path | None,
    options: RunOptions,
    callback: Callback,
    validation: DatasetProtocol | None = None,
) -> int:
    """Fit ``model`` to ``data``; the number of its steps. An equal run in ``out`` goes on where it
    stopped. ``validation`` is what the training is watched by."""
    for name in options.trackers:
        TRACKERS.find(name).check()  # before the run of before is deleted
    if not isinstance(model, ClosedForm):
        launch_of(model.devices)  # raises before one of several tasks locks the run
    with _run(out, options) as run:
        _check_options(model, run, options)
        if isinstance(model, GradientTrained):
            return train(model, data, run, options, callback, validation)
        if isinstance(model, Composite):
            return CompositeTrainer(model, data, run, options, callback, validation).fit()
        fit_closed_form(model, data, run, options.fresh, options.source, callback)
        return 1


@contextmanager
def _run(out: str | Path | None, options: RunOptions) -> Iterator[Run | None]:
    """The run at ``out``, which no other training writes to meanwhile. Processes that share each
    step share its lock, which the first holds; those that train parts of one model in one folder
    (`RunOptions.only`) hold the whole together, and each its part alone."""
    if out is None or not is_main():
        yield Run(Path(out)) if out else None
        return
    with sole_writer(Path(out), "samples", "state", shared=options.only is not None) as lock:
        yield Run(Path(out), lock)


def _check_options(model: Any, run: Run | None, options: RunOptions) -> None:
    """Raise `UserError` where there is nothing that could go on, or be begun with."""
    if isinstance(model, ClosedForm) and options.start_from:
        raise UserError(
            f"start_from={options.start_from!r} was given, but {name_of(type(model))} learns in one"
            " go, from the data alone; leave it out"
        )
    if isinstance(model, ClosedForm) and options.trackers:
        raise UserError(
            f"trackers={options.trackers!r} were given, but {name_of(type(model))} learns in one"
            " go, of which there is nothing to track; leave them out"
        )
    if options.more is None:
        return
    given = f"more={options.more!r} was given, but"
    if isinstance(model, ClosedForm):
        raise UserError(f"{given} {name_of(type(model))} learns in one go; nothing is left to do")
    if run is None or not run.exists():
        where = "no run (out) to go on with" if run is None else f"{run.path} is no run yet"
        raise UserError(f"{given} there is {where}; fit it first, without more")
    if options.fresh:
        raise UserError(f"{given} fresh too, which starts again; give one of them")


def train(
    model: GradientTrained,
    data: DatasetProtocol,
    run: Run | None,
    options: RunOptions,
    callback: Callback,
    validation: DatasetProtocol | None = None,
) -> int:
    """All gradient steps that are left; the number of steps."""
    check_length(model)
    started = time.perf_counter() if options.started is None else options.started
    fabric = fabric_for(model, data.spec)
    everyone = with_warnings(CallbackList((callback, options.callback)))
    callback = everyone if fabric.is_global_zero else NullCallback()
    resumed = fabric.broadcast(run is not None and run.exists() and not options.fresh)
    noted = watched_by(validation, options.patience)
    noted |= about(options.start_from) if options.start_from else {}
    plan = _settle(model, data, run, resumed, fabric, options, noted, callback)
    if run and resumed and run.complete and not checkpoints(run.states):
        return _taken(model, data, run, fabric, callback)
    kept = (options.save_every, options.keep_checkpoints)
    loop = Trainer(model, data, fabric, plan, run, callback, *kept)
    if validation is not None:
        folder = run.states if run else None
        loop.validation = Validation(model, validation, fabric, options.patience, folder)
    _begin(loop, resumed, options.start_from)
    if run and fabric.is_global_zero:
        listeners = _listeners(run, loop.state.step, options, callback.warn)
        loop.callback = CallbackList((callback, *listeners))
    try:
        _train(loop, resumed, started, *time_of(run.manifest if run else {}, model.budget))
    finally:
        loop.callback.close()
    if run:
        callback.tell(
            f"{run.path}: {loop.steps:,} steps; samples over time are in {run.samples}; next:"
            f" genlearn sample {run.path}"
        )
    return loop.steps


def _taken(
    model: GradientTrained, data: DatasetProtocol, run: Run, fabric: Processes, callback: Callback
) -> int:
    """``model`` becomes what ``run`` holds, which is complete and needs its states no more."""
    model.restore(data.spec, read_tensors(run.weights)[0], len(data))
    to_device(model.networks_, data.spec, fabric.device)
    steps = run.learned_steps
    callback.tell(f"{run.path} is complete: step {steps} of {steps}; --fresh starts it again")
    return steps


def _begin(loop: Trainer, resumed: bool, start_from: str | None) -> None:
    """New networks, those of the run to begin as, or those of the latest checkpoint."""
    loop.model.fine_tuned_ = start_from is not None
    if start_from and not (resumed and loop.run and checkpoints(loop.run.states)):
        loop.start = Start(start_from)
    loop.build()
    loop.resume()
    start, step = loop.plan.current.start, loop.state.step
    if step < start:
        loop.callback.warn(
            f"the checkpoint of step {start} is lost, from which more was asked for: steps from"
            f" {step} on are taken again, at the rates of now"
        )


def _train(loop: Trainer, resumed: bool, started: float, allowed: float | None, text: str) -> None:
    """All steps that are left, within the time that is ``allowed``, if one is."""
    if allowed is None:
        _announce(loop, resumed)
        loop.train()
        return
    if not loop.plan.open:
        _announce(loop, resumed)
        started = time.perf_counter() - loop.plan.current.progress(loop.state.step) * allowed
    budget = Budget(loop, allowed, started)
    budget.train(lambda each: _announce(loop, resumed, f"{text}: ", each))


def _announce(loop: Trainer, resumed: bool, within: str = "", each: float | None = None) -> None:
    """Say what is being trained and from where on; ``within`` what time, where a step takes
    ``each`` seconds."""
    model, run, callback, step = loop.model, loop.run, loop.callback, loop.state.step
    where = ", ".join(
        [loop.fabric.device.type, precision_of(model, loop.data.spec), *_levers(loop)]
    )
    about = f"{loop.steps:,} steps, {loop.batch_size} examples each"
    learned = sum(p.numel() for p in loop.parameters["loss"])
    if each is not None:
        finish = time.strftime("%H:%M:%S", time.localtime(time.time() + (loop.steps - step) * each))
        about = f"about {about}, {each * 1e3:.3g} ms a step, finished at {finish}"
    callback.tell(f"{name_of(type(model))}: {learned:,} parameters, {where}; {within}{about}")
    if run and resumed and within == "":
        state = f"step {step} of {loop.steps}"
        done = f"{run.path} is complete: {state}; --more trains it further, --fresh starts it again"
        callback.tell(done if step == loop.steps else f"going on at {state}")


def _levers(loop: Trainer) -> list[str]:
    """What the device is kept busy by, beside its precision."""
    programs, world = ", ".join(loop.forwards), loop.fabric.world_size
    is_cut = loop.state.layout.cut
    told = {
        f"{world} processes": world > 1,
        "the data in its memory": loop.batches.resident,
        f"{programs} compiled at the first steps": bool(programs),
        f"weights shared out to {world} processes": is_cut,
        "weights whole in each process, as fsdp knows none of its networks": not is_cut
        and loop.model.fsdp == "yes",
        "activations computed again": bool(loop.recomputed),
    }
    return [word for word, is_so in told.items() if is_so]


def _settle(
    model: GradientTrained,
    data: DatasetProtocol,
    run: Run | None,
    resumed: bool,
    fabric: Processes,
    options: RunOptions,
    noted: dict[str, Any],
    callback: Callback,
) -> Plan:
    """The steps, the same on all processes; the run's folder stands when this returns."""
    if run and resumed:
        return _resumed(model, data, run, fabric, options, noted)
    steps = OPEN if model.budget else model.steps or STEPS[model.size]
    if run and fabric.is_global_zero:
        about = {**run.describe(model, data, steps, options.source), **noted}
        run.create(about, callback.tell)
    fabric.barrier()
    return Plan.of(steps)


def _resumed(
    model: GradientTrained,
    data: DatasetProtocol,
    run: Run,
    fabric: Processes,
    options: RunOptions,
    noted: dict[str, Any],
) -> Plan:
    """The plan of the run that stands there, which goes on for longer where that is asked for."""
    check_watched(run.path, run.manifest, noted)
    if options.more is None or noted.get("from"):
        check_begun(run.path, run.manifest, noted)
    if options.more is None:
        run.require_same(model, data)
        return Plan.from_json(run.manifest)
    manifest = continued(run, model, data, str(options.more))
    fabric.barrier()  # all have read it
    if fabric.is_global_zero:
        keep(run, manifest)
    fabric.barrier()
    return Plan.from_json(manifest)


def _listeners(
    run: Run, step: int, options: RunOptions, warn: Callable[[str], None]
) -> list[Callback]:
    trackers = [
        Guarded(name, partial(TRACKERS.find(name), run, step), warn) for name in options.trackers
    ]
    return [JsonlLogger(run.metrics, step), *trackers]
