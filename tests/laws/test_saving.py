"""Law 4, first half: saving and loading change nothing, and nothing damaged is loaded."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
import torch
from helpers import (
    DATA,
    answer,
    blobs,
    by_family,
    gaussian_table,
    general,
    reading,
    small,
    suits,
    trained,
    with_samples,
)

import genlearn as gl
from genlearn.core.capabilities import Scores
from genlearn.engine.runs.run_options import RunOptions


@pytest.mark.parametrize("kind", list(DATA))
def test_load_gives_back_the_model(name, kind, fitted, tmp_path):
    model, data = copy.copy(fitted(name, kind)), DATA[kind]()
    model.save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    assert again.get_params() == model.get_params()
    assert all(
        torch.equal(a, b)
        for a, b in zip(
            again.networks_.state_dict().values(),
            model.networks_.state_dict().values(),
            strict=True,
        )
    )
    np.testing.assert_array_equal(again.sample(5, seed=1), model.sample(5, seed=1))
    if isinstance(model, Scores):
        again, model = (with_samples(one, 10) for one in (again, model))
        np.testing.assert_array_equal(again.score_samples(data[:5]), model.score_samples(data[:5]))


def test_a_loaded_model_saves_again_and_a_training_run_is_not_replaced(name, tmp_path):
    once = RunOptions(save_every=3)
    small(name, steps=3).fit(gaussian_table(60), out=tmp_path / "run", options=once)
    model = gl.load(tmp_path / "run")
    model.save(tmp_path / "copy")
    np.testing.assert_array_equal(gl.load(tmp_path / "copy").sample(2), model.sample(2))
    if name in trained():
        with pytest.raises(ValueError, match="checkpoints"):
            model.save(tmp_path / "run")


@pytest.mark.parametrize("name", by_family(general()))
def test_frames_are_read_by_their_columns_before_and_after_loading(name, tmp_path):
    frame = pd.DataFrame(gaussian_table(60, 3), columns=list("abc")).assign(count=np.arange(60) % 7)
    model = small(name).fit(frame)
    before = answer(model, frame)
    assert (model.sample(20)["count"] % 1 == 0).all()
    model.save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    np.testing.assert_array_equal(answer(again, frame), before)
    if name in reading():
        with pytest.raises(ValueError, match="feature names should match"):
            answer(again, frame[["c", "b", "a", "count"]])


@pytest.mark.parametrize("name", by_family(general()))
def test_columns_that_are_left_out_play_no_part(name):
    names = [f"number {i}" for i in range(60)]
    frame = pd.DataFrame(gaussian_table(60, 3), columns=list("abc")).assign(kind=names)
    model = small(name, steps=3).fit(frame)
    np.testing.assert_array_equal(answer(model, frame.assign(kind="other")), answer(model, frame))


def test_images_of_another_range_are_refused(name, fitted):
    if name not in reading() or not suits(name, "grey"):
        pytest.skip("reads no images")
    model, images = fitted(name, "grey"), blobs()[:3]
    for other in (images / 255.0, images.astype(np.uint16) * 257):
        with pytest.raises(ValueError, match=r"rescale|range"):
            answer(model, other)
    with pytest.raises(ValueError, match=r"give X\[None\]"):
        answer(model, images[0])


def test_a_hyper_parameter_set_later_does_not_change_a_fitted_model(name, fitted):
    model = fitted(name, "table")
    before, hyper = answer(model, gaussian_table()), model.get_params()
    other = {key: 1 for key in ("latent_dim", "components", "centres") if key in hyper}
    np.testing.assert_array_equal(answer(model.set_params(**other), gaussian_table()), before)
    model.set_params(**hyper)


@pytest.fixture
def saved(name, fitted, tmp_path):
    fitted(name, "table").save(tmp_path / "run")
    return tmp_path / "run"


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def edit(path):
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("file", ["manifest.json", "weights.safetensors"])
@pytest.mark.parametrize("damage", [cut, edit, lambda path: path.write_bytes(b"")])
def test_damage_is_told_in_one_line(saved, file, damage):
    damage(saved / file)
    with pytest.raises(ValueError, match=r"damaged|changed") as error:
        gl.load(saved)
    assert file in str(error.value)
    assert "\n" not in str(error.value)


def test_a_manifest_edited_by_hand_is_told(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    manifest["hyper"]["seed"] = 5
    (saved / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match="changed after it was saved"):
        gl.load(saved)


def test_missing_weights_are_told(saved):
    (saved / "weights.safetensors").unlink()
    with pytest.raises(ValueError, match="missing"):
        gl.load(saved)


def test_a_folder_that_is_no_run_is_told(tmp_path):
    with pytest.raises(ValueError, match="is not a run"):
        gl.load(tmp_path)


def test_a_pickle_is_never_read(saved):
    (saved / "weights.safetensors").write_bytes(b"cos\nsystem\n(S'touch /tmp/owned'\ntR.")
    with pytest.raises(ValueError, match="damaged"):
        gl.load(saved)


def test_an_unfitted_model_is_not_saved(name, tmp_path):
    with pytest.raises(ValueError, match="not fitted"):
        small(name).save(tmp_path / "run")
    assert not (tmp_path / "run").exists()
