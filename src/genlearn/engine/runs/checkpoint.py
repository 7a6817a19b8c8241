"""Checkpoints: all that the next step depends on, so that a resumed run is the run it continues.

That is little. The order of the data and all randomness are functions of seed and step, so the
state is: the step, the networks, their average, the optimisers, the losses since the last report,
and how often training went back (`divergence_guard`). Each checkpoint is a folder that appears
whole; the last few are kept, and a damaged one is passed over.

Training goes back to the latest *good* state, one of those that it looks at in any case. Where it
was stopped on the way to the next one, the checkpoint says so in its name: a stopped and resumed
run would otherwise go back to another state than one that was never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from ...core.disk.atomic import atomic_folder, wrap_os_errors
from ...core.disk.checked import read_tensors, write_tensors
from ...core.disk.durable import remove
from ...core.disk.json_text import parse_json
from ...core.errors import UserError
from ..hardware.layout import ALONE, Layout
from ..optimizers.ema import EMA
from ..optimizers.optimizer import Optimizer

_PARTS = ("networks", "average", "optimizers")
_STOPPED = "-stopped"  # ends the name of a checkpoint that is not gone back to


@dataclass(frozen=True)
class Snapshot:
    """A state as it was after ``step`` steps, on the CPU: tensors by part and name, whole, or as
    much as a process holds of each."""

    step: int
    rollbacks: int
    tensors: dict[str, dict[str, Tensor]]
    losses: dict[str, tuple[float, int]] = field(default_factory=dict)


@dataclass
class State:
    """The state of training after ``step`` steps, ``rollbacks`` times gone back; ``optimizers`` by
    the name of the network they move, and sums and numbers of the ``losses`` since the last
    report."""

    networks: nn.ModuleDict
    average: EMA
    optimizers: dict[str, Optimizer]
    step: int = 0
    rollbacks: int = 0
    losses: dict[str, tuple[Tensor, int]] = field(default_factory=dict)
    layout: Layout = ALONE

    def gathered(self) -> dict[str, dict[str, Tensor]]:
        """All tensors by part and name, whole, for `save`; each process asks at the same time."""
        return {part: self.layout.gathered(tensors) for part, tensors in self._tensors().items()}

    def save(
        self,
        folder: Path,
        keep: int,
        good: bool = True,
        gathered: dict[str, dict[str, Tensor]] | None = None,
    ) -> None:
        """Write ``folder/STEP``, of what was ``gathered`` where several processes hold it, and drop
        all but the ``keep`` latest and the latest good one. Raises `UserError` on a full disk;
        nothing older is touched then."""
        with atomic_folder(folder / f"{self.step:08d}{'' if good else _STOPPED}") as place:
            losses = {name: (float(total), n) for name, (total, n) in self.losses.items()}
            about = {"rollbacks": str(self.rollbacks), "losses": json.dumps(losses)}
            for part, tensors in (gathered or self.gathered()).items():
                write_tensors(place / f"{part}.safetensors", tensors, **about)
        there = checkpoints(folder)
        last_good = [place for place in there if _good(place)][-1:]
        with wrap_os_errors(folder):
            for old in there[:-keep]:
                if old not in last_good:
                    remove(old)

    def load(self, folder: Path, tell: Callable[[str], None]) -> Snapshot | None:
        """Take the state of the latest whole checkpoint in ``folder``; with none, stay at the
        start. Gives the latest good one, if any."""
        taken = False
        for place in reversed(checkpoints(folder)):
            try:
                snapshot = _read(place)
                if not taken:
                    self.take(snapshot)
                taken = True
                if _good(place):
                    return snapshot
            except (UserError, RuntimeError, KeyError, ValueError) as error:
                tell(f"checkpoint {place.name} passed over: {str(error).splitlines()[0]}")
        return None

    def snapshot(self) -> Snapshot:
        """A copy of what this process holds."""
        copies = {
            part: {
                name: self.layout.mine(tensor.detach()).to("cpu", copy=True)
                for name, tensor in tensors.items()
            }
            for part, tensors in self._tensors().items()
        }
        losses = {key: (float(total), n) for key, (total, n) in self.losses.items()}
        return Snapshot(self.step, self.rollbacks, copies, losses)

    def take(self, snapshot: Snapshot) -> None:
        """Become what ``snapshot`` was."""
        held = self.networks.state_dict()
        networks = snapshot.tensors["networks"].items()
        self.networks.load_state_dict(
            {name: self.layout.share(tensor, held.get(name)) for name, tensor in networks}
        )
        self.average.load(snapshot.tensors["average"], self.layout)
        for name, optimizer in self.optimizers.items():
            _unflatten(optimizer, name, snapshot.tensors["optimizers"], self.layout)
        self.step, self.rollbacks = snapshot.step, snapshot.rollbacks
        self.losses = {key: (torch.tensor(total), n) for key, (total, n) in snapshot.losses.items()}

    def _tensors(self) -> dict[str, dict[str, Tensor]]:
        return dict(
            zip(
                _PARTS,
                (self.networks.state_dict(), self.average.state(), _flatten(self.optimizers)),
                strict=True,
            )
        )


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints in ``folder``, oldest first."""
    return sorted(place for place in folder.glob("[0-9]*") if place.is_dir())


def drop_after(folder: Path, step: int) -> None:
    """Remove the checkpoints beyond ``step``."""
    for place in checkpoints(folder):
        if step_of(place) > step:
            remove(place)


def _read(place: Path) -> Snapshot:
    parts = {part: read_tensors(place / f"{part}.safetensors") for part in _PARTS}
    about = parts["networks"][1]
    return Snapshot(
        step_of(place),
        int(about.get("rollbacks", 0)),
        {part: tensors for part, (tensors, _) in parts.items()},
        {key: (total, n) for key, (total, n) in parse_json(about.get("losses", "{}")).items()},
    )


def step_of(place: Path) -> int:
    """After which step it was written."""
    return int(place.name.removesuffix(_STOPPED))


def _good(place: Path) -> bool:
    return not place.name.endswith(_STOPPED)


def _flatten(optimizers: dict[str, Optimizer]) -> dict[str, Tensor]:
    return {
        f"{name}/{place}/{key}": value
        for name, optimizer in optimizers.items()
        for place, state in enumerate(optimizer.state)
        for key, value in state.items()
    }


def _unflatten(optimizer: Optimizer, name: str, tensors: dict[str, Tensor], layout: Layout) -> None:
    """Moments take the memory layout of their weights: files know none, and a fused step over
    unequal layouts rounds differently."""
    optimizer.state = [{} for _ in optimizer.weights]
    for path, tensor in tensors.items():
        owner, place, key = path.rsplit("/", 2)
        if owner == name:
            weight = optimizer.weights[int(place)]
            like = weight if tensor.dim() else tensor.to(weight.device)
            held = torch.empty_like(like).copy_(layout.share(tensor, like))
            optimizer.state[int(place)][key] = held
