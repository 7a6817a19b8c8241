"""The three ways in which a model learns, and the hyper-parameters that come with each.

Every model has a seed and a device, and keeps all that it learns in networks: weights that are
trained, numbers that are estimated. One that is *trained by gradients* yields its gradient steps
and is told how many and how large; ``size`` is its one dial, which sets width and depth of its
networks and the number of steps; each can be overridden. One in *closed form* learns in one go and
needs no more. A *composite* is made of models, its parts, and shares its steps or its time out
among them. What a model can do once it has learned is in `capabilities`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from .capabilities import DatasetProtocol
from .errors import UserError
from .panels import Panel
from .params import Choice, Range, param
from .spec import DataSpec

Size = Literal["tiny", "small", "base", "large"]
OptimizerName = Literal["adamw", "muon", "sgd"]
LRSchedule = Literal["cosine", "linear", "constant", "stages"]
STEPS: dict[Size, int] = {"tiny": 500, "small": 2000, "base": 10_000, "large": 50_000}
BATCH_SIZE = 128
# where a model leaves it open
ANY_BATCH_SIZE = f"examples in a step (default: {BATCH_SIZE}; by a budget, as its gradient asks)"
CAREFUL = 50  # steps in which the rate rises at least where networks begin with what is good
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_CENTURY = 36_525 * _SECONDS["d"]


@dataclass(kw_only=True, eq=False, repr=False)
class GenerativeModel(ABC):
    """What the engine and the faces know of every model."""

    previews: ClassVar[int] = 36  # how many samples its run shows, unasked
    learns_in_parts: ClassVar[bool] = False  # whether data may come in parts (`partial_fit`)
    use: ClassVar[str] = ""  # what to take it for, in a sentence
    # until it has learned 28x28 images well enough to be judged, on two cores
    takes: ClassVar[str] = ""

    seed: int = param(0, "names all randomness: same seed, same weights", low=0, high=inf)
    device: str = param("auto", "auto, cpu, cuda or mps")

    spec_: DataSpec = field(init=False)  # of the data that it learned from
    n_samples_: int = field(init=False)  # examples that it learned from
    networks_: nn.ModuleDict = field(init=False)
    n_steps_: int = field(init=False)  # of its training
    planned_steps_: int = field(init=False)  # that it was to have, all of which it may not have

    @property
    def text_conditioned_(self) -> bool:
        """Whether it learned captions, and so takes prompts."""
        return False

    @abstractmethod
    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        """New networks for data of this kind, by name."""

    @abstractmethod
    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        """Become the fitted model of ``weights``, learned from ``n_samples``, without fitting."""

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """What the fitted model shows of itself in a report; ``data`` are examples that it was not
        trained on."""
        return []


@dataclass(kw_only=True, eq=False, repr=False)
class GradientTrained(GenerativeModel):
    """Learns by gradient steps that it yields, in its paper's order; the trainer never asks which
    family it trains."""

    size: Size = param(
        "small",
        "one dial: width and depth of the networks, number of steps",
        search=Choice("tiny", "small", "base"),
    )
    steps: int | None = param(None, "training steps (default: by size)", low=1)
    budget: str | None = param(None, "training time instead of steps, as 90s, 10m or 2h")
    batch_size: int | None = param(BATCH_SIZE, "examples in a step", low=1)
    lr: float = param(
        4e-3, "learning rate at its highest", low=1e-9, search=Range(5e-4, 1e-2, log=True)
    )
    optimizer: OptimizerName = param("adamw", "how the gradient moves the weights")
    momentum: float = param(
        0.9, "decay of the mean gradient: beta1 of adamw, momentum of sgd", low=0, high=0.9999
    )
    lr_schedule: LRSchedule = param("cosine", "how the learning rate falls after the warm-up")
    warmup: float = param(0.1, "share of the steps in which the learning rate rises", low=0, high=1)
    weight_decay: float = param(0.0, "decoupled weight decay of AdamW", low=0)
    clip: float | None = param(1.0, "largest norm of the gradient", low=1e-9)
    ema: float = param(
        0.999,
        "decay of the average of the weights, which is what is sampled (0: the last weights)",
        low=0,
        high=0.999999,
    )
    devices: int = param(1, "how many devices (processes) share each step", low=1)
    precision: Literal["auto", "fp32", "bf16"] = param(
        "auto", "auto: bf16 for images where the hardware has it, fp32 otherwise"
    )
    compile: Literal["auto", "yes", "no"] = param(
        "auto", "networks as one program (auto: on a GPU, from ten minutes or 5,000 steps on)"
    )
    fsdp: Literal["auto", "yes", "no"] = param(
        "auto", "each process holds a share of the weights (auto: size large, on several GPUs)"
    )
    activation_checkpointing: Literal["auto", "yes", "no"] = param(
        "auto", "less memory and slower steps: activations are computed again (auto: with fsdp)"
    )

    # whether the networks begin as a closed form, to learn what it leaves over
    anchored_: bool = field(default=False, init=False)
    # or as what another run learned
    fine_tuned_: bool = field(default=False, init=False)

    @property
    def batch_size_(self) -> int:
        """Examples in a step, where no time asks for fewer."""
        return self.batch_size or BATCH_SIZE

    @abstractmethod
    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        """Pairs (network, loss), one for each gradient step. x: (B, *spec.shape), y: (B,)."""

    has_held_out_loss: ClassVar[bool] = True  # whether its loss says how far it has learned
    learns_in_parts: ClassVar[bool] = True
    # that may be compiled, recomputed and shared out: only ever called, and differentiated once
    scalable_networks: ClassVar[tuple[str, ...]] = ()

    def held_out_loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The loss of examples that are not learned from, as `objectives` takes them: ()."""
        ((_, loss),) = self.objectives(x, y)
        return loss

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """Measure what the objectives need to know of the data (its scale). Called once, before the
        first step, with new networks."""

    def on_step_start(self, progress: float) -> None:
        """Growth and annealing; ``progress`` in [0, 1] is the share of training that is done."""

    @property
    def least_warmup(self) -> int:
        """In how many steps the learning rate rises at least: beside a closed form, or what another
        run learned, there is more to lose than to win at first."""
        return CAREFUL if self.anchored_ or self.fine_tuned_ else 1

    def adapted_weights(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """``weights`` of another run of this model, which knows other classes, or none, as they
        fit ``networks_``."""
        return weights

    def optimizer_of(self, network: str) -> tuple[OptimizerName, float]:
        """What moves the network of this name, "loss" where all of them share one, and its
        momentum."""
        return self.optimizer, self.momentum

    def lr_multiplier(self, network: str) -> float:
        """What multiplies the learning rate of the network of this name; "loss" where all of them
        share one."""
        return 1.0

    def diagnose(self) -> str | None:
        """What has gone wrong in training, in one line, or None; asked with the weights as they
        would be sampled. False alarms cost a return."""

    def shortcoming(self) -> str | None:
        """What is wrong with what training came to, in one line, or None."""
        return None

    def post_training(self, data: DatasetProtocol) -> None:
        """Measure what sampling needs beside the gradient steps (densities of codes, averages).
        Called before each preview."""


@dataclass(kw_only=True, eq=False, repr=False)
class ClosedForm(GenerativeModel):
    """Learns in one go: in closed form, or by an algorithm that is its own, such as EM."""

    @abstractmethod
    def estimate(self, data: DatasetProtocol) -> None:
        """Fill the buffers of ``networks_`` from all of ``data``. torch's generators are seeded;
        other randomness is derived from ``seed``."""


@dataclass(kw_only=True, eq=False, repr=False)
class Composite(GenerativeModel):
    """Is made of models, its parts, each of which learns as if it were alone."""

    chained: ClassVar[bool] = True  # whether a part learns from what those before it have learned

    size: Size = param(
        "small",
        "one dial for all parts: width and depth of the networks, number of steps",
        search=Choice("tiny", "small", "base"),
    )
    steps: int | None = param(
        None, "training steps of all parts together (default: by size, for each)", low=1
    )
    budget: str | None = param(
        None, "training time of all parts together instead of steps, as 90s, 10m or 2h"
    )
    batch_size: int | None = param(None, "examples in a step (default: each part's own)", low=1)
    devices: int = param(1, "how many devices (processes) share each step", low=1)
    precision: Literal["auto", "fp32", "bf16"] = param(
        "auto", "auto: bf16 for images where the hardware has it, fp32 otherwise"
    )
    compile: Literal["auto", "yes", "no"] = param(
        "auto", "networks as one program (auto: on a GPU, from ten minutes or 5,000 steps on)"
    )
    fsdp: Literal["auto", "yes", "no"] = param(
        "auto", "each process holds a share of the weights (auto: size large, on several GPUs)"
    )
    activation_checkpointing: Literal["auto", "yes", "no"] = param(
        "auto", "less memory and slower steps: activations are computed again (auto: with fsdp)"
    )

    parts_: dict[str, Any] = field(init=False)

    @property
    @abstractmethod
    def shares_(self) -> dict[str, float]:
        """How much of the training belongs to each part that learns here, by name, in order."""

    @abstractmethod
    def parts(self, data: DatasetProtocol) -> Iterator[tuple[str, Any, DatasetProtocol]]:
        """Name, model and data of each part that learns here, in order. One that was given out is
        fitted when the next is asked for."""

    @abstractmethod
    def part_validation(self, name: str, data: DatasetProtocol, spec: DataSpec) -> DatasetProtocol:
        """Held-out ``data`` as the part of this ``name`` sees it, once those before it are fitted;
        ``spec`` is that of the part's own data."""

    @abstractmethod
    def assemble(self) -> None:
        """Become the model that is made of ``parts_``."""


def is_watched(model: GenerativeModel) -> bool:
    """Whether held-out examples tell how far ``model`` has learned: some part of it, where it is a
    composite."""
    return isinstance(model, Composite) or (
        isinstance(model, GradientTrained) and model.has_held_out_loss
    )


def check_is_watched(model: GenerativeModel) -> None:
    """Raise `UserError` for a model that held-out examples tell nothing of."""
    if is_watched(model):
        return
    why = (
        "learns in one go"
        if isinstance(model, ClosedForm)
        else "has no loss that would tell on held-out examples"
    )
    raise UserError(
        f"validation was given, but {type(model).__name__} {why}; leave it out: what its samples"
        " are worth, `evaluate` and `compare` measure"
    )


def check_length(model: GradientTrained | Composite) -> None:
    """Raise `UserError` where ``model`` was given steps and a budget, or a budget that is no
    time."""
    if model.steps is not None and model.budget is not None:
        raise UserError(
            f"steps={model.steps} and budget={model.budget!r} were given; give one of them"
        )
    if model.budget is not None:
        seconds(model.budget)


def seconds(text: str, what: str = "budget") -> float:
    """The length of ``text``, such as 90s, 10m, 1.5h. Raises `UserError` on another form, zero or
    less."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    length = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < length <= _CENTURY:
        raise UserError(
            f"{what}={text!r} was given; it is a time above zero, such as 90s, 10m or 2h, and below"
            " a century"
        )
    return length
