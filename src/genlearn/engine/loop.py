"""The training loop. It knows networks and losses; it does not know families.

Every step draws its examples and its randomness from (seed, step) alone, so a run can be stopped anywhere and go on as if nothing had happened;
and from the number of times that training went back, so as not to walk into the same trouble again (`watchdog`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..core.capabilities import Examples, Samples
from ..core.learning import Learnable
from ..core.picture import grid
from ..core.random import derive, scope
from ..core.spec import GridSpec, ImageSpec
from ..core.threads import threads
from ..core.training import Learner
from .checkpoint import State, drop_after
from .device import average_gradients, mixed_precision, place
from .files import write
from .optim import EMA, learning_rate, optimizer
from .run import Run
from .stop import Interrupted, Stop, nothing, signals
from .watch import Progress, Silent, Watch
from .watchdog import SLOWER, Watchdog

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@dataclass(frozen=True)
class Cadence:
    """How often the loop reports, and how often it saves and draws a preview, in steps."""

    report: int
    save: int
    keep: int

    @classmethod
    def of(cls, steps: int, save_every: int | None, keep: int) -> Cadence:
        return cls(report=max(1, steps // 200), save=save_every or max(1, -(-steps // 10)), keep=keep)


@dataclass
class Loop:
    """One training of ``model`` on ``data``; ``run`` is where it saves, if anywhere."""

    model: Learner
    data: Examples
    fabric: Fabric
    steps: int
    run: Run | None = None
    watch: Watch = field(default_factory=Silent)
    cadence: Cadence = field(default_factory=lambda: Cadence(1000, 1000, 2))

    def build(self) -> State:
        """New networks on the device, with their optimisers and average."""
        with scope(derive(self.model.seed, "build")):
            networks = nn.ModuleDict(self.model.build(self.data.spec))
        place(networks, self.data.spec, self.fabric.device)
        self.model.networks_ = networks
        with scope(derive(self.model.seed, "measure")):
            self.model.measure(self.data)
        self.state = State(networks, EMA(networks, self.model.ema), {})
        self.owner = {id(networks): "loss", **{id(net): name for name, net in networks.items()}}
        self.parameters = {name: [p for p in net.parameters() if p.requires_grad] for name, net in self._networks()}
        self.state.optimizers = {name: optimizer(self.model, net) for name, net in self._networks() if self.parameters[name]}
        self.watchdog = Watchdog(self.model, self.state, self.fabric)
        return self.state

    def resume(self) -> None:
        """Go to the latest checkpoint of the run, if there is one."""
        if self.run:
            self.watchdog.resume(self.state.load(self.run.states, self.watch.tell))

    def train(self) -> None:
        """All steps that are left; then the networks hold their average."""
        if self.state.step < self.steps:
            self.advance(self.steps)
            self._save()
        self._finish()

    def advance(self, end: int) -> None:
        """The steps up to ``end``."""
        networks = self.model.networks_.train()
        self.started = time.perf_counter()
        self._sums: dict[str, tuple[Tensor, int]] = {}
        self._last = (self.state.step, self.started)
        numbers = self.model.batch_size * self.data.spec.dim
        with scope(self.model.seed), threads(numbers), mixed_precision(networks, self.fabric), signals() if self.run else nothing() as stop:
            while self.state.step < end:
                self._step(self.state.step)
                self._between(stop)

    def _step(self, step: int) -> None:
        again = (self.state.rollbacks,) if self.state.rollbacks else ()
        seed = derive(self.model.seed, "step", step, self.fabric.global_rank, *again)
        torch.default_generator.manual_seed(seed)
        if self.fabric.device.type == "cuda":
            torch.cuda.manual_seed(seed)
        x, y = self.data.batch(self._indices(step))
        x, y = x.to(self.fabric.device), None if y is None else y.to(self.fabric.device)
        self.model.before_step(step / self.steps)
        self.rate = learning_rate(self.model, step, self.steps) * SLOWER**self.state.rollbacks
        for net, loss in self.model.objectives(x, y):
            self._update(self.owner[id(net)], loss)
        self.state.average.update(step)
        self.state.step = step + 1

    def _update(self, name: str, loss: Tensor) -> None:
        steps, parameters = self.state.optimizers[name], self.parameters[name]
        steps.zero_grad(set_to_none=True)
        torch.autograd.backward(loss, inputs=parameters)
        average_gradients(parameters, self.fabric)
        if self.model.clip is not None:
            nn.utils.clip_grad_norm_(parameters, self.model.clip)
        for group in steps.param_groups:
            group["lr"] = self.rate * self.model.rate(name)
        steps.step()
        total, count = self._sums.get(name, (torch.zeros((), device=loss.device), 0))
        self._sums[name] = (total + loss.detach(), count + 1)

    def _between(self, stop: Stop) -> None:
        step, stopped = self.state.step, self._told_to_stop(stop)
        report, save = (step % cadence == 0 or step == self.steps for cadence in (self.cadence.report, self.cadence.save))
        if (report or save or stopped) and self._gone_back(thoroughly=save):
            return
        if report:
            self._report()
        if stopped:
            self._save(good=save)
            self._preview()
            raise Interrupted(stop.number, f"stopped at step {step} of {self.steps}, saved; the same command goes on from there")
        if save and step < self.steps:
            self.watchdog.keep()
            self._save()
            self._preview()

    def _gone_back(self, thoroughly: bool) -> bool:
        """Whether something was wrong and training went back for it. Raises `UserError` where it did so before and cannot go on."""
        trouble = self.watchdog.look([total for total, _ in self._sums.values()], thoroughly)
        if trouble and not self.state.rollbacks:
            self._go_back(trouble.why)
            return True
        if trouble and trouble.fatal:
            raise self.watchdog.diverged(trouble.why, saved=self.run is not None)
        if trouble and not self.watchdog.told:
            self.watch.warn(f"step {self.state.step}: {trouble.why}; going back at half the rate did not help, and training goes on as it is")
            self.watchdog.told = True
        return False

    def _go_back(self, why: str) -> None:
        step, rate = self.state.step, self.model.lr * SLOWER
        self.watchdog.go_back()
        self._sums, self._last = {}, (self.state.step, time.perf_counter())
        self.watch.back(self.state.step)
        if self.run and self.fabric.is_global_zero:
            self.run.went_back({"step": step, "to": self.state.step, "why": why, "rate": rate})
            drop_after(self.run.states, self.state.step)
            self._save()
        self.watch.warn(f"step {step}: {why}; back to step {self.state.step}, and on at half the rate, lr {rate:g}")

    def _told_to_stop(self, stop: Stop) -> bool:
        """Whether a signal arrived, at any process."""
        if self.fabric.world_size > 1:
            stop.number = int(self.fabric.all_reduce(torch.tensor(stop.number), reduce_op="max"))  # type: ignore[arg-type]
        return stop.number > 0

    def _report(self) -> None:
        losses = {name: float(total) / count for name, (total, count) in self._sums.items()}
        self._sums = {}
        now, (step, then) = time.perf_counter(), self._last
        self._last = (self.state.step, now)
        speed = (self.state.step - step) * self.model.batch_size * self.fabric.world_size / max(now - then, 1e-9)
        self.watch.report(Progress(self.state.step, self.steps, losses, self.rate, speed, now - self.started))

    def _save(self, good: bool = True) -> None:
        if self.run and self.fabric.is_global_zero:
            self.state.save(self.run.states, self.cadence.keep, good)

    def _preview(self) -> None:
        if self.run and self.fabric.is_global_zero:
            with self.state.average.applied(), torch.random.fork_rng():
                self.model.calibrate(self.data)
                self.run.save_weights(self.model, self.state.step)
                draw(self.model, self.run.samples / f"{self.state.step:08d}")
                self.watch.preview(self.model)

    def _finish(self) -> None:
        self.state.average.apply()
        self.model.networks_.eval()
        self.model.calibrate(self.data)
        if self.run and self.fabric.is_global_zero:
            self.run.save_weights(self.model, self.steps)
            draw(self.model, self.run.samples / f"{self.steps:08d}")

    def _indices(self, step: int) -> NDArray[np.int64]:
        """The step's examples: passes over the data in an order fixed by the seed, each process taking its share."""
        size, rank, world = self.model.batch_size, self.fabric.global_rank, self.fabric.world_size
        n = len(self.data)
        first = (step * world + rank) * size
        places = np.arange(first, first + size)
        return np.concatenate([self._order(epoch)[places[places // n == epoch] % n] for epoch in np.unique(places // n)])

    def _order(self, epoch: int) -> NDArray[np.int64]:
        if epoch not in self._orders:
            order = np.random.default_rng(derive(self.model.seed, "epoch", epoch)).permutation(len(self.data))
            self._orders = {**{e: o for e, o in self._orders.items() if e == epoch - 1}, epoch: order}
        return self._orders[epoch]

    _orders: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def parameters_count(self) -> int:
        """Learned numbers in all networks."""
        return sum(p.numel() for p in self.parameters["loss"])

    def _networks(self) -> Iterator[tuple[str, nn.Module]]:
        yield "loss", self.model.networks_
        yield from self.model.networks_.items()


def draw(model: Learnable, path: Path) -> None:
    """Samples from one fixed noise: ``path``.png for images, ``path``.csv for tables; nothing of what nobody could look at."""
    if not isinstance(model, Samples) or not model.previews or isinstance(model.spec_, GridSpec):
        return
    values, picture = model.sample(model.previews, seed=0), BytesIO()
    if isinstance(model.spec_, ImageSpec):
        grid(values, model.spec_).save(picture, "PNG")
    else:
        np.savetxt(picture, values, delimiter=",", fmt="%g")
    write(path.with_suffix(".png" if isinstance(model.spec_, ImageSpec) else ".csv"), picture.getvalue())
