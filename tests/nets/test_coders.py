"""Coders take any shape, and transposed convolutions leave no checkerboard."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genlearn.core.random import scope
from genlearn.nets.coders import Coders
from genlearn.nets.conv import ConvDecoder

shapes = st.tuples(st.integers(1, 5), st.integers(4, 40), st.integers(4, 40))


@settings(max_examples=25, deadline=None)
@given(shape=shapes, network=st.sampled_from(["linear", "mlp", "conv"]), size=st.sampled_from(["tiny", "small"]))
def test_shapes_come_back(shape, network, size):
    with scope(0):
        coders = Coders(shape, network, size)
        z = coders.encoder(7)(torch.zeros(2, *shape))
        mean, log_scale = coders.scaled_decoder(7, "predicted")(z)
    assert z.shape == (2, 7)
    assert mean.shape == log_scale.shape == (2, *shape)


@pytest.mark.parametrize("scale", ["shared", "feature", "predicted"])
def test_scales_broadcast_against_the_mean(scale):
    with scope(0):
        mean, log_scale = Coders((5,), "mlp", "tiny").scaled_decoder(2, scale)(torch.zeros(3, 2))
    assert torch.broadcast_shapes(mean.shape, log_scale.shape) == (3, 5)


def test_a_constant_grid_is_upsampled_without_a_checkerboard():
    """With equal kernel taps, equal inputs give equal outputs wherever the border is far: every pixel is covered equally often."""
    with scope(0):
        decoder = ConvDecoder(2, (1, 32, 32), width=4, blocks=0)
    for weight in (p for p in decoder.parameters() if p.ndim == 4):
        torch.nn.init.constant_(weight, 0.01)
    torch.nn.init.zeros_(decoder.stem.weight)
    torch.nn.init.ones_(decoder.stem.bias)
    inner = decoder(torch.zeros(1, 2))[0, 0, 12:-12, 12:-12]
    torch.testing.assert_close(inner, inner.mean().expand_as(inner))
