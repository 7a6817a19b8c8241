"""The layers and players of the games against their definitions: equalised rates, norms,
modulation, growth, shapes."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from genlearn.core.seeding import seeded
from genlearn.models.gans.progan import growth
from genlearn.nets.gan.dcgan import discriminator_stages, generator_stages
from genlearn.nets.gan.norm_free_resnet import NormFreeDiscriminator, NormFreeGenerator
from genlearn.nets.gan.progressive import ProgressiveDiscriminator, ProgressiveGenerator
from genlearn.nets.gan.style import (
    MappingNetwork,
    ModulatedConv2d,
    StyleDiscriminator,
    StyleGenerator,
    Synthesis,
)
from genlearn.nets.layers.equalized_lr import (
    EqualConv2d,
    EqualLinear,
    MinibatchDeviation,
    PixelNorm,
)
from genlearn.prob.gradient_penalties import path_lengths

SHAPES = [(1, 28, 28), (3, 12, 9), (2, 7, 20), (3, 32, 32)]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


@pytest.fixture(autouse=True)
def _seeded():
    with seeded(0):
        yield


def test_equalised_layers_scale_normal_weights_where_they_are_used():
    linear, convolution = EqualLinear(50, 30, gain=2.0), EqualConv2d(8, 5, 3, gain=1.5)
    assert linear.weight.std().item() == pytest.approx(1, abs=0.1)
    x, images = torch.randn(4, 50), torch.randn(4, 8, 6, 6)
    torch.testing.assert_close(linear(x), x @ linear.weight.T * 2 / 50**0.5)
    expected = F.conv2d(images, convolution.weight * 1.5 / (8 * 9) ** 0.5, padding=1)
    torch.testing.assert_close(convolution(images), expected)


@pytest.mark.parametrize("rate", [1.0, 0.01])
def test_a_step_of_adam_changes_what_a_layer_computes_by_its_rate(rate):
    layer = EqualLinear(40, 1, rate=rate).double()
    before = layer.weight.detach() * layer.scale
    step = torch.optim.Adam(layer.parameters(), lr=1e-3)
    layer(torch.randn(8, 40, dtype=torch.float64)).sum().backward()
    step.step()
    moved = (layer.weight.detach() * layer.scale - before).abs()
    torch.testing.assert_close(
        moved, torch.full_like(moved, rate * 1e-3 / 40**0.5), rtol=1e-2, atol=0
    )


def test_pixel_norm_makes_the_mean_square_one():
    y = PixelNorm()(torch.randn(3, 16, 5, 4) * 7)
    torch.testing.assert_close(y.square().mean(1), torch.ones(3, 5, 4), rtol=1e-4, atol=0)


def test_the_deviation_of_a_minibatch_is_that_of_its_groups():
    x, layer = torch.randn(8, 3, 4, 5), MinibatchDeviation()
    extra = layer(x)[:, 3:].numpy()
    groups = x.numpy().reshape(2, 4, 3, 4, 5)
    for example in range(8):
        np.testing.assert_allclose(extra[example], groups[example // 4].std(0).mean(), rtol=1e-3)
    torch.testing.assert_close(layer.eval()(x)[2:3], layer(x[2:3]))


def test_modulation_is_a_convolution_of_its_own_for_each_example():
    layer, x, w = ModulatedConv2d(6, 5, 3, 4), torch.randn(3, 6, 7, 8), torch.randn(3, 4)
    s, weight = layer.style(w), layer.convolution.weight * layer.convolution.scale
    for number in range(3):
        own = weight * s[number][None, :, None, None]
        own = own / (own.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        torch.testing.assert_close(
            layer(x, w)[number], F.conv2d(x[number], own, padding=1), rtol=1e-4, atol=1e-5
        )


def test_demodulation_keeps_the_variance():
    layer = ModulatedConv2d(64, 32, 3, 4)
    y = layer(torch.randn(64, 64, 9, 9), 3 * torch.randn(64, 4))
    assert y[:, :, 1:-1, 1:-1].var().item() == pytest.approx(1, abs=0.1)


def test_path_lengths_of_a_linear_map_are_those_of_its_transpose():
    """x = A w: E ||A^T y||^2 over y ~ N(0, I) / sqrt(D) is ||A||_F^2 / D."""
    a, w = torch.randn(12, 5), torch.randn(4000, 1, 5, requires_grad=True)
    lengths = path_lengths(w[:, 0] @ a.T, w)
    assert lengths.square().mean().item() == pytest.approx(a.square().sum().item() / 12, rel=0.05)


@given(st.integers(0, 6))
def test_growth_rests_at_every_grid_and_ends_whole(finest):
    progress = np.linspace(0, 1, 2001)
    grown = np.array([growth(p, finest) for p in progress])
    assert grown[0] == 0
    assert grown[-1] == finest
    assert (np.diff(grown) >= 0).all()
    assert np.diff(grown).max(initial=0) < 0.05  # no jumps
    for level in range(finest + 1):
        assert (grown == level).sum() > 20


@shapes
def test_growing_networks_agree_on_the_grid(shape):
    generator = ProgressiveGenerator(6, shape, 8)
    discriminator = ProgressiveDiscriminator(shape, 2, 8)
    x, code = torch.randn(4, *shape), torch.randn(4, 6)
    for grown in np.arange(0, generator.finest + 0.1, 0.5):
        for network in (generator, discriminator):
            network.train().grown.fill_(grown)
        assert generator(code).shape == discriminator.faded(x).shape
        assert discriminator(generator(code)).shape == (4, 2)
        assert generator.eval()(code).shape == x.shape
        assert discriminator.eval()(x).shape == (4, 2)


def test_a_grid_that_is_not_faded_in_yet_does_not_show():
    generator = ProgressiveGenerator(6, (1, 16, 16), 8)
    discriminator = ProgressiveDiscriminator((1, 16, 16), 1, 8)
    code, x = torch.randn(4, 6), torch.randn(4, 1, 16, 16)
    pictures, answers = [], []
    for grown in (1.0, 1.0 + 1e-6):
        for network in (generator, discriminator):
            network.eval().grown.fill_(grown)
        pictures.append(generator(code))
        answers.append(discriminator(F.interpolate(F.avg_pool2d(x, 2), scale_factor=2.0)))
    torch.testing.assert_close(*pictures, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(*answers, atol=1e-4, rtol=1e-4)


@shapes
def test_players_suit_images_of_any_shape(shape):
    code, x = torch.randn(3, 6), torch.randn(3, *shape)
    mapping, synthesis = MappingNetwork(6, 4, 2), Synthesis(shape, 8, 4)
    generators = [
        nn.Sequential(*generator_stages(6, shape, 8)),
        NormFreeGenerator(6, shape, 8),
        NormFreeGenerator(6, shape, 8, grouped=True),
    ]
    for generator in [*generators, StyleGenerator(mapping, synthesis, 4, 6)]:
        assert generator(code).shape == x.shape
    discriminators = [
        nn.Sequential(*discriminator_stages(shape, 2, 8)),
        NormFreeDiscriminator(shape, 2, 8),
        StyleDiscriminator(shape, 2, 8),
    ]
    for discriminator in discriminators:
        assert discriminator(x).shape == (3, 2)


@pytest.mark.parametrize("grouped", [False, True])
def test_networks_without_norms_see_each_example_alone(grouped):
    discriminator = NormFreeDiscriminator((1, 12, 12), 1, 8, 2, grouped)
    x = torch.randn(5, 1, 12, 12)
    torch.testing.assert_close(discriminator(x)[2:3], discriminator(x[2:3]), rtol=1e-4, atol=1e-5)


def styled():
    return StyleGenerator(MappingNetwork(6, 4, 2), Synthesis((1, 16, 16), 8, 4), 4, 6).eval()


def test_truncation_leads_to_the_average_style():
    generator, code = styled(), torch.randn(3, 6)
    generator.average.copy_(torch.randn(4))
    average = generator.synthesis(generator.average.expand(3, generator.synthesis.layers, 4))
    torch.testing.assert_close(generator(code, truncation=0.0), average)
    torch.testing.assert_close(generator(code, truncation=1.0), generator(code))


def test_mixing_takes_the_fine_layers_from_the_other_code():
    generator, code, other = styled(), torch.randn(3, 6), torch.randn(3, 6)
    layers = generator.synthesis.layers
    torch.testing.assert_close(generator(code, other, layers), generator(code))
    torch.testing.assert_close(generator(code, other, 0), generator(other))
    styles = generator.styles(code, other, 1)
    torch.testing.assert_close(styles[:, 0], generator.mapping(code))
    torch.testing.assert_close(
        styles[:, 1:], generator.mapping(other)[:, None].expand(-1, layers - 1, -1)
    )


def test_pixel_noise_counts_as_much_as_was_learned():
    generator, code = styled(), torch.randn(3, 6)
    noise = [torch.randn(3, *shape) for shape in generator.synthesis.noise_shapes]
    # its strength starts at zero
    torch.testing.assert_close(generator(code, noise=noise), generator(code))
    stronger = copy.deepcopy(generator)
    stronger.synthesis.steps[1].strength.data.fill_(0.5)
    assert (stronger(code, noise=noise) - generator(code)).abs().max() > 1e-3
