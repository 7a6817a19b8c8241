"""The learning curve on examples that are not learned from, and stopping where it no longer falls.

The loss is that of the weights that would be sampled, their average, and is taken under one fixed
noise: what changes from one mark of the curve to the next is the model alone. Its examples and
marks are so few that they cost about a fortieth of the training, unless that is very short.

Early stopping is the oldest of all regularisers (Prechelt 1998, "Early stopping -- but when?"):
where ``patience`` marks have risen above the best, training ends, and the weights of the best mark
are those that are kept. A curve that is flat ends nothing: where the rate falls to zero at the end,
much of what a training brings comes with its last steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..core.capabilities import DatasetProtocol
from ..core.disk.checked import read_tensors, write_tensors
from ..core.errors import UserError
from ..core.estimator_types import GradientTrained
from ..core.seeding import random_rows, seed_for, seeded
from .duration.plan import Plan
from .hardware.distributed import Processes
from .runs.checkpoint import State
from .runs.learning_curve import has_risen, marks
from .runs.metrics_log import read_lines

_EXAMPLES = 1024  # of a mark, at most
_MARKS, _FEWEST = 32, 4  # of a training
# what marks may cost, in examples for each that is learned from: a loss without its gradient is a
# third of a step (Griewank & Walther 2008, "Evaluating derivatives": backward costs two forward)
_COST = 3 * 0.025


@dataclass
class Validation:
    """The watch over the training of ``model`` by ``data``; ``folder`` is where the best weights
    are kept, if anywhere but in memory."""

    model: GradientTrained
    data: DatasetProtocol
    fabric: Processes
    patience: int | None = None
    folder: Path | None = None
    best: float = field(default=float("inf"), init=False)
    best_step: int = field(default=0, init=False)
    _marks: list[tuple[int, float]] = field(default_factory=list, init=False)
    _start: int = field(default=0, init=False)  # of the current cycle of the plan
    _weights: dict[str, Tensor] | None = field(default=None, init=False)

    def interval(self, steps: int, report: int, batch: int) -> int:
        """Of ``steps`` of ``batch`` examples, those from one mark to the next, a multiple of those
        from one ``report`` to the next."""
        affordable = _COST * steps * batch / self.count
        marks = min(_MARKS, max(_FEWEST, int(affordable)))
        return report * max(1, -(-steps // (marks * report)))

    @property
    def count(self) -> int:
        """Examples of a mark."""
        return min(len(self.data), _EXAMPLES)

    def resume(self, run: Path, step: int, plan: Plan) -> None:
        """Know the marks that the ``run`` has up to ``step``, of which those of the current cycle
        of the plan count for patience; the best is the one whose weights were kept."""
        self._marks, self._start = marks(read_lines(run), step), plan.current.start
        if self._file is None and self._marks:
            self.best_step, self.best = min(self._marks, key=lambda mark: mark[1])
        if self._file and self._file.exists():
            about = read_tensors(self._file)[1]
            self.best, self.best_step = float(about["loss"]), int(about["step"])

    def look(self, state: State, plan: Plan, report: int) -> float | None:
        """The held-out loss after the steps of ``state``, the same on all processes; None between
        two marks."""
        if plan.open:
            return None
        batch = plan.batch(state.step, self.model.batch_size_)
        if state.step % self.interval(plan.first, report, batch) and state.step != plan.steps:
            return None
        self._start = plan.current.start
        with state.average.applied(), torch.no_grad():
            networks = self.model.networks_.eval()
            self.model.on_step_start(1.0)  # the objective as it is at the end
            loss: float = self.fabric.broadcast(self._loss())
            networks.train()
            self._note(state, loss)
        return loss

    @property
    def enough(self) -> bool:
        """Whether too many marks have risen above the best since it was reached."""
        if self.patience is None or not self._marks:
            return False
        first, since = self._marks[0][1], max(self._start, self.best_step)
        risen = [has_risen(first, self.best, loss) for step, loss in self._marks if step > since]
        return sum(risen) >= self.patience

    def summary(self, step: int) -> str:
        """What the curve says of the weights that are kept after ``step`` steps, in a line."""
        if self.best_step in (0, step):
            return f"held-out loss: {self.best:.4g}, its best, at step {step:,}"
        best = f"held-out loss: its best was {self.best:.4g}, at step {self.best_step:,}"
        if self.patience:
            return f"{best}; the weights are those of that step"
        now = self._marks[-1][1]
        return f"{best}, and is {now:.4g} now: patience keeps the weights of the best"

    def why(self, step: int) -> str:
        """Why training ends after ``step`` steps."""
        return (
            f"step {step:,}: at {self.patience} marks the held-out loss had risen above its best,"
            f" {self.best:.4g} at step {self.best_step:,}; training ends"
        )

    def restore_best(self, state: State) -> None:
        """The networks, which hold what is to be sampled, become those of the best mark."""
        if self.patience is None or self.best_step in (0, state.step):
            return
        weights = read_tensors(self._file)[0] if self._file else self._weights
        self.model.networks_.load_state_dict(weights or {})

    def go_back(self, step: int) -> None:
        """Training went back to ``step``: marks beyond it are void, and where the best was one of
        these, what was best is not known any more."""
        self._marks = [mark for mark in self._marks if mark[0] <= step]
        if self.best_step <= step:
            return
        self.best, self.best_step, self._weights = float("inf"), 0, None
        if self._file and self.fabric.is_global_zero:
            self._file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path | None:
        """Where weights are kept, if a run keeps any."""
        return self.folder / "best.safetensors" if self.folder and self.patience else None

    def _note(self, state: State, loss: float) -> None:
        self._marks.append((state.step, loss))
        if loss < self.best:
            self.best, self.best_step = loss, state.step
            if self.patience is not None:
                self._keep()

    def _keep(self) -> None:
        weights = self.model.networks_.state_dict()
        if self._file is None:
            self._weights = {key: value.detach().cpu().clone() for key, value in weights.items()}
        elif self.fabric.is_global_zero:
            write_tensors(self._file, weights, step=str(self.best_step), loss=repr(self.best))

    def _loss(self) -> float:
        """The mean over the examples of a mark, a batch at a time."""
        rows = random_rows(self.model.seed, len(self.data), self.count, "validation")
        name, device, total = seed_for(self.model.seed, "validation"), self.fabric.device, 0.0
        for start in range(0, len(rows), self.model.batch_size_):
            part = rows[start : start + self.model.batch_size_]
            with seeded(seed_for(name, start), device):
                x, y = self.data.batch(part)  # by chance, where values are given noise
                y = None if y is None else y.to(device)
                total += float(self.model.held_out_loss(x.to(device), y)) * len(part)
        return total / len(rows)


def watched_by(data: DatasetProtocol | None, patience: int | None) -> dict[str, Any]:
    """What the manifest says of it. Raises `UserError` for patience with nothing to look at, or
    below 1."""
    if patience is not None and (data is None or patience < 1):
        raise UserError(
            f"patience={patience} was given; it is a number of marks of the held-out curve, at"
            " least 1, and takes validation, such as a share of 0.05"
        )
    if data is None:
        return {}
    about = {"count": len(data), "fingerprint": data.fingerprint, "patience": patience}
    return {"validation": about}


def check_watched(path: Path, manifest: dict[str, Any], watched: dict[str, Any]) -> None:
    """Raise `UserError` where a run was watched otherwise: it would stop elsewhere."""
    there, here = manifest.get("validation"), watched.get("validation")
    if there != here:
        raise UserError(
            f"{path} was trained with {_said(there)}, and {_said(here)} was given; give the same,"
            " choose another --out, or --fresh to replace it"
        )


def _said(about: dict[str, Any] | None) -> str:
    if about is None:
        return "no validation"
    patience = about["patience"]
    kept = "" if patience is None else f" and patience {patience}"
    return f"validation by {about['count']:,} examples ({about['fingerprint'][:8]}){kept}"
