"""Splines are increasing, invertible to the last digits, know their slope and their gradients, and
are zuko's where it is installed."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genlearn.core.seeding import seeded
from genlearn.prob.splines import RationalQuadraticSpline


def drawn(spline, *shape, wild=2.0, seed=0):
    """Numbers within the bound and beyond, and free numbers of a spline for each."""
    with seeded(seed):
        x = torch.randn(shape, dtype=torch.float64) * spline.bound
        return x, wild * torch.randn(spline.parameters, *shape, dtype=torch.float64)


splines = st.builds(RationalQuadraticSpline, st.integers(2, 20), st.floats(0.5, 20))


@settings(max_examples=40)
@given(spline=splines, wild=st.floats(0, 5), seed=st.integers(0, 99))
def test_the_inverse_undoes_it_both_ways(spline, wild, seed):
    x, free = drawn(spline, 30, 3, wild=wild, seed=seed)
    there, back = spline.forward(x, free)[0], spline.inverse(x, free)
    torch.testing.assert_close(spline.inverse(there, free), x, atol=1e-6, rtol=0)
    torch.testing.assert_close(spline.forward(back, free)[0], x, atol=1e-6, rtol=0)


@settings(max_examples=20)
@given(spline=splines, seed=st.integers(0, 99))
def test_the_slope_is_that_of_autograd(spline, seed):
    x, free = drawn(spline, 30, 3, seed=seed)
    x.requires_grad_()
    y, log_slope = spline.forward(x, free)
    (slope,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(slope.log(), log_slope, atol=1e-8, rtol=1e-8)


def test_gradients_are_those_of_finite_differences():
    spline = RationalQuadraticSpline(5, 2.0)
    x, free = drawn(spline, 12, 2)
    assert (x.abs() > spline.bound).any()
    assert torch.autograd.gradcheck(spline.forward, (x.requires_grad_(), free.requires_grad_()))


def test_it_is_increasing_and_goes_on_as_the_identity():
    spline = RationalQuadraticSpline(6, 3.0)
    x = torch.linspace(-4, 4, 2001, dtype=torch.float64)
    free = drawn(spline, 1)[1].expand(-1, len(x))
    y = spline.forward(x, free)[0]
    assert (y.diff() > 0).all()
    assert (y - x).abs().max() > 0.1
    beyond = x.abs() >= 3
    torch.testing.assert_close(y[beyond], x[beyond])
    torch.testing.assert_close(spline.inverse(x, free)[beyond], x[beyond])


def test_zeros_are_the_identity():
    spline = RationalQuadraticSpline(8, 3.0)
    x, free = drawn(spline, 50, wild=0.0)
    y, log_slope = spline.forward(x, free)
    torch.testing.assert_close(y, x)
    torch.testing.assert_close(log_slope, torch.zeros_like(x))


def test_far_away_and_at_the_knots_nothing_is_lost():
    spline = RationalQuadraticSpline(4, 3.0)
    x = torch.tensor([-1e30, -3.0, -1.5, 0.0, 1.5, 3.0, 1e30])
    y, log_slope = spline.forward(x, torch.zeros(spline.parameters, len(x)))
    torch.testing.assert_close(y, x)
    assert log_slope.abs().max() < 1e-6


def test_it_is_zukos():
    transforms = pytest.importorskip("zuko.transforms")
    spline = RationalQuadraticSpline(7, 4.0)
    x, free = drawn(spline, 200, 2)
    free = free.movedim(0, -1)  # as zuko has them
    shares = free[..., :14].unflatten(-1, (2, 7)).softmax(-1) * (1 - 7e-3) + 1e-3
    knots = torch.nn.functional.pad(8 * shares.cumsum(-1) - 4, (1, 0), value=-4.0)
    one = torch.tensor(1 - 1e-3, dtype=torch.float64).expm1().log()
    slopes = torch.nn.functional.softplus(free[..., 14:] + one) + 1e-3
    theirs = transforms.MonotonicRQSTransform(free[..., :7], free[..., 7:14], free[..., 14:], 4.0)
    theirs.horizontal, theirs.vertical = knots.unbind(-2)
    theirs.derivatives = torch.nn.functional.pad(slopes, (1, 1), value=1.0)
    expected, expected_log = theirs.call_and_ladj(x)
    free = free.movedim(-1, 0)
    y, log_slope = spline.forward(x, free)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(log_slope, expected_log, atol=1e-8, rtol=1e-8)
    torch.testing.assert_close(spline.inverse(y, free), theirs.inv(y), atol=1e-8, rtol=1e-8)
