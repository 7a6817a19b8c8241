"""Muon: orthogonal steps for hidden matrices, AdamW for the rest, and state that can be saved."""

import copy

import pytest
import torch
from torch import nn

from genlearn.core.seeding import seeded
from genlearn.engine.optimizers.muon import Muon, muon_parameters, newton_schulz

SHAPES = [(16, 16), (20, 64), (64, 20), (32, 288)]


def drawn(*shape):
    with seeded(0):
        return torch.randn(*shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e4])
def test_singular_values_end_up_near_one_whatever_they_were(shape, size):
    values = torch.linalg.svdvals(newton_schulz(size * drawn(1, *shape))[0])
    if size > 1e-5:
        assert values.min() > 0.4
    assert values.max() < 1.35


@pytest.mark.parametrize("shape", SHAPES)
def test_the_direction_is_that_of_the_singular_value_decomposition(shape):
    """Nearest to U V^T of all orthogonal matrices: the same singular vectors."""
    matrix = drawn(*shape)
    (found,) = newton_schulz(matrix[None])
    u, _, vt = torch.linalg.svd(matrix, full_matrices=False)
    inner = u.T @ found @ vt.T
    assert torch.nn.functional.cosine_similarity(found.flatten(), (u @ vt).flatten(), dim=0) > 0.97
    assert (inner - torch.diag(inner.diag())).abs().max() < 0.1


def test_zero_gradients_move_nothing():
    assert not newton_schulz(torch.zeros(1, 20, 30)).any()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(3, 32)
        self.middle = nn.Linear(32, 32)
        self.conv = nn.Conv2d(16, 32, 3)
        self.label, self.out = nn.Embedding(20, 32), nn.Linear(32, 2)


@pytest.fixture
def net():
    with seeded(0):
        return Net()


def gradients(net, seed):
    with seeded(seed):
        for parameter in net.parameters():
            parameter.grad = torch.randn_like(parameter)


def test_hidden_are_matrices_with_channels_on_either_side(net):
    assert {id(weight) for weight in muon_parameters(net)} == {
        id(net.middle.weight),
        id(net.conv.weight),
    }


def test_a_step_of_a_matrix_is_as_large_as_one_of_adamw(net):
    before = copy.deepcopy(net.state_dict())
    optimiser = Muon(net, betas=(0.9, 0.99), weight_decay=0.0)
    gradients(net, 1)
    optimiser.step(0.01)
    for name, value in net.state_dict().items():
        moved = (value - before[name]).square().mean().sqrt()
        rate = (
            0.01
            if id(dict(net.named_parameters())[name]) not in {id(w) for w in muon_parameters(net)}
            else 0.002
        )
        assert moved == pytest.approx(rate, rel=0.35), name


def test_the_rest_is_moved_by_adamw_exactly(net):
    other = copy.deepcopy(net)
    ours = Muon(net, betas=(0.9, 0.99), weight_decay=0.1)
    theirs = torch.optim.AdamW(
        other.parameters(), lr=0.01, betas=(0.9, 0.99), weight_decay=0.1, fused=True
    )
    for step in range(3):
        gradients(net, step)
        gradients(other, step)
        ours.step(0.01)
        theirs.step()
    for name in ("stem.weight", "stem.bias", "label.weight", "out.weight", "conv.bias"):
        assert torch.equal(net.get_parameter(name), other.get_parameter(name)), name
    assert not torch.equal(net.middle.weight, other.middle.weight)


def test_weight_decay_shrinks_matrices_too(net):
    with torch.no_grad():
        net.middle.weight.fill_(1.0)
    optimiser = Muon(net, betas=(0.9, 0.99), weight_decay=0.5)
    net.middle.weight.grad = torch.zeros_like(net.middle.weight)
    optimiser.step(0.01)
    torch.testing.assert_close(net.middle.weight.data, torch.full((32, 32), 0.995))


def test_state_that_is_loaded_goes_on_as_if_nothing_had_happened(net):
    first = Muon(net, betas=(0.9, 0.99), weight_decay=0.0)
    for step in range(3):
        gradients(net, step)
        first.step(0.01)
    other = copy.deepcopy(net)
    second = Muon(other, betas=(0.9, 0.99), weight_decay=0.0)
    second.state = copy.deepcopy(first.state)
    for step in range(3, 6):
        for one, optimiser in ((net, first), (other, second)):
            gradients(one, step)
            optimiser.step(0.01)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), other.parameters(), strict=True))


def test_a_matrix_without_a_gradient_stays(net):
    before = net.middle.weight.clone()
    optimiser = Muon(net, betas=(0.9, 0.99), weight_decay=0.1)
    net.stem.weight.grad = torch.ones_like(net.stem.weight)
    optimiser.step(0.01)
    assert torch.equal(net.middle.weight, before)


def test_a_quadratic_is_minimised():
    """|W A - B|^2: any direction is found, and the rate that falls to zero lets it settle."""
    a, b = drawn(64, 64).split(32)
    with seeded(0):
        layer = nn.Linear(32, 32, bias=False)
    optimiser = Muon(layer, betas=(0.9, 0.99), weight_decay=0.0)
    best = (b - b @ torch.linalg.pinv(a) @ a).square().mean()
    for step in range(300):
        optimiser.zero_grad()
        loss = (layer.weight @ a - b).square().mean()
        loss.backward()
        optimiser.step(0.05 * (1 - step / 300))
    assert loss.item() == pytest.approx(best.item(), rel=0.02)
