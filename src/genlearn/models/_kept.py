"""A tensor that is no weight and yet part of what was learned: saved, resumed and moved with the networks."""

from __future__ import annotations

from torch import Tensor, nn


class Kept(nn.Module):
    """``value``, as it is at first."""

    value: Tensor

    def __init__(self, value: Tensor) -> None:
        super().__init__()
        self.register_buffer("value", value)
