"""Noise removed and measured, missing parts drawn: against the conditional distributions of
Gaussian data."""

import numpy as np
import pytest
import torch
from helpers import blobs, small

import genlearn as gl


@pytest.fixture(scope="session")
def blob_model():
    cache = {}

    def get(name):
        if name not in cache:
            images = blobs(300)
            images[0, 0, :2] = 0, 255
            cache[name] = small(name, steps=120, lr=4e-3, ema=0.97, sampling_steps=18).fit(images)
        return cache[name]

    return get


@pytest.fixture(scope="session")
def grey_model():
    cache = {}

    def get(name):
        if name not in cache:
            images = (blobs(300) * 0.5 + 64).round().astype(np.uint8)
            images[0, 0, :2] = 0, 255
            cache[name] = small(name, steps=60, lr=4e-3, ema=0.99).fit(images)
        return cache[name]

    return get


def noisy(images, std, seed=0):
    return (
        np.clip(images + std * np.random.default_rng(seed).normal(size=images.shape), 0, 255)
        .round()
        .astype(np.uint8)
    )


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_denoising_a_table_reaches_the_least_error(gaussian, table, noise):
    model, truth = gaussian
    rows = table + noise * table.std(0) * np.random.default_rng(1).normal(size=table.shape)
    error = np.square((model.denoise(rows, noise) - table) / table.std(0)).sum(1).mean()
    variances = torch.linalg.eigvalsh(truth.covariance).numpy() / model.normalizer.sigma_data**2
    assert error == pytest.approx((variances * noise**2 / (variances + noise**2)).sum(), rel=0.08)
    assert error < 3 * noise**2


def test_denoising_images_beats_leaving_them(kind, blob_model):
    clean = blobs(30, seed=5)
    for std in (15, 40):
        found = blob_model(kind).denoise(noisy(clean, std), std)
        before, after = (
            np.square(x.astype(float) - clean).mean() for x in (noisy(clean, std), found)
        )
        assert after < 0.6 * before


def test_no_noise_leaves_the_examples(kind, blob_model):
    images = blobs(5, seed=5)
    np.testing.assert_array_equal(blob_model(kind).denoise(images, 0), images)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_a_strength_that_is_none_is_told(gaussian, table, bad):
    with pytest.raises(ValueError, match="standard deviation"):
        gaussian[0].denoise(table[:2], bad)


@pytest.mark.parametrize("std", [15.0, 30.0, 60.0])
def test_the_strength_of_noise_is_recognised(kind, grey_model, std):
    """Of noise on blobs of middle grey, so that little of it is cut off at black and white."""
    clean = (blobs(30, seed=5) * 0.5 + 64).round()
    found = grey_model(kind).estimate_noise(noisy(clean, std))
    assert found.shape == (30,)
    assert np.median(found) == pytest.approx(std, rel=0.2)


def test_the_strength_of_noise_on_digits_is_recognised():
    digits = gl.open_data("digits").values * 0.5 + 4
    digits[0, 0, :2] = 0, 16  # the whole range occurs, so that noise is not cut off
    model = small("flow", steps=60, lr=4e-3, ema=0.99, batch_size=64).fit(digits[:600])
    for std in (1.0, 2.0):
        rows = np.clip(
            digits[1:101] + std * np.random.default_rng(0).normal(size=(100, 8, 8)), 0, 16
        )
        assert np.median(model.estimate_noise(rows)) == pytest.approx(std, rel=0.2)


def test_unknown_noise_is_removed_nearly_as_well(kind, blob_model):
    clean = blobs(60, seed=5)
    rows = noisy(clean, 30)
    told, guessed = (
        np.square(blob_model(kind).denoise(rows, noise).astype(float) - clean).mean()
        for noise in (30, None)
    )
    assert guessed < 1.5 * told


def test_a_missing_column_is_drawn_from_its_conditional_distribution(gaussian, table):
    """x_2 | x_0, x_1 ~ N(linear regression, the variance that is left)."""
    model, _ = gaussian
    rows, mask = table[:800], np.array([False, False, True])
    drawn = model.inpaint(rows, mask, seed=0)
    np.testing.assert_array_equal(drawn[:, :2], rows[:, :2])
    known = np.column_stack([np.ones(len(table)), table[:, :2]])
    weights, left, *_ = np.linalg.lstsq(known, table[:, 2], rcond=None)
    off = drawn[:, 2] - known[:800] @ weights
    std = np.sqrt(left[0] / len(table))
    assert abs(off.mean()) < 0.25 * std
    assert off.std() == pytest.approx(std, rel=0.35)
    assert off.std() < 0.9 * table[:, 2].std()


def test_everything_missing_is_a_sample(gaussian, table):
    model, _ = gaussian
    drawn = model.inpaint(table[:1000], np.ones(3, bool), seed=0)
    np.testing.assert_allclose(drawn.std(0), table.std(0), rtol=0.3)


def test_what_is_known_stays_and_draws_depend_on_seed_and_place(kind, blob_model):
    model, images = blob_model(kind), blobs(6, seed=5)
    mask = np.zeros((12, 9), bool)
    mask[4:8, 3:6] = True
    first = model.inpaint(images, mask, seed=1)
    np.testing.assert_array_equal(first[:, ~mask], images[:, ~mask])
    np.testing.assert_array_equal(first, model.inpaint(images, mask, seed=1))
    assert (first != model.inpaint(images, mask, seed=2)).any()
    np.testing.assert_allclose(
        first[:2].astype(int), model.inpaint(images[:2], mask, seed=1).astype(int), atol=2
    )
    none = model.inpaint(images, np.zeros((12, 9), bool))
    np.testing.assert_array_equal(none, images)


def test_masks_of_every_shape_are_taken_and_others_told():
    images = blobs(4, channels=3)
    model = small("flow", steps=2, repaint_resamples=1).fit(blobs(50, channels=3))
    for shape in [(12, 9), (12, 9, 1), (12, 9, 3), (4, 12, 9), (4, 12, 9, 3), (1, 12, 9, 3)]:
        mask = np.zeros(shape, bool)
        mask[..., :2] = True
        assert model.inpaint(images, mask).shape == images.shape
    for shape in [(9, 12), (3, 12, 9), (12, 9, 2), (5,), ()]:
        with pytest.raises(ValueError, match="mask of shape"):
            model.inpaint(images, np.zeros(shape, bool))
