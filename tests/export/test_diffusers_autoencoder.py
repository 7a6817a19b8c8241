"""A folder that diffusers opens where genlearn cannot be imported encodes and decodes as the model
does."""

import json
import sys

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small
from without_genlearn import exported, shaken

import genlearn as gl
from genlearn.cli.main import run
from genlearn.core.errors import UserError
from genlearn.core.seeding import normal, seed_for
from genlearn.export import export
from genlearn.export.image_lines import inner_line

pytest.importorskip("diffusers")
# executes the lines of each README in its folder, and those that encode again with its examples
BOTH_WAYS = """
for folder in sys.argv[1:]:
    os.chdir(folder)
    with open("README.md") as file:
        draw, encode = [part.split("```")[0] for part in file.read().split("```python\\n")[1:]]
    found = {}
    exec(draw, found)
    np, drawn = found["np"], {"z": found["z"], "x": found["x"], "values": found["values"]}
    exec(encode, found)
    found["values"] = np.load("examples.npy")
    exec(encode, found)
    with found["torch"].no_grad():
        copies = found["vae"].decode(found["q"].mean).sample
    np.savez("found.npz", **drawn, codes=found["codes"], std=found["q"].std, copies=copies)
"""
CASES = {
    "grey": (lambda: blobs(40, 12, 8), {}),
    "colour": (lambda: blobs(40, 16, 8, 3), {"downsamplings": 1, "size": "base", "latent_dim": 2}),
    "numbers": (
        lambda: blobs(40, 8, 8).astype(np.float32) / 51 - 2,
        {"downsamplings": 3, "latent_dim": 6, "scale": "shared"},
    ),
}


@pytest.fixture(scope="module")
def models():
    return {
        case: shaken(
            small("vae", network="autoencoder_kl", steps=3, precision="fp32", **hyper).fit(
                examples(), progress=False
            )
        )
        for case, (examples, hyper) in CASES.items()
    }


@pytest.fixture(scope="module")
def folders(models, tmp_path_factory):
    def beside(case, folder):
        np.save(folder / "examples.npy", CASES[case][0]()[:16])

    return exported(models, tmp_path_factory.mktemp("exported"), BOTH_WAYS, beside)


@pytest.mark.parametrize("case", CASES)
def test_sixteen_images_are_equal_without_genlearn(case, models, folders):
    model, examples = models[case], CASES[case][0]()[:16]
    with np.load(folders[case] / "found.npz") as file:
        found = dict(file)
    mean, covariance = model.posterior(examples)
    assert np.abs(found["codes"].reshape(16, -1) - mean).max() < 1e-4
    assert found["codes"].shape == (16, *model.latent_shape_)
    std = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    np.testing.assert_allclose(found["std"].reshape(16, -1), std, rtol=1e-4)
    for code, image in ((mean, found["copies"]), (found["z"], found["x"])):
        wanted = model.decode_tensor(torch.from_numpy(code).flatten(1)).detach()
        assert np.abs(image - wanted.numpy()).max() < 1e-4
    assert found["codes"].std(0).mean() > 0.01  # they differ
    assert found["x"].std(0).mean() > 0.01
    drawn = model.decode(found["z"].reshape(16, -1))
    assert (found["values"].dtype, found["values"].shape) == (drawn.dtype, drawn.shape)
    # a number at the edge between two bytes may be rounded either way
    one = 1 if drawn.dtype == np.uint8 else 1e-3
    assert np.abs(found["values"].astype(float) - drawn).max() <= one


def test_a_sample_is_a_decoded_normal_code(models):
    model = models["grey"]
    parts = model.autoencoder_parts()
    z = normal(seed_for(7, "sample"), 0, 5, (model.latent_dim_,)).reshape(-1, *parts.code_shape)
    np.testing.assert_array_equal(model.spec_.to_user(parts.decode(z)), model.sample(5, seed=7))


def test_the_network_is_the_librarys_own(models, folders):
    config = json.loads((folders["colour"] / "config.json").read_text())
    assert config["_class_name"] == "AutoencoderKL"
    assert config["sample_size"] == [16, 8]
    assert config["latent_channels"] == 2
    assert config["mid_block_add_attention"]  # of base and large
    coders = models["colour"].networks_
    assert type(coders["encoder"].encoder).__module__.startswith("diffusers.")
    assert type(coders["decoder"].decoder.decoder).__module__.startswith("diffusers.")


def test_it_learns():
    model = small("vae", network="autoencoder_kl", beta=0.1, steps=60, learning_rate=3e-3)
    examples = blobs(100, 12, 8)
    model.fit(examples, progress=False)
    error = np.square(model.reconstruct(examples).astype(float) - examples).mean()
    assert error < 0.5 * examples.var(0).mean()


def test_a_run_is_exported_on_the_command_line(models, tmp_path, capsys):
    models["grey"].save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    np.testing.assert_array_equal(again.sample(3, seed=1), models["grey"].sample(3, seed=1))
    asked = ["export", str(tmp_path / "run"), "--to", "diffusers"]
    assert run(asked, False) == 0
    assert "equal within" in capsys.readouterr().err
    told = json.loads((tmp_path / "run-diffusers" / "export.json").read_text())
    assert told["code"] == [4, 3, 2]
    assert told["largest difference"] < 1e-4
    assert run(["export", str(tmp_path / "run"), "--to", "torch"], False) == 2
    assert "or --to diffusers" in capsys.readouterr().err


@pytest.mark.parametrize("binarise", ["none", "threshold", "stochastic"])
@pytest.mark.parametrize(
    "values",
    [
        np.linspace(-3, 5, 64).reshape(1, 8, 8),
        np.arange(64, dtype=np.uint8).reshape(1, 8, 8),
        np.arange(-32, 32, dtype=np.int16).reshape(1, 8, 8),
        np.random.default_rng(0).random((2, 4, 4, 3), dtype=np.float32),
    ],
)
def test_the_lines_of_the_readme_make_the_numbers_of_the_network(values, binarise):
    spec = gl.open_data(values, binarise=binarise).spec
    found = {"values": values, "np": np, "torch": torch}
    exec(inner_line(spec), found)
    wanted = spec.to_internal(values)
    assert (found["x"].dtype, found["x"].shape) == (wanted.dtype, wanted.shape)
    if binarise == "stochastic":
        np.testing.assert_array_equal(found["x"].unique(), wanted.unique())
    else:
        np.testing.assert_allclose(found["x"], wanted, rtol=1e-5, atol=1e-5)


def test_what_does_not_suit_the_network_is_told(monkeypatch):
    def fit(examples, **hyper):
        small("vae", network="autoencoder_kl", **hyper).fit(examples)

    with pytest.raises(UserError, match=r"needs images of at least 4x4.*take mlp or linear"):
        fit(gaussian_table(20))
    with pytest.raises(UserError, match=r"halves images exactly, here into 4 .*\(12, 9\)"):
        fit(blobs(20, 12, 9))
    with pytest.raises(UserError, match="take fewer downsamplings"):
        fit(blobs(20, 12, 12), downsamplings=3)
    with pytest.raises(UserError, match="take feature or shared"):
        fit(blobs(20, 8, 8), scale="predicted")
    with pytest.raises(UserError, match="take diagonal"):
        fit(blobs(20, 8, 8), covariance="full")
    with pytest.raises(UserError, match="take likelihood='logistic'"):
        fit(gl.open_data(blobs(20, 8, 8), binarise="threshold"))
    for name in ("autoencoder", "vqvae"):
        with pytest.raises(UserError, match="network"):
            small(name, network="autoencoder_kl").fit(blobs(20, 8, 8))
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(UserError, match=r"pip install 'genlearn\[diffusers\]'"):
        fit(blobs(20, 8, 8))


def test_what_it_cannot_have_is_told(models, tmp_path):
    for name in ("vae", "autoencoder", "vqvae"):
        other = small(name, steps=1).fit(blobs(20))
        with pytest.raises(UserError, match="--network autoencoder_kl"):
            export(other, tmp_path / "a", "diffusers")
    with pytest.raises(UserError, match="diffusers takes the whole"):
        export(models["grey"], tmp_path / "a", "diffusers", parts=["decoder"])
    assert not (tmp_path / "a").exists()
