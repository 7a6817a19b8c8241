"""What is exported gives what the model gives, in a process that does not know this package."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from helpers import small

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.export import export

pytest.importorskip("onnxruntime")
ALONE = """
import sys
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
given = dict(np.load(sys.argv[2]))
np.save(sys.argv[3], session.run(None, given)[0])
assert "genlearn" not in sys.modules
assert "torch" not in sys.modules
"""


@pytest.fixture(scope="module")
def digits():
    return gl.open_data("digits")


@pytest.mark.parametrize("name", ["ppca", "autoencoder", "vae", "vqvae", "r3gan", "stylegan"])
def test_codes_are_decoded_as_the_model_decodes_them(name, digits, tmp_path):
    model = small(name).fit(digits)
    document = json.loads(export(model, tmp_path / "out").read_text())
    part = "generator" if "generator" in document["parts"] else "decoder"
    told = document["parts"][part]
    assert told["largest difference"] <= 1e-4
    assert list(told["inputs"]) == ["z"]
    codes = (model.sample_codes(5) if hasattr(model, "sample_codes") else model.encode(digits))[:5]
    found = alone(tmp_path / "out" / told["file"], tmp_path, z=codes.astype(np.float32))
    assert found.shape == (5, *model.spec_.shape)
    made = model.spec_.to_user(torch.from_numpy(found).float())
    assert np.abs(made.astype(float) - model.decode(codes).astype(float)).max() <= 1


@pytest.mark.parametrize("name", ["flow", "ddpm"])
def test_a_sampler_draws_what_the_model_draws(name, digits, tmp_path):
    model = small(name, condition="label", sampling_steps=3).fit(digits)
    document = json.loads(export(model, tmp_path / "out", parts=["sampler"]).read_text())
    assert list(document["parts"]) == ["sampler"]
    assert document["classes"] == list(digits.spec.classes)
    graph = model.graphs()["sampler"]
    one, label = normal(1, *model.spec_.shape), torch.tensor([0, 3, 9, 10])
    noise = one.repeat(4, 1, 1, 1)
    with torch.no_grad():
        wanted = graph.module(noise, label)
    path = tmp_path / "out" / "sampler.onnx"
    found = alone(path, tmp_path, noise=noise.numpy(), label=label.numpy())
    assert np.abs(found - wanted.numpy()).max() < 1e-4
    assert np.abs(found[0] - found[3]).max() > 0  # a class changes what is drawn


def test_a_program_of_pytorch_runs_by_itself(tmp_path):
    model = small("vae").fit(np.random.default_rng(0).normal(size=(200, 5)))
    document = json.loads(export(model, tmp_path / "out", "torch").read_text())
    assert set(document["parts"]) == {"encoder", "decoder"}
    assert "standard deviations" in document["units"]
    program = torch.export.load(tmp_path / "out" / "encoder.pt2").module()
    x = normal(7, 5)
    with torch.no_grad():
        assert torch.allclose(program(x), model.graphs()["encoder"].module(x), atol=1e-5)


def test_mistakes_are_told_in_a_line(digits, tmp_path):
    with pytest.raises(UserError, match="no part that runs by itself"):
        export(small("gmm").fit(digits), tmp_path / "a")
    model = small("ppca").fit(digits)
    with pytest.raises(UserError, match="no part 'generator'; encoder, decoder can be"):
        export(model, tmp_path / "b", parts=["generator"])
    with pytest.raises(UserError, match="there are onnx, torch"):
        export(model, tmp_path / "c", "tensorflow")
    assert not any((tmp_path / name).exists() for name in "abc")
    with pytest.raises(UserError, match="choose their way by the numbers"):
        export(small("progan").fit(digits), tmp_path / "d")
    assert list((tmp_path / "d").iterdir()) == []


def normal(*shape):
    return torch.from_numpy(np.random.default_rng(0).normal(size=shape).astype(np.float32))


def alone(file, folder, **given):
    """What onnxruntime makes of a file, in a process of its own."""
    np.savez(folder / "given.npz", **given)
    (folder / "alone.py").write_text(ALONE)
    asked = [folder / "alone.py", file, folder / "given.npz", folder / "found.npy"]
    ended = subprocess.run([sys.executable, *asked], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return np.load(folder / "found.npy")
