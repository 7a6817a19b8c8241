"""A manifest says what it may say, or is refused in one line; a digest that fits makes it no
truer."""

import json
import os

import pytest
import torch
from helpers import small
from safetensors.torch import save_file

import genlearn as gl
from genlearn.core.disk.checked import write_document
from genlearn.core.errors import UserError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "r"
    small("ppca").fit([[float(i), i % 3] for i in range(30)]).save(path)
    return path


def rewritten(run, place, change):
    """A copy of ``run`` whose manifest was changed and signed anew."""
    document = json.loads((run / "manifest.json").read_text())
    del document["digest"]
    change(document)
    place.mkdir()
    (place / "weights.safetensors").write_bytes((run / "weights.safetensors").read_bytes())
    write_document(place / "manifest.json", document)
    return place


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m.update(steps="2"), r"Expected `int`, got `str` - at `\$.steps`"),
        (lambda m: m.update(steps=-1), r"at `\$.steps`"),
        (lambda m: m.pop("hyper"), "missing required field `hyper`"),
        (lambda m: m.update(model=["ppca"]), r"at `\$.model`"),
        (lambda m: m.update(model="../evil"), "no model is called"),
        (lambda m: m["hyper"].update(latent_dim=10**12), "latent_dim"),
        (lambda m: m["hyper"].update(latent_dim="x"), "latent_dim='x' was given"),
        (lambda m: m["data"].update(count=0), r"at `\$.data.count`"),
        (lambda m: m["data"]["spec"].update(shape=[10**9]), "an entry for each"),
        (lambda m: m["data"]["spec"].update(shape=[0]), "sizes of at least 1"),
        (lambda m: m["data"]["spec"].update(scale=[0.0, 1.0]), "finite numbers above 0"),
        (lambda m: m["data"]["spec"].update(kind="os.system"), "is unknown"),
        (lambda m: m["data"]["spec"].update(dtype="O"), "a type of real numbers"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run, tmp_path, change, told):
    with pytest.raises(UserError, match=told):
        gl.load(rewritten(run, tmp_path / "r", change))


def test_what_a_later_version_adds_is_let_be(run, tmp_path):
    place = rewritten(run, tmp_path / "r", lambda m: m.update(more={"than": "this"}))
    assert gl.load(place).sample(3).shape == (3, 2)


@pytest.mark.parametrize("about", ["[1, 2]", "3", "null", '"x"', "[" * 100_000])
def test_weights_whose_header_is_no_description_are_damaged(run, tmp_path, about):
    place = rewritten(run, tmp_path / "r", lambda m: None)
    save_file({"x": torch.zeros(2)}, place / "weights.safetensors", {"about": about})
    with pytest.raises(UserError, match="damaged"):
        gl.load(place)


def test_a_manifest_that_nests_without_end_is_damaged(run, tmp_path):
    place = rewritten(run, tmp_path / "r", lambda m: None)
    (place / "manifest.json").write_text('{"a": ' * 100_000)
    with pytest.raises(UserError, match="damaged"):
        gl.load(place)


@pytest.mark.parametrize("name", ["manifest.json", "weights.safetensors"])
def test_a_pipe_in_a_run_is_not_waited_for(run, tmp_path, name):
    place = rewritten(run, tmp_path / "r", lambda manifest: None)
    (place / name).unlink()
    os.mkfifo(place / name)
    expected = r"holds no manifest\.json; name a folder that `genlearn fit` wrote$|is missing"
    with pytest.raises(UserError, match=expected):
        gl.load(place)
