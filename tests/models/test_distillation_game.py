"""Heads on the layers of a denoiser: which are read, and what is judged."""

import pytest
import torch

from genlearn.core.seeding import seeded
from genlearn.models.diffusion.distillation._game import FeatureGame, feature_discriminator
from genlearn.nets.data_normalizer import DataNormalizer
from genlearn.nets.denoisers.denoiser_nets import DenoiserConfig
from genlearn.nets.gan.feature_discriminator import FeatureHead
from genlearn.prob.diffusion.denoiser import LearnedDenoiser
from genlearn.prob.diffusion.predictions import VelocityPrediction
from genlearn.prob.diffusion.schedules import LinearSchedule

READ = {
    "unet": ((1, 28, 28), {"down0", "down1", "middle", "up0", "up1"}),
    "transformer": ((3, 16, 16), {"block0", "block1", "block2"}),
    "mlp": ((5,), {"block0", "block1"}),
}


def game(kind, classes=0):
    shape, _ = READ[kind]
    network = DenoiserConfig(shape, kind, "tiny", classes=classes).build()
    parts = (LinearSchedule(), VelocityPrediction(), DataNormalizer(shape, 0.5), lambda level: 1.0)
    return FeatureGame(LearnedDenoiser(network, *parts), feature_discriminator(network, shape))


@pytest.fixture(autouse=True)
def _own_randomness():
    with seeded(0):
        yield


@pytest.mark.parametrize("kind", READ)
def test_layers_that_are_read(kind):
    shape, read = READ[kind]
    played = game(kind)
    assert set(played.discriminator.heads) == read
    answers = played.answers(torch.randn(4, *shape), torch.rand(4) + 0.1, None)
    assert set(answers.layers) == read
    assert played.discriminator(*answers).shape == (4,)


@pytest.mark.parametrize("kind", READ)
def test_the_player_whose_loss_it_is_gets_the_gradient(kind):
    """The discriminator learns from answers that are cut off; the student through the layers."""
    played, shape = game(kind), READ[kind][0]
    samples, ratios = torch.randn(4, *shape, requires_grad=True), torch.ones(4)
    real = played.answers(torch.randn(4, *shape), ratios, None)
    fake = played.answers(samples, ratios, None)
    played.discriminator_loss(real, fake).backward()
    assert samples.grad is None
    heads = list(played.discriminator.parameters())
    assert all(weight.grad is not None for weight in heads)
    (slope,) = torch.autograd.grad(played.generator_loss(real, fake), samples)
    assert slope.abs().sum() > 0


def test_of_many_layers_five_are_read_the_first_and_the_last_among_them():
    network = DenoiserConfig((3, 64, 64), "unet", "tiny").build()
    heads = list(feature_discriminator(network, (3, 64, 64)).heads)
    assert len(network.layers) == 9
    assert heads == ["down0", "down2", "middle", "up1", "up3"]


@pytest.mark.parametrize("shape", [(6, 1, 1), (6, 7, 8), (6, 9, 4), (6, 15, 15)])
def test_heads_take_maps_of_any_size(shape):
    head = FeatureHead(shape)
    assert head(torch.randn(3, *shape), torch.zeros(3)).shape == (3,)


def test_a_discriminator_learns_to_tell_two_distributions_apart():
    """And comes to log 2, the value of the game where there is nothing to tell, if they are one."""
    found = {}
    for apart in (0.0, 3.0):
        played, ratios = game("mlp"), torch.full((256,), 0.3)
        steps = torch.optim.Adam(played.discriminator.parameters(), 5e-3)
        for _ in range(60):
            real, fake = torch.randn(256, 5), torch.randn(256, 5) + apart
            answers = [played.answers(x, ratios, None) for x in (real, fake)]
            steps.zero_grad()
            loss = played.discriminator_loss(*answers)
            loss.backward()
            steps.step()
        found[apart] = loss.item()
    assert found[0.0] == pytest.approx(0.693, abs=0.03)
    assert found[3.0] < 0.5


def test_a_discriminator_learns_to_tell_data_of_another_condition():
    played, ratios = game("mlp", classes=2), torch.full((256,), 0.3)
    with torch.no_grad():
        for weight in played.teacher.network.parameters():  # at first it does not listen
            weight.add_(0.1 * torch.randn_like(weight))
    steps = torch.optim.Adam(played.discriminator.parameters(), 5e-3)
    y = torch.arange(256) % 2

    def data():
        return 0.3 * torch.randn(256, 5) + 2 * y[:, None] - 1

    for _ in range(60):
        steps.zero_grad()
        next(played.losses(data(), torch.randn(256, 5), ratios, y, 1 - y)).backward()
        steps.step()
    own, other = (
        played.discriminator(*played.answers(data(), ratios, told)).mean() for told in (y, 1 - y)
    )
    assert own > other + 1
