"""Law: what begins as a closed form is as good from the first step on."""

import numpy as np
import pytest
import torch
from helpers import DATA, blobs, by_family, gaussian_table, general, small, training

import genlearn as gl
from genlearn.core.params import params_of
from genlearn.core.registry import find
from genlearn.core.seeding import seeded
from genlearn.engine.duration.plan import Plan


def beginning_as(closed_form):
    """Names of the models that begin as that closed form."""
    params = {name: params_of(find(name)) for name in general()}
    return [
        name
        for name, ps in params.items()
        if "anchor" in ps and closed_form in ps["anchor"].choices
    ]


ANCHORED, CODERS = beginning_as("mixture"), beginning_as("pca")
TWICE = {"table": lambda: gaussian_table(600), "grey": lambda: blobs(320)}


def begun(name, data, **settings):
    """A model before its first step."""
    model, opened = small(name, **settings), gl.open_data(data)
    training(model, opened, Plan.of(1))
    model.networks_.eval()
    return model


@torch.inference_mode()
def held_out_loss(model, data):
    """The objective at fixed times and noise."""
    x = model.spec_.to_internal(data)
    with seeded(0):
        times = [model.training_times(len(x)) for _ in range(8)]
        noises = torch.randn(8, *x.shape)
        pairs = [
            float(model.denoiser.loss(x, eps, t[torch.randperm(len(t))]))
            for eps, t in zip(noises, times, strict=True)
        ]
    return np.mean(pairs)


@pytest.mark.parametrize("name", ANCHORED)
@pytest.mark.parametrize("kind", list(DATA))
def test_before_the_first_step_it_is_the_mixture(name, kind):
    model = begun(name, DATA[kind]())
    x = model.normalizer(model.spec_.to_internal(DATA[kind]()[:20]))
    for t in (0.01, 0.3, 0.9):
        level = model.schedule.level(t)
        with seeded(0):
            x_t = level.noised(x, torch.randn_like(x))
        alpha, sigma = level.per_example(x_t)
        with torch.inference_mode():
            found = model.denoiser.posterior_mean(x_t, level)
            torch.testing.assert_close(found, model.networks_["anchor"](x_t, alpha, sigma))


@pytest.mark.parametrize("name", by_family(ANCHORED))
@pytest.mark.parametrize("kind", list(TWICE))
def test_it_is_never_worse_than_the_mixture(name, kind):
    data, more = np.split(TWICE[kind](), 2)
    mixture = held_out_loss(begun(name, data), more)
    for steps in (1, 30):
        model = small(name, steps=steps, ema=0.99).fit(data)
        assert held_out_loss(model, more) < 1.01 * mixture, steps


@pytest.mark.parametrize("name", ANCHORED)
def test_it_can_be_left_out(name):
    assert "anchor" not in begun(name, blobs(), anchor="none").networks_


def error(model, data):
    """The mean squared error of reconstructions, in the networks' units."""
    x, found = map(model.spec_.to_internal, (data, model.reconstruct(data)))
    return float((found - x).square().mean())


def pca(data, latent_dim=2):
    return gl.PPCA(latent_dim=latent_dim).fit(data)


@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_before_the_first_step_an_autoencoder_is_principal_component_analysis(network):
    data = blobs(200)
    model = begun("autoencoder", data, latent_dim=5, network=network)
    x = model.spec_.to_internal(data)
    with torch.inference_mode():
        found = model.decode_tensor(model.encode_tensor(x))
    reference = pca(data, 5)
    torch.testing.assert_close(
        found, reference.decode_tensor(reference.encode_tensor(x)).float(), atol=1e-4, rtol=1e-4
    )


def test_before_the_first_step_a_vae_is_probabilistic_pca():
    data, more = np.split(gaussian_table(600), 2)
    model = begun("vae", data, latent_dim=2, scale="shared", evaluation_samples=2)
    np.testing.assert_allclose(
        model.score_samples(more), pca(data).score_samples(more), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("kind", list(TWICE))
def test_an_autoencoder_is_never_worse_than_principal_component_analysis(kind):
    data, more = np.split(TWICE[kind](), 2)
    least = error(pca(data), more)
    for steps in (1, 40):
        assert error(small("autoencoder", steps=steps, latent_dim=2).fit(data), more) < 1.01 * least


@pytest.mark.parametrize("kind", list(TWICE))
def test_a_vae_is_never_worse_than_probabilistic_pca(kind):
    data, more = np.split(TWICE[kind](), 2)
    least = pca(data).score(more)
    for steps in (1, 40):
        model = small("vae", steps=steps, latent_dim=2, evaluation_samples=50).fit(data)
        assert model.score(more) > least - 0.01 * abs(least)


@pytest.mark.parametrize("name", CODERS)
def test_coders_can_begin_at_random(name):
    assert "start" not in begun(name, blobs(), anchor="none").networks_
    assert "start" not in begun(name, blobs(), network="linear").networks_
