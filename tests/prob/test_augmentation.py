"""Changes to what a discriminator sees: what they do, how often, and that penalties can look through them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.random import scope
from genlearn.prob.augmentation import MOST, TARGET, adapted, augmented, brightened, contrasted, patched, shifted

CHANGES = [shifted, brightened, contrasted, patched]
changes = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)


def images(n=64, height=16, width=24):
    with scope(0):
        return torch.rand(n, 2, height, width) * 2 - 1


def test_without_probability_nothing_changes():
    x = images()
    assert augmented(x, 0.0) is x


@pytest.mark.parametrize("p", [0.2, 0.8])
def test_each_image_is_left_alone_as_often_as_all_changes_miss_it(p):
    x = images(4000, 8, 8)
    with scope(1):
        same = (augmented(x, p) == x).flatten(1).all(1).float().mean()
    lucky = (1 - p + p / 9) / (1 - p)  # a shift by up to one pixel is none in a ninth of the cases
    assert float(same) == pytest.approx((1 - p) ** 4 * lucky, abs=0.02)


@changes
def test_changes_differ_from_image_to_image_and_have_second_derivatives(change):
    x = images().requires_grad_(True)
    with scope(2):
        y = change(x)
    assert y.shape == x.shape
    difference = (y - x).detach().flatten(1).abs().sum(1)
    assert len(difference.unique()) > 32
    (slope,) = torch.autograd.grad(y.pow(3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(slope.square().sum(), x)
    assert second.abs().sum() > 0


def test_shifts_move_whole_images_and_repeat_the_edge():
    x = images(200)
    with scope(3):
        y = shifted(x)
    for before, after in zip(x.numpy(), y.numpy(), strict=True):
        padded = np.pad(before, ((0, 0), (2, 2), (3, 3)), mode="edge")
        assert any(np.array_equal(padded[:, i : i + 16, j : j + 24], after) for i in range(5) for j in range(7))


def test_patches_are_grey_and_cover_at_most_a_quarter():
    x = images(200) + 3
    with scope(4):
        grey = (patched(x) == 0).float().flatten(1).mean(1)
    assert grey.max() <= 0.27
    assert grey.min() > 0.04


@given(st.floats(0, MOST), st.floats(-1, 1), st.floats(0, 0.1))
def test_the_probability_follows_the_certainty_inside_its_bounds(p, certainty, share):
    after = adapted(p, certainty, share)
    assert 0 <= after <= MOST
    assert after >= p if certainty > TARGET else after <= p
