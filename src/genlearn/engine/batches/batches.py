"""Examples on their way to the device that learns from them.

An accelerator that waits for its data is idle. Where images of a byte for each value fit into its
memory, all of them lie there, and a step names the rows that it wants: nothing but their numbers is
sent. All else is drawn by the host into memory that stays in place, from where it is copied while
the device computes; the host is ahead of it by as many steps as the device has been told of, so no
thread of its own is needed. On a CPU examples are where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...core.capabilities import Array, DatasetProtocol
from ...core.spec import ImageSpec
from .example_order import ExampleOrder

_SHARE = 0.25  # of the device's free memory that data take at most; networks need the rest
_BLOCK = 4096  # examples that are copied at a time


class Batch(NamedTuple):
    """Examples as the networks see them, (n, *spec.shape), and their labels (n,), if any."""

    x: Tensor
    y: Tensor | None


@dataclass
class Batches:
    """The batches of ``data`` in ``order``, on ``device``. ``resident``: all data, where they lie
    in its memory."""

    data: DatasetProtocol
    order: ExampleOrder
    device: torch.device
    resident: ResidentImages | None = None

    @classmethod
    def on(cls, device: torch.device, data: DatasetProtocol, order: ExampleOrder) -> Batches:
        """As suits the device."""
        there = device.type == "cuda" and is_small(data, torch.cuda.mem_get_info(device)[0])
        return cls(data, order, device, ResidentImages.of(data, device) if there else None)

    def __call__(self, before: int, size: int) -> Batch:
        """The share of this process in a step of ``size``, where ``before`` examples were learned
        from before it."""
        index = self.order.indices(before, size)
        if self.resident:
            return self.resident.batch(index)
        x, y = self.data.batch(index)
        return Batch(_sent(x, self.device), None if y is None else _sent(y, self.device))


@dataclass
class ResidentImages:
    """All images and labels, in the memory of the device that learns from them."""

    spec: ImageSpec
    values: Tensor
    labels: Tensor | None

    @classmethod
    def of(cls, data: DatasetProtocol, device: torch.device) -> ResidentImages:
        """``data`` are images of a byte for each value."""
        assert isinstance(data.spec, ImageSpec)
        values = torch.empty((len(data), *data.spec.user_shape), dtype=torch.uint8, device=device)
        for start in range(0, len(data), _BLOCK):
            rows = _tensor(data.user(slice(start, start + _BLOCK)))
            values[start : start + len(rows)] = rows.to(device)
        labels = None if data.labels is None else _tensor(data.labels).to(device)
        return cls(data.spec, values, labels)

    def batch(self, index: Array) -> Batch:
        """Equal to that of the data."""
        rows = _sent(torch.from_numpy(index), self.values.device)
        return Batch(
            self.spec.inside(self.values[rows]), None if self.labels is None else self.labels[rows]
        )


def is_small(data: DatasetProtocol, free: int) -> bool:
    """Whether ``data`` are images of a byte for each value, always seen alike, that take little of
    ``free`` bytes."""
    spec = data.spec
    if not isinstance(spec, ImageSpec) or np.dtype(spec.dtype) != np.uint8:
        return False
    return spec.binarise != "stochastic" and len(data) * spec.dim <= _SHARE * free


def _tensor(values: Array) -> Tensor:
    return torch.tensor(np.ascontiguousarray(values))  # which may go backwards


def _sent(tensor: Tensor, device: torch.device) -> Tensor:
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)
