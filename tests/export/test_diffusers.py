"""A folder that diffusers opens where genlearn cannot be imported draws the images that the model
draws."""

import json
import sys

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small
from without_genlearn import assert_draws_the_same, exported, shaken

import genlearn as gl
from genlearn.cli.main import run
from genlearn.core.errors import UserError
from genlearn.core.seeding import seed_for
from genlearn.export import export
from genlearn.export.image_lines import values_line
from genlearn.export.pipeline import STEPS
from genlearn.models._drawing import NoiseStream
from genlearn.nets.denoisers.denoiser_nets import check_network

pytest.importorskip("diffusers")
CASES = {
    "flow": ("flow", {}),
    "flow of classes": ("flow", {"condition": "label"}),
    "ddpm": ("ddpm", {}),
    "ddpm, cosine": ("ddpm", {"betas": "cosine", "condition": "label"}),
    "edm": ("edm", {"sigma_max": 40.0, "rho": 5.0, "sigma_data": 0.6}),
}


def data(case):
    """Colour images that are not square, or of levels that are no bytes, with classes."""
    return gl.open_data("digits") if "condition" in CASES[case][1] else blobs(40, 12, 8, 3)


@pytest.fixture(scope="module")
def models():
    fitted = {}
    for case, (name, hyper) in CASES.items():
        model = small(name, network="unet2d", steps=3, precision="fp32", **hyper)
        fitted[case] = shaken(model.fit(data(case), progress=False))
    return fitted


@pytest.fixture(scope="module")
def folders(models, tmp_path_factory):
    return exported(models, tmp_path_factory.mktemp("exported"))


@pytest.mark.parametrize("case", CASES)
def test_sixteen_images_are_equal_without_genlearn(case, models, folders):
    assert_draws_the_same(models[case], folders[case])


@pytest.mark.parametrize("case", ["flow", "ddpm", "edm"])
def test_what_is_compared_is_what_sample_draws(case, models):
    model, parts = models[case], models[case].pipeline_parts(STEPS)
    noise = NoiseStream(seed_for(7, "sample"), 0, 16, model.spec_.shape, model.device_).first()
    drawn = model.sample(16, seed=7, sampler=parts.sampler, steps=STEPS)
    np.testing.assert_array_equal(model.spec_.to_user(parts.draw(noise, None)), drawn)


def test_the_network_is_the_librarys_own_and_a_class_changes_the_images(models, folders):
    told = json.loads((folders["flow of classes"] / "export.json").read_text())
    assert told["pipeline"] is None
    assert told["classes"] == [str(number) for number in range(10)]
    network = models["flow of classes"].networks_["denoiser"].unet
    assert type(network).__module__ == "diffusers.models.unets.unet_2d"
    assert network.class_embedding.num_embeddings == 11
    draw = models["flow of classes"].pipeline_parts(STEPS).draw
    noise = torch.zeros(2, 1, 8, 8)
    one, other = draw(noise, torch.tensor([0, 10]))
    assert (one - other).abs().max() > 1e-3


@pytest.mark.parametrize("case", ["flow", "ddpm"])
def test_it_comes_back_as_a_pipeline(case, folders):
    model = gl.create("pipeline", source=str(folders[case]), sampling_steps=2).fit(data(case))
    assert model.sample(3).shape == (3, 12, 8, 3)


def test_on_the_command_line(models, tmp_path, capsys):
    models["ddpm"].save(tmp_path / "run")
    asked = ["export", str(tmp_path / "run"), "--to", "diffusers"]
    assert run(asked, False) == 0
    assert "equal within" in capsys.readouterr().err
    folder = tmp_path / "run-diffusers"
    told = json.loads((folder / "export.json").read_text())
    assert told["pipeline"] == "DDIMPipeline"
    assert json.loads((folder / "model_index.json").read_text())["_class_name"] == "DDIMPipeline"
    assert run(asked, False) == 2
    assert run([*asked, "--overwrite"], False) == 0


@pytest.mark.parametrize(
    "values",
    [
        np.linspace(-3, 5, 64).reshape(1, 8, 8),
        np.arange(64, dtype=np.uint8).reshape(1, 8, 8),
        np.arange(-32, 32, dtype=np.int16).reshape(1, 8, 8),
        np.random.default_rng(0).random((2, 4, 4, 3), dtype=np.float32),
    ],
)
def test_the_line_of_the_readme_makes_the_values_of_the_data(values):
    spec = gl.open_data(values).spec
    x = torch.randn(50, *spec.shape, generator=torch.Generator().manual_seed(0))
    found = {"images": (x / 2 + 0.5).clamp(0, 1).movedim(1, -1).numpy(), "np": np}
    exec(values_line(spec), found)
    wanted = spec.to_user(x)
    assert found["values"].dtype == wanted.dtype
    np.testing.assert_allclose(found["values"], wanted, rtol=1e-5, atol=1e-5)


def test_what_is_left_out_is_told(models, tmp_path):
    lines, model = [], models["flow of classes"]
    model.guidance = 2.0
    try:
        export(model, tmp_path / "out", "diffusers", tell=lines.append)
    finally:
        model.guidance = 1.0
    assert any("guidance=2.0 is left out" in line for line in lines)
    assert "guidance=2.0 of the run is left out" in (tmp_path / "out/README.md").read_text()


def test_what_it_cannot_have_is_told(models, tmp_path):
    with pytest.raises(UserError, match="--network unet2d"):
        export(small("flow", steps=1).fit(blobs(20)), tmp_path / "a", "diffusers")
    with pytest.raises(UserError, match="PPCA is no model of the diffusers library"):
        export(small("ppca").fit(blobs(20)), tmp_path / "a", "diffusers")
    with pytest.raises(UserError, match="diffusers takes the whole"):
        export(models["flow"], tmp_path / "a", "diffusers", parts=["sampler"])
    with pytest.raises(UserError, match="take another network, or --to diffusers"):
        export(models["flow"], tmp_path / "b", "torch", parts=["denoiser"])
    assert not (tmp_path / "a").exists()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="holds other files"):
        export(models["flow"], tmp_path / "notes", "diffusers")
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["mine.txt"]


def test_examples_that_do_not_suit_the_network_are_told(monkeypatch):
    for examples in (gaussian_table(20), blobs(20, 12, 9)):
        with pytest.raises(UserError, match="halves images exactly"):
            small("flow", network="unet2d").fit(examples)
    with pytest.raises(UserError, match="reads no captions"):
        check_network("unet2d", None, gl.open_data(blobs(20, 8, 8)).spec, captions=True)
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(UserError, match=r"pip install 'genlearn\[diffusers\]'"):
        small("flow", network="unet2d").fit(blobs(20, 8, 8))
