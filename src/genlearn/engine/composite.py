"""A model made of models: each part is trained as a run of its own, in a folder of its name inside
the run of the whole.

So a part can be stopped, resumed, looked at and judged by itself; where parts do not learn from one
another they may be trained side by side, by several processes on devices of their own. Once all are
complete the run of the whole is written, and needs the folders no more.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.capabilities import DatasetProtocol
from ..core.disk.atomic import locked, write_bytes
from ..core.disk.checked import read_tensors
from ..core.errors import UserError, nearest
from ..core.estimator_types import Composite, GradientTrained, check_length
from ..core.registry import name_of
from .callbacks import Callback, CallbackList, NullCallback, Progress, with_warnings
from .duration.continued_parts import ask_for_more, is_going_on, more_for, whole_again
from .hardware.distributed import is_main
from .runs.learning_curve import MARK
from .runs.metrics_log import read_lines
from .runs.preview import write_preview
from .runs.run import Run
from .runs.run_options import RunOptions
from .validation import watched_by


@dataclass
class CompositeTrainer:
    """The training of ``model``, part by part; ``run`` is where it is kept, if anywhere."""

    model: Composite
    data: DatasetProtocol
    run: Run | None
    options: RunOptions
    callback: Callback
    validation: DatasetProtocol | None = None

    def fit(self) -> int:
        """Train what is left to train; the number of steps of all parts. Without all of them the
        model stays unfitted, which is told."""
        check_length(self.model)
        watched_by(self.validation, self.options.patience)
        self._check_only()
        self.callback = (
            with_warnings(CallbackList((self.callback, self.options.callback)))
            if is_main()
            else NullCallback()
        )
        with locked(self.run.path / "manifest.json") if self.run and is_main() else nullcontext():
            taken = self._taken()
        if taken:
            return self.model.n_steps_
        self.model.parts_, left = {}, dict.fromkeys(self.model.shares_)
        for name, part, examples in self.model.parts(self.data):
            if not self._is_elsewhere(name):
                self._learn(name, part, examples)
                left.pop(name)
            if self.model.chained and name == self.options.only:
                break
        if left:
            self.callback.tell(
                f"still to be trained: {', '.join(left)}; the same command without --only then puts"
                " all together"
            )
            return 0
        self.model.assemble()
        steps = sum(int(self.model.parts_[name].n_steps_) for name in self.model.shares_)
        self._keep(steps)
        return steps

    def _learn(self, name: str, part: Any, examples: DatasetProtocol) -> None:
        self.callback.tell(f"{name}: {name_of(type(part))}")
        self.model.parts_[name] = part
        last = name == list(self.model.shares_)[-1] and self.options.only is None
        ear = _Ear(self.callback, self.model if last else None, self.run)
        out = self.run.path / name if self.run else None
        more = more_for(self.model, self.run, name)
        own = replace(self.options, callback=ear, only=None, started=None, more=more)
        held_out = self._held_out(name, part, examples)
        if self.options.start_from:
            own = replace(own, start_from=str(Path(self.options.start_from) / name))
        if held_out is None:
            own = replace(own, patience=None)
        try:
            part.fit(examples, out=out, progress=False, options=own, validation=held_out)
        except UserError as error:
            raise UserError(f"{name}: {error}") from error

    def _held_out(self, name: str, part: Any, examples: DatasetProtocol) -> Any:
        """What the part's training is watched by."""
        if self.validation is None:
            return None
        if not isinstance(part, GradientTrained) or not part.has_held_out_loss:
            self.callback.tell(f"{name}: has no held-out loss, and is not watched")
            return None
        return self.model.part_validation(name, self.validation, examples.spec)

    def _check_only(self) -> None:
        only, names = self.options.only, self.model.shares_
        if only is not None and only not in names:
            raise UserError(f"--only {only} was given; {nearest(only, names)}")
        if only is not None and self.run is None:
            raise UserError(f"--only {only} was given without a folder for its run; give one")

    def _is_elsewhere(self, name: str) -> bool:
        """Whether another process is to train the part. Raises `UserError` where those after it
        have to wait for it."""
        if (
            self.run is None
            or self.options.only in (None, name)
            or Run(self.run.path / name).complete
        ):
            return False
        if self.model.chained:
            raise UserError(
                f"--only {self.options.only} was given, but it learns from {name}, which is not"
                " trained yet; train that first"
            )
        return True

    def _taken(self) -> bool:
        """Whether the run stands complete, and was taken; if not, its folder stands when this
        returns."""
        if self.run is None:
            return False
        if self.run.exists() and not (self.options.fresh and self.options.only is None):
            self.run.require_same(self.model, self.data)
            if self.options.more is not None and is_main():
                ask_for_more(self.model, self.run, str(self.options.more))
            if (
                self.options.fresh
                or not self.run.manifest["steps"]
                or not self.run.weights.exists()
                or is_going_on(self.run)
            ):
                return False
            self.model.restore(self.data.spec, read_tensors(self.run.weights)[0], len(self.data))
            self.model.n_steps_ = self.run.manifest["steps"]
            self.callback.tell(
                f"{self.run.path} is complete; --more trains it further, --fresh starts it again"
            )
            return True
        if is_main():
            about = self.run.describe(self.model, self.data, 0, self.options.source)
            parts = {"parts": list(self.model.shares_)}
            self.run.create(about | parts, self.callback.tell)
        return False

    def _keep(self, steps: int) -> None:
        """Write the run of the whole: metrics and samples, weights, and the number of steps, by
        which it is complete."""
        if self.run is None or not is_main():
            return
        with self.run.writing():
            _gather_metrics(self.run, list(self.model.shares_))
            write_preview(self.model, self.run.samples / f"{steps:08d}")
        self.run.save_weights(self.model, steps)
        self.run.note(whole_again(self.run.manifest, steps))
        self.callback.tell(
            f"{self.run.path}: all parts are together; next: genlearn sample {self.run.path}"
        )


@dataclass
class _Ear(NullCallback):
    """Passes on what is heard of a part; of the last one, ``whole`` is shown at its previews, which
    is complete then."""

    callback: Callback
    whole: Composite | None
    run: Run | None
    heard = True
    step = 0

    def tell(self, line: str) -> None:
        self.callback.tell(line)

    def warn(self, line: str) -> None:
        self.callback.warn(line)

    def report(self, progress: Progress) -> None:
        self.step = progress.step
        self.callback.report(progress)

    def back(self, step: int) -> None:
        self.callback.back(step)

    def preview(self, model: Any) -> None:
        if self.whole is not None:
            self.whole.assemble()
            if self.run:
                write_preview(self.whole, self.run.samples / f"{self.step:08d}")
            self.callback.preview(self.whole)

    def close(self) -> None:
        self.callback.close()


def _gather_metrics(run: Run, names: list[str]) -> None:
    """The metrics of all parts as those of one training; losses are named after their part."""
    lines, before = [], 0
    for name in names:
        last = 0
        for line in read_lines(run.path / name):
            last = line["step"]
            losses = {
                name if key == "loss" else f"{name} {key}": value
                for key, value in line["losses"].items()
            }
            if MARK in line:
                losses[f"{name} {MARK}"] = line.pop(MARK)
            lines.append(json.dumps({**line, "step": before + last, "losses": losses}))
        before += last
    write_bytes(run.metrics, "".join(f"{line}\n" for line in lines).encode())
