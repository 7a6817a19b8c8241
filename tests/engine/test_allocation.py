"""Networks are built no larger than their weights account for."""

import pytest
import torch
from torch import nn

from genlearn.core.errors import UserError
from genlearn.core.seeding import seeded
from genlearn.engine.allocation import AllocationLimit


def test_networks_of_the_size_of_their_weights_are_built():
    with seeded(0), AllocationLimit(10**6):
        net = nn.Sequential(nn.Linear(1000, 1000), nn.BatchNorm1d(1000), nn.LSTM(100, 100))
    assert sum(p.numel() for p in net.parameters()) > 10**6


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.Linear(10**5, 10**5),
        lambda: [nn.Linear(1000, 1000) for _ in range(10**6)],
        lambda: torch.linspace(0, 1, 10**10),
        lambda: nn.Embedding(10**8, 100),
    ],
)
def test_larger_ones_are_refused_before_they_take_the_memory(build):
    with pytest.raises(UserError, match="more memory"), seeded(0), AllocationLimit(100):
        build()
