r"""Mode collapse, seen in how far apart samples are.

A generator whose samples are all alike need not be broken: an untrained one makes them so too, and
so it should if the data are. Collapse is a fall: what it makes of the same noise was diverse, and
now is neither as diverse as it was nor nearly as diverse as the data. Diversity is a distance that
holds for nine pairs of samples in ten, in shares of the usual (median) distance of two examples.
Rare examples far from all others, or modes of unequal weight, thus decide neither side; a generator
that keeps two modes is not caught, and one that has all of them is never accused.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

MONITOR_SAMPLES = 64  # samples, which are 2016 pairs, and as many examples
# trainings of our GANs that went well fell to half at most, on tables and images; those that
# collapsed, to a tenth
_COLLAPSED_SHARE, _COLLAPSED_FALL = 1 / 20, 1 / 4
EQUAL_SHARE = 1e-4  # below which samples are one


class ModeCollapseMonitor(nn.Module):
    """The usual distance of two examples, ``data``, and the largest share of it that samples had
    when they were looked at."""

    data: Tensor
    largest: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("data", torch.zeros(()))
        self.register_buffer("largest", torch.zeros(()))

    def measure(self, x: Tensor) -> None:
        """Take the distance of the examples (n, *shape)."""
        distances = _distances(x)
        self.data.copy_(distances.median() or distances.mean())  # half of all may be equal

    def share(self, samples: Tensor) -> float:
        """How far apart ``samples`` are, as a share of how far data is."""
        return float(_distances(samples).quantile(0.9)) / float(self.data)

    def diagnose(self, samples: Tensor) -> str | None:
        """A line on the collapse of ``samples`` (n, *shape), if it is one. Where all examples are
        equal, there is none."""
        if not self.data:
            return None
        share = self.share(samples)
        largest = max(float(self.largest), share)
        self.largest.fill_(largest)
        if not (share < _COLLAPSED_SHARE and share < _COLLAPSED_FALL * largest):
            return None
        return (
            f"mode collapse: samples are {share:.2g} times as far apart as data, and were"
            f" {largest:.2g} times"
        )


def _distances(x: Tensor) -> Tensor:
    """Of all pairs of ``x`` (n, *shape), root mean square over their numbers, so that grids of
    different sizes compare."""
    return torch.pdist(x.flatten(1).float().cpu()) / math.sqrt(x[0].numel())
