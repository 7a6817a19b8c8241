"""Coders take any shape, and transposed convolutions leave no checkerboard."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genlearn.core.seeding import seeded
from genlearn.nets.coders.autoencoder_nets import CoderConfig
from genlearn.nets.coders.conv_coder import ConvDecoder

shapes = st.tuples(st.integers(1, 5), st.integers(4, 40), st.integers(4, 40))


@settings(max_examples=25, deadline=None)
@given(
    shape=shapes,
    network=st.sampled_from(["linear", "mlp", "conv"]),
    size=st.sampled_from(["tiny", "small"]),
)
def test_shapes_come_back(shape, network, size):
    with seeded(0):
        coders = CoderConfig(shape, network, size)
        z = coders.encoder(7)(torch.zeros(2, *shape))
        mean, log_scale = coders.scaled_decoder(7, "predicted")(z)
    assert z.shape == (2, 7)
    assert mean.shape == log_scale.shape == (2, *shape)


@pytest.mark.parametrize("scale", ["shared", "feature", "predicted"])
def test_scales_broadcast_against_the_mean(scale):
    with seeded(0):
        mean, log_scale = CoderConfig((5,), "mlp", "tiny").scaled_decoder(2, scale)(
            torch.zeros(3, 2)
        )
    assert torch.broadcast_shapes(mean.shape, log_scale.shape) == (3, 5)


def test_a_constant_grid_is_upsampled_without_a_checkerboard():
    """With equal kernel taps, equal inputs give equal outputs wherever the border is far: every
    pixel is covered equally often."""
    with seeded(0):
        decoder = ConvDecoder(2, (1, 32, 32), width=4, blocks=0)
    for weight in (p for p in decoder.parameters() if p.ndim == 4):
        torch.nn.init.constant_(weight, 0.01)
    torch.nn.init.zeros_(decoder.stem.weight)
    torch.nn.init.ones_(decoder.stem.bias)
    inner = decoder(torch.zeros(1, 2))[0, 0, 12:-12, 12:-12]
    torch.testing.assert_close(inner, inner.mean().expand_as(inner))
