"""Latent diffusion by diffusers where genlearn cannot be imported: 16 images from noise, through
codes."""

import json

import numpy as np
import pytest
from helpers import blobs, small
from without_genlearn import assert_draws_the_same, exported, shaken

import genlearn as gl
from genlearn.cli.main import run
from genlearn.core.errors import UserError
from genlearn.core.seeding import seed_for
from genlearn.export import export
from genlearn.export.pipeline import STEPS
from genlearn.models._drawing import NoiseStream

pytest.importorskip("diffusers")
KL = "vae network=autoencoder_kl downsamplings=1 beta=0.1"
CASES = {
    "flow": (lambda: blobs(40, 16, 8, 3), "none", "flow network=unet2d"),
    "edm of classes": (lambda: gl.open_data("digits"), "label", "edm network=unet2d sigma_data=1"),
}


@pytest.fixture(scope="module")
def models():
    found = {}
    for case, (examples, condition, diffusion) in CASES.items():
        how = {"autoencoder": KL, "diffusion": diffusion, "condition": condition}
        model = small("latent", steps=6, precision="fp32", **how)
        found[case] = shaken(model.fit(examples(), progress=False))
    return found


@pytest.fixture(scope="module")
def folders(models, tmp_path_factory):
    return exported(models, tmp_path_factory.mktemp("exported"))


@pytest.mark.parametrize("case", CASES)
def test_sixteen_images_are_equal_without_genlearn(case, models, folders):
    assert_draws_the_same(models[case], folders[case])


def test_what_is_compared_is_what_sample_draws_but_for_half_precision(models):
    model, parts = models["flow"], models["flow"].pipeline_parts(STEPS)
    noise = NoiseStream(seed_for(7, "sample"), 0, 16, parts.shape, model.device_).first()
    drawn = model.sample(16, seed=7, sampler=parts.sampler, steps=STEPS)
    apart = np.abs(model.spec_.to_user(parts.draw(noise, None)).astype(int) - drawn)
    assert apart.max() <= 2
    assert apart.mean() < 0.2


def test_the_units_of_the_codes_stand_in_the_autoencoders_settings(models, folders):
    config = json.loads((folders["flow"] / "vae" / "config.json").read_text())
    spec = models["flow"].diffusion_.spec_
    assert config["_class_name"] == "AutoencoderKL"
    assert config["latents_mean"] == list(spec.mean)
    assert config["latents_std"] == list(spec.scale)
    assert config["scaling_factor"] == 1
    told = json.loads((folders["edm of classes"] / "export.json").read_text())
    assert told["classes"] == [str(number) for number in range(10)]
    assert told["noise shape"] == [4, 4, 4]
    assert told["in codes"]


def test_the_model_itself_stays_as_it_is(models, tmp_path):
    before = models["flow"].sample(2, seed=3)
    export(models["flow"], tmp_path / "out", "diffusers")
    np.testing.assert_array_equal(models["flow"].sample(2, seed=3), before)


def test_a_run_is_exported_on_the_command_line(models, tmp_path, capsys):
    models["flow"].save(tmp_path / "run")
    assert run(["export", str(tmp_path / "run"), "--to", "diffusers"], False) == 0
    assert "equal within" in capsys.readouterr().err
    names = {path.name for path in (tmp_path / "run-diffusers").iterdir()}
    assert names == {"vae", "unet", "scheduler", "README.md", "export.json"}
    assert run(["export", str(tmp_path / "run")], False) == 2
    assert "Latent has no part that runs by itself" in capsys.readouterr().err


def test_what_it_cannot_have_is_told(tmp_path):
    def refused(autoencoder, diffusion, match):
        model = small("latent", autoencoder=autoencoder, diffusion=diffusion, steps=2)
        with pytest.raises(UserError, match=match):
            export(model.fit(blobs(20, 8, 8)), tmp_path / "a", "diffusers")

    refused(KL, "flow", "--network unet2d")
    refused("vae network=grid downsamplings=1", "flow network=unet2d", "--network autoencoder_kl")
    refused("ppca", "flow", "autoencoder PPCA is no network of the diffusers library")
    refused("vae", "flow network=unet2d", "halves images exactly")
    assert not (tmp_path / "a").exists()
    with pytest.raises(UserError, match=r"halves images exactly.*\(4, 7, 7\)"):
        small("latent", autoencoder=KL, diffusion="flow network=unet2d").fit(blobs(20, 14, 14))
