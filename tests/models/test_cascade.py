"""Cascades: the small image decides, stages enlarge; noise on small images by its formula; each
part a run of its own."""

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small
from stopping import Stopped
from torch import nn
from toy_text_encoder import captioned, language_model

import genlearn as gl
from genlearn.core.seeding import seed_for, seeded
from genlearn.data import open_data
from genlearn.data.downsample import downsample, upsample
from genlearn.engine.callbacks import NullCallback
from genlearn.engine.runs.run_options import RunOptions
from genlearn.models._drawing import NoiseStream


@pytest.fixture(scope="module")
def images():
    return blobs(100, 24, 16, channels=3)


@pytest.fixture(scope="module")
def model(images):
    return small("cascade", stages=1).fit(images)


@pytest.fixture(scope="module")
def upscale(images):
    return small("upscale", steps=50, lr=1e-2).fit(images)


class Zero(nn.Module):
    """Says zero of everything."""

    def forward(self, x, log_ratio, given=None):
        return torch.zeros_like(x)


def test_a_stage_that_adds_nothing_returns_the_base(model):
    stage = model.stages_[0]
    learned, scale = stage.networks_["denoiser"], stage.normalizer.scale.clone()
    try:
        stage.networks_["denoiser"] = Zero()
        stage.normalizer.scale.fill_(1e-6)  # details of no size
        stage.normalizer.centre.zero_()
        stage.noise_on_small = 0.0
        large, base = model.sample(6, seed=2), model.base_.sample(6, seed=2)
    finally:
        stage.networks_["denoiser"], stage.noise_on_small = learned, 0.1
        stage.normalizer.scale.copy_(scale)
    expected = model.spec_.to_user(upsample(model.small_spec_.to_internal(base), model.spec_.shape))
    np.testing.assert_allclose(large.astype(float), expected, atol=1)


def test_noise_on_small_images_is_as_strong_as_it_is_said_to_be(upscale, images):
    x = upscale.spec_.to_internal(np.repeat(images[:1], 2000, 0))
    with seeded(0):
        u, s = upscale.noisy_small(x)
    clean = torch.nn.functional.interpolate(
        downsample(x[:1], (3, 12, 8)), (24, 16), mode="bilinear"
    )
    deviation = (u - clean).flatten(1).square().mean(1).sqrt()
    assert 0 <= s.min() < 0.01
    assert 0.29 < s.max() <= 0.3
    # (9 + 3 + 3 + 1 shares of a quarter each) squared and summed: what stretching leaves of the
    # variance, away from edges
    kernel = 0.625
    interior = (u - clean)[..., 4:-4, 4:-4].flatten(1).square().mean(1)
    torch.testing.assert_close(
        (interior / s**2)[s > 0.05].mean().sqrt().item(), kernel, atol=0.02, rtol=0
    )
    assert (deviation[s < 0.01] < 0.02).all()


def test_enlarging_agrees_with_the_small_image(upscale, images):
    x = upscale.spec_.to_internal(images)
    few = upscale.small_spec_.to_user(downsample(x, upscale.small_spec_.shape))
    large = upscale.enlarge(few, seed=0, noise=0.0)
    again = downsample(upscale.spec_.to_internal(large), upscale.small_spec_.shape)
    error = (again - upscale.small_spec_.to_internal(few)).square().mean().sqrt()
    assert error < 0.15


def test_each_enlarged_image_depends_on_seed_number_and_small_image_alone(upscale, images):
    few = images[:7, ::2, ::2]
    whole, end = upscale.enlarge(few, seed=5), upscale.enlarge(few[3:], seed=5, start=3)
    np.testing.assert_allclose(end.astype(float), whole[3:].astype(float), atol=1)
    assert (upscale.enlarge(few, seed=6) != whole).any()


def test_stages_are_models_of_shrunk_data(model, images):
    assert model.base_.spec_.shape == (3, 12, 8)
    assert model.stages_[0].spec_.shape == (3, 24, 16)
    np.testing.assert_array_equal(
        model.sample(4, seed=1), model.stages_[0].enlarge(model.base_.sample(4, seed=1), seed=1)
    )
    np.testing.assert_array_equal(
        model.enlarge(model.base_.sample(4, seed=1), seed=1), model.sample(4, seed=1)
    )


def test_a_class_is_told_to_all_stages(images):
    names = np.array(["left", "right"])[np.arange(100) % 2]
    model = small("cascade", stages=1, condition="label").fit(images, names)
    by_name, by_number = (model.sample(4, seed=0, label=label) for label in ("right", 1))
    np.testing.assert_array_equal(by_name, by_number)
    base, stage = model.base_, model.stages_[0]
    stream = NoiseStream(seed_for(3, "sample"), 0, 50, (), base.device_)
    told = [one.conditions(stream, one.sampling_config({}))[0] for one in (base, stage)]
    assert torch.equal(*told)  # without a label, both draw the same ones


def test_prompts_reach_all_stages(tmp_path):
    data = captioned(60, side=16)
    model = small(
        "cascade", stages=1, condition="text", text_encoder=language_model(tmp_path / "words")
    ).fit(data)
    a, b = (
        model.sample(4, seed=0, prompt=text, guidance=2.0)
        for text in ("a dark disc", "a bright disc")
    )
    assert (a != b).any()
    # a caption that training never saw
    new = model.sample(2, seed=0, prompt="a very very bright small disc on the left")
    assert new.shape == (2, 16, 16)
    model.save(tmp_path / "run")
    np.testing.assert_array_equal(
        gl.load(tmp_path / "run").sample(4, seed=0, prompt="a dark disc", guidance=2.0), a
    )


def test_thresholds_act_on_the_image_not_on_its_details(upscale, images):
    few = images[:4, ::2, ::2]
    plain, kept = (
        upscale.enlarge(few, seed=0, threshold=threshold) for threshold in ("none", "static")
    )
    # thresholding details alone would put grey everywhere
    assert np.abs(plain.astype(float) - kept).mean() < 20
    assert (plain != kept).any()


def test_image_to_image_starts_from_small_versions(model, images):
    near = model.sample(8, seed=0, init=images[:8], strength=0.05).astype(float)
    far = model.sample(8, seed=0, init=images[:8], strength=1.0).astype(float)
    assert np.abs(near - images[:8]).mean() < np.abs(far - images[:8]).mean()
    with pytest.raises(ValueError, match="strength=0 was given"):
        model.sample(1, init=images[:1], strength=0)


class Stops(NullCallback):
    """Stops the training at report number ``at``."""

    def __init__(self, at):
        self.at = at

    def report(self, progress):
        self.at -= 1
        if not self.at:
            raise Stopped


@pytest.fixture(scope="module")
def whole(images):
    """The weights of a cascade that was trained in one go."""
    return small("cascade", stages=1, steps=10).fit(images).networks_.state_dict()


@pytest.mark.parametrize("at", [2, 7])
def test_a_part_that_was_stopped_goes_on_and_those_before_it_are_not_trained_again(
    at, images, whole, tmp_path
):
    model = small("cascade", stages=1, steps=10)
    with pytest.raises(Stopped):
        model.fit(
            images, out=tmp_path / "run", options=RunOptions(callback=Stops(at), save_every=2)
        )
    heard = []
    listens = NullCallback()
    listens.tell = heard.append
    resumed = model.fit(
        images, out=tmp_path / "run", options=RunOptions(callback=listens, save_every=2)
    ).networks_.state_dict()
    assert all(torch.equal(resumed[key], value) for key, value in whole.items())
    assert any("going on at" in line for line in heard)
    assert ("is complete" in " ".join(heard)) == (at > 5)
    steps = [
        line.split('"step": ')[1].split(",")[0]
        for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()
    ]
    assert [int(step) for step in steps] == sorted({*range(1, 11)})


def test_parts_are_trained_side_by_side(images, whole, tmp_path):
    model = small("cascade", stages=1, steps=10)
    for only in ("24x16", "base"):
        model.fit(images, out=tmp_path / "run", options=RunOptions(only=only))
    apart = model.fit(images, out=tmp_path / "run").networks_.state_dict()
    assert all(torch.equal(apart[key], value) for key, value in whole.items())
    with pytest.raises(ValueError, match="--only 48x48 was given"):
        model.fit(images, out=tmp_path / "run", options=RunOptions(only="48x48"))
    with pytest.raises(ValueError, match="holds another run"):
        small("cascade", stages=1, steps=24).fit(images, out=tmp_path / "run")


def test_as_many_stages_as_bring_the_base_to_32():
    sides = {28: 0, 64: 1, 100: 2, 128: 2}
    for side, stages in sides.items():
        cascade = gl.create("cascade")
        cascade.resolve_hyperparameters(open_data(np.zeros((4, side, side), np.uint8)).spec)
        assert len(cascade.specs_) == stages + 1
    cascade = gl.create("cascade", stage="upscale factor=4")
    cascade.resolve_hyperparameters(open_data(np.zeros((4, 128, 128), np.uint8)).spec)
    assert [spec.shape[1] for spec in cascade.specs_] == [32, 128]


@pytest.mark.parametrize(
    ("hyper", "data", "what"),
    [
        ({"stages": 1}, gaussian_table(), "are no images"),
        ({"stages": 3}, blobs(20, 24, 16), "4x4 is the least"),
        ({"base": "vae"}, blobs(20, 24, 16), "no diffusion model"),
        ({"stage": "flow", "stages": 1}, blobs(20, 24, 16), "enlarges nothing"),
        (
            {"stage": "upscale noise_on_small=0.9", "stages": 1},
            blobs(20, 24, 16),
            "at most that of training",
        ),
    ],
)
def test_what_cannot_be_a_cascade_is_refused(hyper, data, what):
    with pytest.raises(ValueError, match=what):
        small("cascade", **hyper).fit(data)


def test_what_is_no_small_image_is_not_enlarged(upscale):
    with pytest.raises(ValueError, match="fitted on images"):
        upscale.enlarge(gaussian_table())
