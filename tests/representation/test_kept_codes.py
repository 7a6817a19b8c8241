"""Codes are kept with the run, found again, and never those of something else."""

import numpy as np
import pytest
from helpers import blobs

import genlearn as gl
from genlearn.data import open_data
from genlearn.engine.runs.loading import load
from genlearn.engine.runs.run import Run
from genlearn.engine.runs.run_options import RunOptions
from genlearn.representation.kept_codes import kept_codes
from genlearn.representation.represent import Representation, representation_of


@pytest.fixture
def run(tmp_path):
    gl.create("ppca", latent_dim=3).fit(blobs(60), out=tmp_path / "run")
    return Run(tmp_path / "run")


def counted(model):
    """What stands for examples, and how many it was asked for."""
    asked = []

    def function(values):
        asked.append(len(values))
        return model.encode(values)

    return Representation(representation_of(model).name, function), asked


def test_codes_are_computed_once(run):
    model = load(run.path)
    data = open_data(blobs(40, seed=1), like=model.spec_)
    representation, asked = counted(model)
    first = kept_codes(run, representation, data)
    np.testing.assert_array_equal(first, model.encode(data))
    again = kept_codes(run, representation, open_data(blobs(40, seed=1), like=model.spec_))
    np.testing.assert_array_equal(first, again)
    assert asked == [40]
    assert isinstance(again, np.memmap)


def test_other_data_other_weights_and_other_features_have_codes_of_their_own(run):
    model = load(run.path)
    data = open_data(blobs(40, seed=1), like=model.spec_)
    representation, asked = counted(model)
    kept_codes(run, representation, data)
    kept_codes(run, representation, data.take(slice(0, 39)))
    kept_codes(run, Representation("others", representation.function), data)
    assert asked == [40, 39, 40]
    gl.create("ppca", latent_dim=2).fit(blobs(60), out=run.path.with_name("other"))
    other = load(run.path.with_name("other"))
    run.save_weights(other, 7)  # learned on, as it were, under the same settings
    fresh, asked = counted(other)
    np.testing.assert_array_equal(kept_codes(run, fresh, data), other.encode(data))
    assert asked == [40]
    assert len(list(run.index.glob("*/"))) == 1  # those of the old weights are gone


@pytest.mark.parametrize("damage", ["flip", "cut", "no about"])
def test_damaged_codes_are_computed_again(run, damage):
    model = load(run.path)
    data = open_data(blobs(40, seed=1), like=model.spec_)
    representation, asked = counted(model)
    kept_codes(run, representation, data)
    (file,) = run.index.glob("*/codes.npy")
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content[:-9] if damage == "cut" else content)
    if damage == "no about":
        file.with_name("about.json").unlink()
    np.testing.assert_array_equal(kept_codes(run, representation, data), model.encode(data))
    assert asked == [40, 40]


def test_what_a_killed_process_left_is_removed(run):
    model = load(run.path)
    data = open_data(blobs(40, seed=1), like=model.spec_)
    kept_codes(run, representation_of(model), data)
    (place,) = run.index.glob("*/")
    left = place.with_name(f".{place.name}.0123456789abcdef.part")
    place.rename(left)
    kept_codes(run, representation_of(model), data)
    assert [path.name for path in run.index.iterdir()] == [place.name]


def test_a_failure_leaves_nothing_behind(run):
    model = load(run.path)
    data = open_data(blobs(40, seed=1), like=model.spec_)

    def fails(values):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept_codes(run, Representation("codes", fails), data)
    assert not run.index.exists() or not list(run.index.iterdir())


def test_fitting_afresh_removes_them(run):
    model = load(run.path)
    kept_codes(run, representation_of(model), open_data(blobs(9), like=model.spec_))
    gl.create("ppca", latent_dim=2).fit(blobs(60), out=run.path, options=RunOptions(fresh=True))
    assert not run.index.exists()


def test_a_model_that_searches_for_codes_is_not_one():
    with pytest.raises(ValueError, match=r"finds codes by optimisation.*genlearn models"):
        representation_of(gl.create("gan"))
