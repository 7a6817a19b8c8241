"""How long and how fast to train: the hyper-parameters that every model shares.

``size`` is the one dial: it sets the networks' width and depth and the number of steps; each can be overridden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .capabilities import Trainable
from .errors import UserError
from .hyper import hyper

STEPS = {"tiny": 500, "small": 2000, "base": 10_000, "large": 50_000}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(kw_only=True, eq=False, repr=False)
class Training:
    """Hyper-parameters of the training loop."""

    size: Literal["tiny", "small", "base", "large"] = hyper("small", "one dial: width and depth of the networks, number of steps")
    steps: int | None = hyper(None, "training steps (default: by size)", low=1)
    budget: str | None = hyper(None, "training time instead of steps, as 90s, 10m or 2h")
    batch_size: int = hyper(128, "examples in a step", low=1)
    lr: float = hyper(4e-3, "learning rate at its highest", low=1e-9)
    schedule: Literal["cosine", "linear", "constant", "stages"] = hyper("cosine", "how the learning rate falls after the warm-up")
    warmup: float = hyper(0.1, "share of the steps in which the learning rate rises", low=0, high=1)
    weight_decay: float = hyper(0.0, "decoupled weight decay of AdamW", low=0)
    clip: float | None = hyper(1.0, "largest norm of the gradient", low=1e-9)
    ema: float = hyper(0.999, "decay of the average of the weights, which is what is sampled (0: the last weights)", low=0, high=0.999999)
    seed: int = hyper(0, "names all randomness: same seed, same weights", low=0)
    device: str = hyper("auto", "auto, cpu, cuda or mps")
    devices: int = hyper(1, "how many devices (processes) share each step", low=1)
    precision: Literal["auto", "fp32", "bf16"] = hyper("auto", "auto: bf16 for images where the hardware has it, fp32 otherwise")


@dataclass(kw_only=True, eq=False, repr=False)
class Learner(Training, Trainable):
    """What the loop trains: gradient steps, and how many and how large."""


def seconds(text: str) -> float:
    """The length of ``text``, such as 90s, 10m, 1.5h. Raises `UserError` on another form, zero or less."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    length = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if length <= 0:
        raise UserError(f"budget={text!r} was given; a budget is a time above zero, such as 90s, 10m or 2h")
    return length
