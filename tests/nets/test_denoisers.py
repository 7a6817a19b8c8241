"""Networks that denoise: any shape, nothing at first, and what they are told matters."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genlearn.core.seeding import seeded
from genlearn.nets.data_normalizer import DataNormalizer
from genlearn.nets.denoisers.denoiser_nets import DenoiserConfig, default_network
from genlearn.nets.layers.adaln import AdaLNModulation
from genlearn.nets.layers.conditioning import ConditionEmbedding

images = st.tuples(st.integers(1, 5), st.integers(4, 37), st.integers(4, 37))


def shaken(net):
    """All weights moved, so that nothing is zero any more."""
    with seeded(1), torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return net


def built(*args, **named):
    with seeded(0):
        return DenoiserConfig(*args, **named).build()


def told(shape, n=2):
    with seeded(2):
        return torch.randn(n, *shape), torch.randn(n)


@settings(max_examples=25, deadline=None)
@given(
    shape=images,
    network=st.sampled_from(["unet", "transformer", "mlp"]),
    size=st.sampled_from(["tiny", "small"]),
    classes=st.integers(0, 3),
)
def test_shapes_come_back_and_networks_start_at_zero(shape, network, size, classes):
    net = built(shape, network, size, classes=classes)
    y = net(*told(shape))
    assert y.shape == (2, *shape)
    assert not y.any()


@pytest.mark.parametrize(("network", "shape"), [("unet", (3, 9, 13)), ("unet2d", (3, 8, 12))])
@pytest.mark.parametrize("width", [8, 25, 40, 100])
def test_a_unet_takes_any_width(network, shape, width):
    net = shaken(built(shape, network, "base", width))
    assert net(*told(shape)).isfinite().all()


def test_the_unet_of_diffusers_starts_at_zero_on_the_grids_of_ours_and_the_image():
    net = built((3, 32, 32), "unet2d", "small", classes=2)
    assert tuple(net.unet.config.block_out_channels) == (32, 32, 64, 128)
    assert list(net.layers) == [
        *(f"down{k}" for k in range(4)),
        "middle",
        *(f"up{k}" for k in range(4)),
    ]
    assert not net(*told((3, 32, 32))).any()


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        ("unet", (2, 9, 13)),
        ("transformer", (2, 9, 13)),
        ("mlp", (5,)),
        ("unet2d", (2, 8, 12)),
    ],
)
def test_noise_class_and_input_matter_and_examples_do_not_see_one_another(network, shape):
    net = shaken(built(shape, network, "tiny", classes=3))
    x, level = told(shape, 3)
    label = torch.tensor([0, 1, 2])
    y = net(x, level, label)
    assert not torch.allclose(y, net(x, level + 1, label))
    assert not torch.allclose(y, net(x, level, label.flip(0))[:, ...])
    torch.testing.assert_close(net(x, level), net(x, level, torch.full((3,), 3)))
    torch.testing.assert_close(net(x[1:2], level[1:2], label[1:2]), y[1:2], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("network", ["unet", "transformer", "mlp", "unet2d"])
def test_every_weight_is_trained(network):
    """A gradient reaches all weights, once they have left zero."""
    net = shaken(built((1, 9, 11), network, "tiny", classes=2))
    net(*told((1, 9, 11)), torch.tensor([0, 2])).square().mean().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_the_size_grows_with_the_dial():
    for network in ("unet", "transformer", "mlp", "unet2d"):
        counts = [
            sum(p.numel() for p in built((3, 16, 16), network, size).parameters())
            for size in ("tiny", "small", "base")
        ]
        assert counts == sorted(counts)
        assert counts[0] < counts[1] < counts[2]


def test_the_default_network_suits_the_shape():
    assert default_network((1, 28, 28)) == default_network((3, 4, 4)) == "unet"
    assert default_network((1, 3, 28)) == default_network((7,)) == "mlp"


def test_tokens_know_their_place():
    net = shaken(built((1, 16, 16), "transformer", "tiny"))
    y = net(torch.zeros(1, 1, 16, 16), torch.zeros(1))
    assert not torch.allclose(y[..., :4, :4], y[..., 4:8, 4:8])
    assert not torch.allclose(y[..., :4, 4:8], y[..., 4:8, :4])


def test_levels_are_told_apart_over_their_whole_range():
    with seeded(0):
        condition = ConditionEmbedding(32)
    e = condition(torch.linspace(-8, 8, 200)).e
    gaps = torch.cdist(e, e) + 1e9 * torch.eye(200)
    assert gaps.min() > 1e-3


def test_modulation_starts_at_zero():
    with seeded(0):
        parts = AdaLNModulation(8, 4, 3)(torch.randn(2, 8))
    assert [tuple(part.shape) for part in parts] == [(2, 4)] * 3
    assert not any(part.any() for part in parts)


def test_units_of_constant_data_do_no_harm():
    units = DataNormalizer((2, 3, 3), classes=2)
    units.fill(torch.full((5, 2, 3, 3), 0.7))
    units.count(torch.tensor([0, 1, 1, 1, 0]))
    assert units.scale == 1
    assert units(torch.full((1, 2, 3, 3), 0.7)).abs().max() < 1e-6
    torch.testing.assert_close(units.frequencies, torch.tensor([0.4, 0.6]))
    assert not list(units.parameters())
