"""The training loop. It knows networks and losses; it does not know families.

Every step draws its examples and its randomness from (seed, step) alone, so a run can be stopped
anywhere and go on as if nothing had happened; and from the number of times that training went back,
so as not to walk into the same trouble again (`divergence_guard`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ..core.capabilities import DatasetProtocol
from ..core.cpu_threads import cpu_threads, use_threads
from ..core.disk.atomic import sync_file
from ..core.estimator_types import GradientTrained
from ..core.processes import shared_batch
from ..core.seeding import seeded, untouched
from .batches.batches import Batches
from .batches.example_order import ExampleOrder
from .beginning import beginning
from .callbacks import Callback, NullCallback, Progress
from .divergence_guard import SLOWER, DivergenceGuard
from .duration.plan import Plan, Revision
from .hardware.activation_checkpointing import recomputed, recomputed_networks
from .hardware.compiling import compiled, compiling
from .hardware.device import mixed_precision, wait_for
from .hardware.distributed import Processes, mean_over_processes, share_buffers
from .optimizers.optim import learning_rate
from .runs.checkpoint import State, drop_after
from .runs.fine_tuning import Learned, Start
from .runs.preview import drop_previews, write_preview
from .runs.run import Run
from .signals import Interrupted, StopFlag, no_signals, signals, told_anywhere
from .validation import Validation


@dataclass
class Trainer:
    """One training of ``model`` on ``data``; ``run`` is where it saves, if anywhere."""

    model: GradientTrained
    data: DatasetProtocol
    fabric: Processes
    plan: Plan
    run: Run | None = None
    callback: Callback = field(default_factory=NullCallback)
    save_every: int | None = None
    keep_checkpoints: int = 2
    validation: Validation | None = None
    start: Start | Learned | None = None
    may_preview: Callable[[], bool] = lambda: True  # asked before each that is not the last
    paused: float = field(default=0.0, init=False)  # seconds that previews and saving have taken
    pause: float = field(default=0.0, init=False)  # of the last one
    unsaved: bool = field(default=False, init=False)

    @property
    def steps(self) -> int:
        """As they are planned now."""
        return self.plan.steps

    @property
    def report_interval(self) -> int:
        """Steps from one report to the next."""
        return max(1, self.plan.first // 200)

    @property
    def save_interval(self) -> int:
        """Steps from one checkpoint and preview to the next."""
        return self.save_every or max(1, -(-self.plan.first // 10))

    def build(self) -> State:
        """New networks on the device, with their optimisers and average."""
        how = (self.fabric, self.start, self.callback)
        self.state = beginning(self.model, self.data, *how)
        networks = self.state.networks
        self.owner = {id(networks): "loss", **{id(net): name for name, net in networks.items()}}
        self.parameters = {
            name: [p for p in net.parameters() if p.requires_grad]
            for name, net in {"loss": networks, **networks}.items()
        }
        ranks = self.fabric.global_rank, self.fabric.world_size
        order = ExampleOrder(len(self.data), self.model.seed, *ranks)
        self.batches = Batches.on(self.fabric.device, self.data, order)
        self.recomputed = recomputed_networks(self.model, networks, self.state.layout)
        self.forwards = compiled(self.model, networks, self.plan, self.fabric.device)
        self.guard = DivergenceGuard(self.model, self.state, self.fabric)
        return self.state

    def resume(self) -> None:
        """Go to the latest checkpoint of the run, if there is one."""
        if self.run:
            self.guard.resume(self.state.load(self.run.states, self.callback.tell))
            if self.fabric.is_global_zero:
                drop_previews(self.run.samples, self.state.step)
            if self.validation:
                self.validation.resume(self.run.path, self.state.step, self.plan)

    def train(self) -> None:
        """All steps that are left; then the networks hold their average."""
        if self.state.step < self.steps:
            self.advance(self.steps)
        with cpu_threads(self.numbers):
            use_threads(self.plan.threads(self.steps) or torch.get_num_threads())
            if self.unsaved:
                self._save()
            self._finish()

    def replan(self, steps: int, threads: int, batch: int | None = None) -> None:
        """From here on, ``steps`` in all on ``threads`` of a CPU, and of ``batch`` examples if it
        is given, as the first process says."""
        batch = self.plan.revisions[-1].batch if batch is None else batch
        steps, threads, batch = self.fabric.broadcast((steps, threads, batch))
        self.plan.revisions.append(Revision(self.state.step, steps, threads, batch=batch))
        if self.run and self.fabric.is_global_zero:
            self.run.planned(self.plan)

    def advance(self, end: int, until: Callable[[], bool] | None = None) -> None:
        """The steps up to ``end``, or until ``until`` says so, at least one."""
        networks = self.model.networks_.train()
        self.started = time.perf_counter()
        self._last = (self.state.step, self.started)
        with (
            cpu_threads(self.numbers),
            mixed_precision(networks, self.fabric, self.forwards),
            compiling(self.forwards),
            recomputed(self.recomputed),
            signals() if self.run else no_signals() as stop,
        ):
            usual = torch.get_num_threads()
            while self.state.step < min(end, self.steps):
                with (
                    seeded(self.guard.seed(self.state.step), self.fabric.device),
                    shared_batch(self.fabric.global_rank, self.fabric.world_size),
                ):
                    use_threads(self.plan.threads(self.state.step) or usual)
                    self._step(self.state.step)
                self._between(stop)
                if until and self.fabric.broadcast(until()):
                    break
        wait_for(self.fabric.device)

    def _step(self, step: int) -> None:
        before = self.plan.examples(step, self.model.batch_size_)
        x, y = self.batches(before, self.batch_size)
        self.model.on_step_start(self.plan.progress(step))
        self.rate = learning_rate(self.model, self.plan, step) * SLOWER**self.state.rollbacks
        for net, loss in self.model.objectives(x, y):
            self._update(self.owner[id(net)], loss)
        share_buffers(self.state.networks, self.fabric)
        self.state.average.update(step)
        self.state.step, self.unsaved = step + 1, True

    def _update(self, name: str, loss: Tensor) -> None:
        steps, parameters = self.state.optimizers[name], self.parameters[name]
        steps.zero_grad()
        self.state.layout.backward(loss, parameters)
        if self.model.clip is not None:
            nn.utils.clip_grad_norm_(parameters, self.model.clip)
        steps.step(self.rate * self.model.lr_multiplier(name))
        total, count = self.state.losses.get(name, (torch.zeros(()), 0))
        self.state.losses[name] = (total.to(loss.device) + loss.detach(), count + 1)

    def _between(self, stop: StopFlag) -> None:
        step, stopped = self.state.step, told_anywhere(stop, self.fabric)
        report, save = (
            step % interval == 0 or step == self.steps
            for interval in (self.report_interval, self.save_interval)
        )
        if (report or save or stopped) and self._gone_back(thoroughly=save):
            return
        if report:
            self._report()
        if stopped:
            self._save(good=save)
            self._preview()
            raise Interrupted(
                stop.number,
                f"stopped at step {step} of {self.steps}, saved; the same command goes on from"
                " there",
            )
        if save and step < self.steps:
            start = time.perf_counter()
            self.guard.keep()
            if self.fabric.broadcast(self.may_preview()):
                self._preview()  # first: one that is lost in a kill is made again
            self._save()
            self.pause = time.perf_counter() - start
            self.paused += self.pause

    def _gone_back(self, thoroughly: bool) -> bool:
        """Whether something was wrong and training went back for it. Raises `UserError` where it
        did so before and cannot go on."""
        trouble = self.guard.look([total for total, _ in self.state.losses.values()], thoroughly)
        if trouble and not self.state.rollbacks:
            self._go_back(trouble.why)
            return True
        if trouble and trouble.fatal:
            raise self.guard.diverged(trouble.why, saved=self.run is not None)
        if trouble and not self.guard.told:
            self.callback.warn(
                f"step {self.state.step}: {trouble.why}; going back at half the rate did not help,"
                " and training goes on as it is"
            )
            self.guard.told = True
        return False

    def _go_back(self, why: str) -> None:
        step, rate = self.state.step, self.model.lr * SLOWER
        self.guard.go_back()
        self.state.losses, self._last = {}, (self.state.step, time.perf_counter())
        if self.validation:
            self.validation.go_back(self.state.step)
        self.callback.back(self.state.step)
        if self.run and self.fabric.is_global_zero:
            self.run.went_back({"step": step, "to": self.state.step, "why": why, "rate": rate})
            drop_after(self.run.states, self.state.step)
        self._save()
        where = f"back to step {self.state.step}, and on at half the rate, lr {rate:g}"
        self.callback.warn(f"step {step}: {why}; {where}")

    def _report(self) -> None:
        losses = {
            name: float(mean_over_processes(total, self.fabric)) / count
            for name, (total, count) in self.state.losses.items()
        }
        self.state.losses = {}
        now, (step, then) = time.perf_counter(), self._last
        self._last = (self.state.step, now)
        speed = (self.state.step - step) * self.batch_size / max(now - then, 1e-9)
        watch, taken = self.validation, now - self.started
        held_out = watch.look(self.state, self.plan, self.report_interval) if watch else None
        self.callback.report(
            Progress(self.state.step, self.steps, losses, self.rate, speed, taken, held_out)
        )
        if watch and watch.enough and held_out is not None and self.state.step < self.steps:
            self.callback.tell(watch.why(self.state.step))
            self.replan(self.state.step, self.plan.threads(self.state.step))

    def _save(self, good: bool = True) -> None:
        self.unsaved = False
        self.state.losses = {
            name: (mean_over_processes(total, self.fabric), count)
            for name, (total, count) in self.state.losses.items()
        }
        if not self.run:
            return
        gathered = self.state.gathered()
        if self.fabric.is_global_zero:
            with self.run.writing():
                sync_file(self.run.metrics)
                self.state.save(self.run.states, self.keep_checkpoints, good, gathered)

    def _preview(self) -> None:
        if self.run:
            with self.state.average.applied(), untouched():
                self.model.post_training(self.data)
                self._show()
                if self.fabric.is_global_zero:
                    self.callback.preview(self.model)

    def _finish(self) -> None:
        self.state.average.apply()
        if self.validation:
            self.validation.restore_best(self.state)
            self.callback.tell(self.validation.summary(self.state.step))
        if (wrong := self.guard.shortcoming()) and self.fabric.is_global_zero:
            self.callback.warn(wrong)
        self.model.networks_.eval()
        self.model.post_training(self.data)
        self._show()

    def _show(self) -> None:
        """Write the weights as they would be sampled, and samples."""
        if self.run and self.fabric.is_global_zero:
            with self.run.writing():
                self.run.save_weights(self.model, self.state.step)
                write_preview(self.model, self.run.samples / f"{self.state.step:08d}")

    @property
    def batch_size(self) -> int:
        """Examples in the next step."""
        return self.plan.batch(self.state.step, self.model.batch_size_)

    @property
    def numbers(self) -> int:
        """In a batch."""
        return self.batch_size * self.data.spec.dim
