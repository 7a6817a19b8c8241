"""Batch norm outside training: its running averages, measured afresh.

What it collects in training belongs to weights that have moved on, and not to their average, which
is what is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def batch_norms(networks: nn.Module) -> list[_BatchNorm]:
    """All of them."""
    return [layer for layer in networks.modules() if isinstance(layer, _BatchNorm)]


@contextmanager
def recalibrating(norms: list[_BatchNorm]) -> Iterator[None]:
    """Inside, without gradients, ``norms`` collect plain means over all batches that they see, in
    place of what they held."""
    before = [(norm.training, norm.momentum) for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.train()
        norm.momentum = None
    try:
        with torch.no_grad():
            yield
    finally:
        for norm, (training, momentum) in zip(norms, before, strict=True):
            norm.train(training)
            norm.momentum = momentum
