"""Activations that are computed again: less memory, the same gradient."""

import pytest
import torch
from torch import nn

import genlearn as gl
from genlearn.core.seeding import seeded
from genlearn.engine.hardware.activation_checkpointing import blocks, recomputed
from genlearn.nets.denoisers.denoiser_nets import DenoiserConfig

SHAPES = {"unet": (3, 16, 16), "transformer": (3, 16, 16), "mlp": (12,)}


def network(kind):
    with seeded(0):
        found = DenoiserConfig(SHAPES[kind], kind, "tiny", classes=3).build()
        for weight in found.parameters():
            nn.init.normal_(weight, std=0.1)
    return found


def step(net, kind):
    """The gradient of a step, and how many numbers were kept for it."""
    kept = []

    def keep(tensor):
        kept.append(tensor.numel())
        return tensor

    x = torch.randn(8, *SHAPES[kind], generator=torch.Generator().manual_seed(1))
    net.zero_grad()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = net(x, torch.linspace(-2, 2, 8), torch.arange(8) % 3).square().mean()
    loss.backward()
    return [weight.grad for weight in net.parameters()], sum(kept)


@pytest.mark.parametrize("kind", SHAPES)
def test_the_gradient_is_the_same_and_takes_less_memory(kind):
    net = network(kind)
    usual, kept = step(net, kind)
    with recomputed([net]):
        ours, kept_of_ours = step(net, kind)
    assert all(torch.equal(a, b) for a, b in zip(usual, ours, strict=True))
    assert kept_of_ours < 0.5 * kept
    assert not any("forward" in vars(block) for block in blocks(net))


def test_a_run_goes_on_with_and_without(tmp_path):
    how = {"size": "tiny", "batch_size": 16, "precision": "fp32", "device": "cpu"}
    for asked in ("yes", "no"):
        model = gl.Flow(steps=4, activation_checkpointing=asked, **how)
        model.fit("digits", out=tmp_path / asked)
    gl.Flow(steps=4, activation_checkpointing="no", **how).fit("digits", out=tmp_path / "yes")
    first, second = (gl.load(tmp_path / asked).networks_.state_dict() for asked in ("yes", "no"))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
