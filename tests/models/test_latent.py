"""Latent diffusion: codes of unit scale, computed once; any autoencoder and any diffusion model;
parts that are models themselves."""

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small
from toy_text_encoder import captioned, language_model

import genlearn as gl
from genlearn.data import open_data
from genlearn.engine.runs.run_options import RunOptions
from genlearn.models.composite.latent import encode_dataset


@pytest.fixture(scope="module")
def images():
    return blobs(200, 16, 12, channels=3)


@pytest.fixture(scope="module")
def model(images):
    return small("latent").fit(images)


def test_codes_have_unit_scale_in_each_channel(model, images):
    made = encode_dataset(model.autoencoder_, open_data(images))
    x, _ = made.batch(np.arange(200))
    assert x.shape == (200, 4, 4, 3)
    torch.testing.assert_close(x.mean((0, 2, 3)), torch.zeros(4), atol=2e-3, rtol=0)
    torch.testing.assert_close(x.std((0, 2, 3)), torch.ones(4), atol=2e-3, rtol=0)


def test_cached_codes_are_those_of_the_encoder(model, images):
    made = encode_dataset(model.autoencoder_, open_data(images))
    # half precision
    np.testing.assert_allclose(
        made.values.reshape(200, -1), model.encode(images), rtol=2e-3, atol=2e-3
    )
    np.testing.assert_allclose(
        made.spec.to_user(made.spec.to_internal(made.values)), made.values, rtol=2e-3, atol=2e-3
    )


def test_a_sample_is_a_decoded_sample_of_the_diffusion_model(model):
    np.testing.assert_array_equal(
        model.sample(5, seed=3), model.decode(model.diffusion_.sample(5, seed=3).reshape(5, -1))
    )


@pytest.mark.parametrize(
    "autoencoder",
    [
        "vqvae codebook_size=32",
        "autoencoder network=conv latent_dim=8",
        "ppca latent_dim=5",
        "vae network=grid downsamplings=1",
    ],
)
@pytest.mark.parametrize("diffusion", ["edm", "ddpm width=16"])
def test_any_autoencoder_and_any_diffusion_model(autoencoder, diffusion, images, tmp_path):
    model = small("latent", autoencoder=autoencoder, diffusion=diffusion).fit(images)
    model.save(tmp_path / "run")
    samples = model.sample(3, seed=1)
    assert samples.shape == (3, 16, 12, 3)
    np.testing.assert_array_equal(gl.load(tmp_path / "run").sample(3, seed=1), samples)


def test_settings_of_the_diffusion_model_are_checked_by_what_codes_are(images):
    assert small(
        "latent", autoencoder="vae network=grid downsamplings=1", diffusion="flow network=unet"
    ).fit(images).sample(1).shape == (1, 16, 12, 3)
    with pytest.raises(ValueError, match="needs images of at least 4x4"):
        small("latent", autoencoder="vae", diffusion="flow network=unet").fit(images)


def test_an_autoencoder_may_be_a_run(images, tmp_path):
    coder = small("vae", network="grid").fit(images, out=tmp_path / "vae")
    model = small("latent", autoencoder=str(tmp_path / "vae")).fit(images)
    np.testing.assert_array_equal(model.encode(images), coder.encode(images))
    assert model.shares_ == {"diffusion": 1.0}
    with pytest.raises(ValueError, match="fit both on the same data"):
        small("latent", autoencoder=str(tmp_path / "vae")).fit(blobs(50, 16, 16, channels=3))


@pytest.mark.parametrize(
    ("hyper", "what"),
    [
        ({"autoencoder": "kde"}, "makes no codes"),
        ({"autoencoder": "vea"}, "did you mean 'vae'"),
        ({"autoencoder": "vae wdth=3"}, "no hyper-parameter 'wdth'"),
        ({"diffusion": "vae"}, "no diffusion model"),
        ({"diffusion": " "}, "an empty"),
        ({"steps": 5, "budget": "5s"}, "give one of them"),
    ],
)
def test_parts_that_do_not_fit_are_refused(hyper, what, images):
    with pytest.raises(ValueError, match=what):
        small("latent", **hyper).fit(images)


def test_classes_and_captions_are_told_to_the_diffusion_model(tmp_path):
    words = language_model(tmp_path / "words")
    model = small("latent", condition="text", text_encoder=words, steps=300).fit(captioned(60))
    assert (
        model.sample(3, seed=0, prompt="a dark disc", guidance=50.0)
        != model.sample(3, seed=0, prompt="a bright disc", guidance=50.0)
    ).any()
    rows = gaussian_table(120)
    table = small("latent", condition="label").fit(rows, np.arange(120) % 2)
    assert (table.sample(3, seed=0, label=0) != table.sample(3, seed=0, label=1)).any()


def test_image_to_image_keeps_more_of_the_image_the_less_strength(model, images):
    far, near = (
        model.sample(8, seed=0, init=images[:8], strength=strength).astype(float)
        for strength in (1.0, 0.1)
    )
    same = model.reconstruct(images[:8])
    assert np.abs(near - same).mean() < np.abs(far - same).mean()


def test_the_autoencoder_is_not_trained_again_when_the_diffusion_model_goes_on(images, tmp_path):
    model = small("latent", steps=20)
    whole = model.fit(images, out=tmp_path / "whole").networks_.state_dict()
    model.fit(images, out=tmp_path / "run", options=RunOptions(only="autoencoder"))
    resumed = model.fit(images, out=tmp_path / "run").networks_.state_dict()
    lines = [
        (tmp_path / name / "autoencoder/metrics.jsonl").read_text().count("\n")
        for name in ("run", "whole")
    ]
    assert lines[0] == lines[1]
    assert all(torch.equal(resumed[key], value) for key, value in whole.items())
