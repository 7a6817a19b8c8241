"""Checkpoints: all that the next step depends on, so that a resumed run is the run it continues.

That is little. The order of the data and all randomness are functions of seed and step, so the state is: the step, the networks, their average,
the optimisers. Each checkpoint is a folder that appears whole; the last few are kept, and a damaged one is passed over.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ..core.errors import UserError
from .files import read_tensors, whole_folder, write_tensors
from .optim import EMA


@dataclass
class State:
    """The state of training after ``step`` steps; ``optimizers`` by the name of the network they move."""

    networks: nn.ModuleDict
    average: EMA
    optimizers: dict[str, torch.optim.Optimizer]
    step: int = 0

    def save(self, folder: Path, keep: int) -> None:
        """Write ``folder/STEP`` and drop all but the ``keep`` latest. Raises `UserError` on a full disk; nothing older is touched then."""
        with whole_folder(folder / f"{self.step:08d}") as place:
            write_tensors(place / "networks.safetensors", self.networks.state_dict())
            write_tensors(place / "average.safetensors", self.average.state())
            write_tensors(place / "optimizers.safetensors", _flatten(self.optimizers))
        for old in checkpoints(folder)[:-keep]:
            shutil.rmtree(old, ignore_errors=True)

    def load(self, folder: Path, tell: Callable[[str], None]) -> None:
        """Take the state of the latest whole checkpoint in ``folder``; with none, stay at the start."""
        for unfinished in folder.glob(".*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        for place in reversed(checkpoints(folder)):
            try:
                self._take(place)
                return
            except (UserError, RuntimeError, KeyError, ValueError) as error:
                tell(f"checkpoint {place.name} passed over: {str(error).splitlines()[0]}")

    def _take(self, place: Path) -> None:
        networks, _ = read_tensors(place / "networks.safetensors")
        average, _ = read_tensors(place / "average.safetensors")
        optimizers, _ = read_tensors(place / "optimizers.safetensors")
        self.networks.load_state_dict(networks)
        self.average.load(average)
        for name, optimizer in self.optimizers.items():
            _unflatten(optimizer, name, optimizers)
        self.step = int(place.name)


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints in ``folder``, oldest first."""
    return sorted(place for place in folder.glob("[0-9]*") if place.is_dir())


def _flatten(optimizers: dict[str, torch.optim.Optimizer]) -> dict[str, Tensor]:
    return {
        f"{name}/{index}/{key}": torch.as_tensor(value)
        for name, optimizer in optimizers.items()
        for index, state in optimizer.state_dict()["state"].items()
        for key, value in state.items()
    }


def _unflatten(optimizer: torch.optim.Optimizer, name: str, tensors: dict[str, Tensor]) -> None:
    """Moments take the memory layout of their weights: files know none, and a fused step over unequal layouts rounds differently."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for path, tensor in tensors.items():
        owner, index, key = path.rsplit("/", 2)
        if owner == name:
            weight = weights[int(index)]
            alike = tensor.shape == weight.shape
            state.setdefault(int(index), {})[key] = torch.empty_like(weight).copy_(tensor) if alike else tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
