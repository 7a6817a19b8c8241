"""What the layers of a network answered, averaged over cells of the image: activations of a
denoiser, which has learned what noisy data may be of, as features of an example.

A layer that answers with a feature map (B, C, H, W) gives the means of each channel over a 2x2 grid
of cells, 4 C numbers: one mean over all places would not tell a 6 from a 9. One that answers with
vectors gives these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch.nn.functional as F
from torch import Tensor, nn

Layers = dict[str, nn.Module]
_CELLS = 2  # of the grid, in each direction


class LayeredNetwork(Protocol):
    """A network whose layers can be listened to."""

    @property
    def layers(self) -> Mapping[str, nn.Module]:
        """The layers by name, in the order in which they answer."""
        ...

    def as_map(self, h: Tensor) -> Tensor:
        """What a layer answered, as a feature map (B, C, H, W) where it has places, else (B, d)."""
        ...


def levels(down: Iterable[nn.Module], middle: nn.Module, up: Iterable[nn.Module]) -> Layers:
    """The last layers of each level of a U-Net on the way ``down``, of the ``middle``, and of each
    on the way ``up``, by name; up0 is the coarsest."""
    before = {f"down{level}": layer for level, layer in enumerate(down)}
    after = {f"up{level}": layer for level, layer in enumerate(up)}
    return {**before, "middle": middle, **after}


def pooled(h: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, 4 C), fewer where there are fewer places; (B, d) as it is."""
    if h.ndim == 2:
        return h.float()
    cells = min(_CELLS, h.shape[2]), min(_CELLS, h.shape[3])
    return F.adaptive_avg_pool2d(h.float(), cells).flatten(1)


@contextmanager
def recorded(
    network: LayeredNetwork, names: Sequence[str], read: Callable[[Tensor], Tensor] = pooled
) -> Iterator[dict[str, Tensor]]:
    """Inside, what ``read`` makes of what these layers answered last, once the network has been
    run."""
    answers: dict[str, Tensor] = {}

    def keep(name: str) -> Any:
        def hook(layer: nn.Module, given: Any, answer: Tensor) -> None:
            answers[name] = read(network.as_map(answer))

        return hook

    handles = [network.layers[name].register_forward_hook(keep(name)) for name in names]
    try:
        yield answers
    finally:
        for handle in handles:
            handle.remove()
