"""Changes to what a discriminator sees: what they do, how often, and that penalties can look
through them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.seeding import seeded
from genlearn.prob.ada import (
    MAX_P,
    TARGET_R_T,
    augment,
    brightness,
    contrast,
    cutout,
    translate,
    update_p,
)

CHANGES = [translate, brightness, contrast, cutout]
changes = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)


def images(n=64, height=16, width=24):
    with seeded(0):
        return torch.rand(n, 2, height, width) * 2 - 1


def test_without_probability_nothing_changes():
    x = images()
    assert augment(x, 0.0) is x


@pytest.mark.parametrize("p", [0.2, 0.8])
def test_each_image_is_left_alone_as_often_as_all_changes_miss_it(p):
    x = images(4000, 8, 8)
    with seeded(1):
        same = (augment(x, p) == x).flatten(1).all(1).float().mean()
    lucky = (1 - p + p / 9) / (1 - p)  # a shift by up to one pixel is none in a ninth of the cases
    assert float(same) == pytest.approx((1 - p) ** 4 * lucky, abs=0.02)


@changes
def test_changes_differ_from_image_to_image_and_have_second_derivatives(change):
    x = images().requires_grad_(True)
    with seeded(2):
        y = change(x)
    assert y.shape == x.shape
    difference = (y - x).detach().flatten(1).abs().sum(1)
    assert len(difference.unique()) > 32
    (slope,) = torch.autograd.grad(y.pow(3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(slope.square().sum(), x)
    assert second.abs().sum() > 0


def test_shifts_move_whole_images_and_repeat_the_edge():
    x = images(200)
    with seeded(3):
        y = translate(x)
    for before, after in zip(x.numpy(), y.numpy(), strict=True):
        padded = np.pad(before, ((0, 0), (2, 2), (3, 3)), mode="edge")
        assert any(
            np.array_equal(padded[:, i : i + 16, j : j + 24], after)
            for i in range(5)
            for j in range(7)
        )


def test_patches_are_grey_and_cover_at_most_a_quarter():
    x = images(200) + 3
    with seeded(4):
        grey = (cutout(x) == 0).float().flatten(1).mean(1)
    assert grey.max() <= 0.27
    assert grey.min() > 0.04


@given(st.floats(0, MAX_P), st.floats(-1, 1), st.floats(0, 0.1))
def test_the_probability_follows_the_certainty_inside_its_bounds(p, r_t, share):
    after = update_p(p, r_t, share)
    assert 0 <= after <= MAX_P
    assert after >= p if r_t > TARGET_R_T else after <= p
