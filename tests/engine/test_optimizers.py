"""Our optimisers against PyTorch's, which load its compiler."""

import copy

import pytest
import torch
from torch import nn

from genlearn.core.seeding import seeded
from genlearn.engine.optimizers.optimizer import SGD, AdamW


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            lambda weights: AdamW(weights, (0.8, 0.99), 0.1),
            lambda weights: torch.optim.AdamW(
                weights, lr=0.01, betas=(0.8, 0.99), weight_decay=0.1, fused=True
            ),
        ),
        (
            lambda weights: SGD(weights, 0.9),
            lambda weights: torch.optim.SGD(weights, lr=0.01, momentum=0.9),
        ),
    ],
    ids=["adamw", "sgd"],
)
def test_steps_are_those_of_torch(ours, theirs):
    """A weight without a gradient stays as it is, and counts no step."""
    with seeded(0):
        net = nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 3))
        gradients = [[torch.randn_like(weight) for weight in net.parameters()] for _ in range(4)]
    other = copy.deepcopy(net)
    one, two = ours(net.parameters()), theirs(other.parameters())
    for step, drawn in enumerate(gradients):
        for which in (net, other):
            for place, (weight, gradient) in enumerate(zip(which.parameters(), drawn, strict=True)):
                weight.grad = None if place == 1 and step < 2 else gradient.clone()
        one.step(0.01)
        two.step()
    for weight, same in zip(net.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(weight, same, rtol=1e-6, atol=1e-7)


def test_decay_is_decoupled_from_the_gradient():
    weight = nn.Parameter(torch.ones(3))
    weight.grad = torch.zeros(3)
    SGD([weight], 0.9, weight_decay=0.5).step(0.1)
    torch.testing.assert_close(weight.data, torch.full((3,), 0.95))
