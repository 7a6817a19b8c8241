"""The ways to learn, and the hyper-parameters that come with them.

Every model has a seed and a device. A `Learner` takes gradient steps and is told how many and how large; ``size`` is its one dial, which sets the
networks' width and depth and the number of steps; each can be overridden. An `Estimator` learns in one go and needs no more. A `Composer` is made of
models and shares its steps or its time out among them; all else is up to them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .errors import UserError
from .hyper import Among, Between, hyper
from .learning import Composable, Estimable, Trainable

STEPS = {"tiny": 500, "small": 2000, "base": 10_000, "large": 50_000}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(kw_only=True, eq=False, repr=False)
class Common:
    """Hyper-parameters of every model."""

    seed: int = hyper(0, "names all randomness: same seed, same weights", low=0)
    device: str = hyper("auto", "auto, cpu, cuda or mps")


@dataclass(kw_only=True, eq=False, repr=False)
class Training(Common):
    """Hyper-parameters of the training loop."""

    size: Literal["tiny", "small", "base", "large"] = hyper(
        "small", "one dial: width and depth of the networks, number of steps", search=Among("tiny", "small", "base")
    )
    steps: int | None = hyper(None, "training steps (default: by size)", low=1)
    budget: str | None = hyper(None, "training time instead of steps, as 90s, 10m or 2h")
    batch_size: int = hyper(128, "examples in a step", low=1)
    lr: float = hyper(4e-3, "learning rate at its highest", low=1e-9, search=Between(5e-4, 1e-2, log=True))
    optimizer: Literal["adamw", "muon", "sgd"] = hyper("adamw", "how the gradient moves the weights")
    momentum: float = hyper(0.9, "decay of the mean gradient: beta1 of adamw, momentum of sgd", low=0, high=0.9999)
    schedule: Literal["cosine", "linear", "constant", "stages"] = hyper("cosine", "how the learning rate falls after the warm-up")
    warmup: float = hyper(0.1, "share of the steps in which the learning rate rises", low=0, high=1)
    weight_decay: float = hyper(0.0, "decoupled weight decay of AdamW", low=0)
    clip: float | None = hyper(1.0, "largest norm of the gradient", low=1e-9)
    ema: float = hyper(0.999, "decay of the average of the weights, which is what is sampled (0: the last weights)", low=0, high=0.999999)
    devices: int = hyper(1, "how many devices (processes) share each step", low=1)
    precision: Literal["auto", "fp32", "bf16"] = hyper("auto", "auto: bf16 for images where the hardware has it, fp32 otherwise")


@dataclass(kw_only=True, eq=False, repr=False)
class Learner(Training, Trainable):
    """What the loop trains: gradient steps, and how many and how large."""


@dataclass(kw_only=True, eq=False, repr=False)
class Estimator(Common, Estimable):
    """What is learned in one go."""


@dataclass(kw_only=True, eq=False, repr=False)
class Composer(Common, Composable):
    """What is made of parts that learn one after the other."""

    size: Literal["tiny", "small", "base", "large"] = hyper(
        "small", "one dial for all parts: width and depth of the networks, number of steps", search=Among("tiny", "small", "base")
    )
    steps: int | None = hyper(None, "training steps of all parts together (default: by size, for each)", low=1)
    budget: str | None = hyper(None, "training time of all parts together instead of steps, as 90s, 10m or 2h")
    batch_size: int | None = hyper(None, "examples in a step (default: each part's own)", low=1)
    devices: int = hyper(1, "how many devices (processes) share each step", low=1)
    precision: Literal["auto", "fp32", "bf16"] = hyper("auto", "auto: bf16 for images where the hardware has it, fp32 otherwise")


def check_length(model: Training | Composer) -> None:
    """Raise `UserError` where ``model`` was given steps and a budget, or a budget that is no time."""
    if model.steps is not None and model.budget is not None:
        raise UserError(f"steps={model.steps} and budget={model.budget!r} were given; give one of them")
    if model.budget is not None:
        seconds(model.budget)


def seconds(text: str, what: str = "budget") -> float:
    """The length of ``text``, such as 90s, 10m, 1.5h. Raises `UserError` on another form, zero or less."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    length = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if length <= 0:
        raise UserError(f"{what}={text!r} was given; it is a time above zero, such as 90s, 10m or 2h")
    return length
