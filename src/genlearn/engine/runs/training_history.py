"""What was observed during training, kept with the model: a curve of bounded length, however long
the training is."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

_POINTS = 128  # at most; even


class TrainingHistory(nn.Module):
    """Means of ``columns`` numbers over equal stretches of steps; when there are too many
    stretches, two become one.

    ``count``: steps so far; ``stride``: steps in a stretch.
    """

    totals: Tensor
    count: Tensor
    stride: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("totals", torch.zeros(_POINTS, columns))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))
        self.register_buffer("stride", torch.ones((), dtype=torch.long))

    @torch.no_grad()
    def add(self, values: Tensor) -> None:
        """The numbers of a step, (columns,)."""
        if int(self.count) == _POINTS * int(self.stride):
            self.totals[: _POINTS // 2] = self.totals[::2] + self.totals[1::2]
            self.totals[_POINTS // 2 :] = 0
            self.stride *= 2
        self.totals[int(self.count) // int(self.stride)] += values
        self.count += 1

    def curves(self) -> NDArray[np.float64]:
        """(points, 1 + columns): the number of the last step of each stretch, and the means over
        it."""
        count, stride = int(self.count), int(self.stride)
        ends = np.minimum(np.arange(1, -(-count // stride) + 1) * stride, count)
        sizes = np.diff(ends, prepend=0)
        return np.column_stack(
            [ends, self.totals[: len(ends)].double().cpu().numpy() / sizes[:, None]]
        )
