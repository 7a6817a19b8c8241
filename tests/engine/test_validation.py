"""A training that is watched by held-out examples: they change nothing, cost little, tell how far
it has come, and end it where asked to."""

import json

import numpy as np
import pytest
from helpers import blobs, examples_for, gaussian_table, genlearn, small, trained
from stopping import Stopped, Stopping, same_weights
from toy_text_encoder import captioned, language_model

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.core.registry import find
from genlearn.data import open_data
from genlearn.data.split import divide
from genlearn.engine.hardware.device import fabric_for
from genlearn.engine.runs.learning_curve import has_risen
from genlearn.engine.runs.run_options import RunOptions
from genlearn.engine.validation import Validation


def watched():
    """Those with a loss that tells on held-out examples."""
    return [name for name in trained() if getattr(find(name), "has_held_out_loss", True)]


@pytest.mark.parametrize("name", watched())
def test_watching_changes_nothing_and_tells(name):
    examples = examples_for(name, 60)
    split = divide(open_data(examples), 0, 0.25, fewest=0)
    plain = small(name, steps=16, held_out=0.0).fit(split.train)
    model = small(name, steps=16, held_out=0.0).fit(examples, validation=0.25)
    assert same_weights(plain, model)
    assert model.n_samples_ == 45
    marks = model.history_.filter(like="validation").stack().dropna()
    assert len(marks) >= 4
    assert {"step", "lr"} <= set(model.history_.columns)


@pytest.mark.parametrize("name", sorted({*trained(), "ppca"} - set(watched())))
def test_what_could_not_be_watched_says_so(name):
    with pytest.raises(UserError, match="leave it out"):
        small(name).fit(blobs(60), validation=0.25)


def test_the_curve_is_of_the_model_alone():
    model = small("edm", steps=40, lr=1e-9, anchor="none").fit(gaussian_table(200), validation=0.2)
    marks = model.history_["validation"].dropna()
    assert np.ptp(marks) < 1e-5 * marks.mean() < np.ptp(model.history_["loss"])


def overfitting(**hyper):
    hyper = {"steps": 400, "lr": 1e-2, "hidden": (64,), "latent_dim": 4, **hyper}
    return small("autoencoder", lr_schedule="constant", warmup=0.0, anchor="none", **hyper)


def test_patience_ends_it_and_keeps_the_weights_of_the_best_mark(tmp_path):
    data, held_out = gaussian_table(20, 12), gaussian_table(80, 12)[20:]
    given = {"validation": held_out, "options": RunOptions(patience=3)}
    model = overfitting().fit(data, **given)
    marks = model.history_.dropna()
    best = int(marks["step"].iloc[marks["validation"].argmin()])
    assert best < model.n_steps_ < 400
    first, least = marks["validation"].iloc[0], marks["validation"].min()
    since = marks["validation"][marks["step"] > best]
    assert sum(has_risen(first, least, loss) for loss in since) == 3
    assert same_weights(model, overfitting(steps=best).fit(data))
    run = overfitting().fit(data, out=tmp_path / "run", **given)
    assert same_weights(run, model)
    assert gl.load(tmp_path / "run").n_steps_ == model.n_steps_
    assert run.history_.equals(model.history_)
    again = overfitting().fit(data, out=tmp_path / "run", **given)
    assert same_weights(again, model)
    assert same_weights(gl.load(tmp_path / "run"), model)
    on = RunOptions(patience=3, more=100)
    overfitting().fit(data, out=tmp_path / "run", validation=held_out, options=on)
    assert model.n_steps_ < gl.load(tmp_path / "run").n_steps_ <= model.n_steps_ + 100


def test_a_flat_curve_ends_nothing():
    data = gaussian_table(80, 12)
    given = {"validation": data[60:], "options": RunOptions(patience=1)}
    model = overfitting(steps=40, lr=1e-9).fit(data[:60], **given)
    assert (model.history_["validation"].dropna().diff() >= 0).any()
    assert model.n_steps_ == 40


def test_stopped_and_resumed_it_is_the_same(tmp_path):
    data, held_out = gaussian_table(20, 12), gaussian_table(80, 12)[20:]
    whole = overfitting().fit(data, validation=held_out, options=RunOptions(patience=3))
    every = max(1, whole.n_steps_ // 3)
    stopping = RunOptions(patience=3, save_every=every, callback=Stopping())
    with pytest.raises(Stopped):
        overfitting().fit(data, out=tmp_path / "run", validation=held_out, options=stopping)
    going_on = RunOptions(patience=3, save_every=every)
    with pytest.raises(UserError, match="was trained with validation by 60 examples"):
        overfitting().fit(data, out=tmp_path / "run", options=RunOptions(save_every=every))
    model = overfitting().fit(data, out=tmp_path / "run", validation=held_out, options=going_on)
    assert same_weights(model, whole)
    assert model.history_.equals(whole.history_)


def test_a_budget_is_watched_too():
    model = small("vae", steps=None, budget="2s").fit(gaussian_table(200), validation=0.1)
    assert model.history_["validation"].notna().sum() >= 4


@pytest.mark.parametrize("steps", [10, 300, 2000, 50_000])
def test_marks_cost_little(steps):
    data = open_data(gaussian_table(3000))
    model = gl.VAE(batch_size=64)
    watch = Validation(model, data, fabric_for(model, data.spec))
    interval = watch.interval(steps, max(1, steps // 200), watch.model.batch_size)
    marks = steps // interval
    assert marks <= max(4, 0.075 * steps * 64 / watch.count)
    assert marks >= min(4, steps) - 1


def test_classes_are_matched_by_name():
    x, y = gaussian_table(60), np.array(["a", "b", "c"] * 20)
    model = small("flow", condition="auto")
    model.fit(x, y, validation=(x[:30] + 0.1, np.array(["c", "b"] * 15)))
    assert model.history_["validation"].notna().any()
    with pytest.raises(UserError, match="the class 'd'"):
        model.fit(x, y, validation=(x[:2] + 0.1, ["a", "d"]))
    with pytest.raises(UserError, match="validation has no classes"):
        model.fit(x, y, validation=x[:30] + 0.1)


def test_captions_of_held_out_examples_are_read(tmp_path):
    words = language_model(tmp_path / "words")
    model = small("flow", condition="text", text_encoder=words)
    model.fit(captioned(40), validation=0.25)
    assert model.history_["validation"].notna().any()


@pytest.mark.parametrize("given", [0.0, 1.0, -0.1, 7, 0.001])
def test_other_shares_are_refused(given):
    with pytest.raises(UserError, match="such as"):
        small("vae").fit(gaussian_table(60), validation=given)


def test_mistakes_get_a_line():
    x = gaussian_table(60)
    with pytest.raises(UserError, match="is the data that is learned from"):
        small("vae").fit(x, validation=x)
    with pytest.raises(UserError, match="takes validation"):
        small("vae").fit(x, options=RunOptions(patience=3))
    with pytest.raises(UserError, match="takes validation"):
        small("latent").fit(x, options=RunOptions(patience=3))
    with pytest.raises(ValueError, match="examples of shape"):
        small("vae").fit(x, validation=x[:, :3])


def test_on_the_command_line(tmp_path):
    np.save(tmp_path / "other.npy", blobs(30, 8, 8, seed=1))
    np.save(tmp_path / "data.npy", blobs(60, 8, 8))
    fit = ["fit", "vae", "data.npy", "--size", "tiny", "--steps", 40, "--out"]
    said = genlearn(*fit, "a", "--validation", 0.2, "--patience", 50, cwd=tmp_path).stderr
    assert "validation: 12 of 60 held out at random, seed 0, not learned from" in said
    assert "held-out loss" in said
    genlearn(*fit, "b", "--validation", "other.npy", cwd=tmp_path)
    for run, count in (("a", 12), ("b", 30)):
        manifest = json.loads((tmp_path / run / "manifest.json").read_text())
        assert manifest["validation"]["count"] == count
        lines = (tmp_path / run / "metrics.jsonl").read_text().splitlines()
        assert "validation" in json.loads(lines[-1])
