"""Memory for time: activations that are computed again.

A gradient needs what every layer put out, which is most of the memory of a training on images.
Where only what goes into each block is kept, and its inside is computed again when the gradient
comes to it, the memory is that of the largest block and of the inputs of all, and a step takes a
third longer at most, since a forward pass is a third of it. The gradient is the same.

Chen et al. 2016, "Training deep nets with sublinear memory cost", arXiv 1604.06174.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint

from ...core.estimator_types import GradientTrained
from .layout import Layout


def recomputed_networks(
    model: GradientTrained, networks: nn.ModuleDict, layout: Layout
) -> list[nn.Module]:
    """Whose activations are computed again: those of a model that asks for it, or whose weights are
    shared out, which is done where memory is short."""
    asked = {"yes": True, "no": False, "auto": layout.cut}[model.activation_checkpointing]
    return [networks[name] for name in model.scalable_networks] if asked else []


def blocks(network: nn.Module) -> Iterator[nn.Module]:
    """The parts of ``network`` that its lists hold and that have layers of their own."""
    for child in network.children():
        yield from _members(child) if isinstance(child, nn.ModuleList) else blocks(child)


@contextmanager
def recomputed(networks: list[nn.Module]) -> Iterator[None]:
    """Inside, gradients of the ``networks`` find the inputs of their blocks alone."""
    inside = [block for network in networks for block in blocks(network)]
    for block in inside:
        block.forward = partial(checkpoint, block.forward, use_reentrant=False)
    try:
        yield
    finally:
        for block in inside:
            del block.forward


def _members(layers: nn.ModuleList) -> Iterator[nn.Module]:
    for member in layers:
        if isinstance(member, nn.ModuleList):
            yield from _members(member)
        elif any(True for _ in member.children()):
            yield member
