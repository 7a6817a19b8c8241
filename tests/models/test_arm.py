"""The autoregressive model of tables: exact probabilities, exact conditions, gaps filled in."""

import itertools

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table, small

import genlearn as gl

N = 3000


def shop(n=N, seed=0):
    """Three columns that depend on one another, two of them discrete, one with gaps."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    count = rng.binomial(3, pd.Series(kind).map({"a": 0.2, "b": 0.5, "c": 0.8}))
    member = pd.Series(np.where(rng.random(n) < 0.2 + 0.2 * count, "yes", "no"))
    return pd.DataFrame({"kind": kind, "count": count, "member": member.mask(rng.random(n) < 0.1)})


@pytest.fixture(scope="module")
def discrete():
    return gl.create("arm", size="tiny", steps=200, lr=1e-2, ema=0.98).fit(shop())


@pytest.fixture(scope="module")
def gaussian():
    data = gaussian_table(6000, 3, seed=3)
    return gl.create("arm", size="tiny", steps=250, lr=1e-2, ema=0.98, batch_size=256).fit(
        data
    ), data


@pytest.fixture(scope="module")
def every():
    """All rows that there can be."""
    rows = itertools.product("abc", range(4), ["yes", "no", None])
    return pd.DataFrame(list(rows), columns=["kind", "count", "member"])


def test_the_probabilities_of_all_rows_add_up_to_one(discrete, every):
    assert np.exp(discrete.score_samples(every)).sum() == pytest.approx(1, abs=1e-4)
    assert discrete.log_prob_kind == "exact"


def test_rows_are_about_as_likely_as_they_are_frequent(discrete, every):
    many = shop(200_000, seed=5)
    counts = many.fillna("-").value_counts(normalize=True)
    truth = np.array([counts.get(tuple(row), 0.0) for row in every.fillna("-").to_numpy()])
    assert np.abs(np.exp(discrete.score_samples(every)) - truth).sum() < 0.15


def test_drawn_rows_are_as_frequent_as_they_are_likely(discrete, every):
    drawn = discrete.sample(20_000, seed=1).fillna("-").value_counts(normalize=True)
    p = np.exp(discrete.score_samples(every))
    found = np.array([drawn.get(tuple(row), 0.0) for row in every.fillna("-").to_numpy()])
    assert np.abs(found - p).sum() < 0.05


def test_a_condition_on_the_first_column_is_joint_over_marginal(discrete, every):
    p = pd.Series(np.exp(discrete.score_samples(every)))
    drawn = discrete.sample(10_000, seed=2, where="kind=b")
    assert set(drawn.kind) == {"b"}
    truth = p[(every.kind == "b") & (every["count"] == 1)].sum() / p[every.kind == "b"].sum()
    assert (drawn["count"] == 1).mean() == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("member", ["yes", "no", "missing"])
def test_a_condition_on_the_last_column_agrees_with_the_joint(discrete, every, member):
    """Bayes: the network of the first column was never told that it must."""
    p = pd.Series(np.exp(discrete.score_samples(every)))
    held = every.member.fillna("missing") == member
    drawn = discrete.sample(8000, seed=2, where=f"member={member}")
    assert (drawn.member.fillna("missing") == member).all()
    for kind in "abc":
        truth = p[held & (every.kind == kind)].sum() / p[held].sum()
        assert (drawn.kind == kind).mean() == pytest.approx(truth, abs=0.08)


def test_two_conditions_are_met_in_their_exact_proportions(discrete):
    """By the model itself, whose draws that happen to meet them are the truth."""
    drawn = discrete.sample(6000, seed=3, where="count>=2, member=yes|missing")
    assert (drawn["count"] >= 2).all()
    assert set(drawn.member.fillna("-")) == {"yes", "-"}
    free = discrete.sample(60_000, seed=4)
    free = free[(free["count"] >= 2) & (free.member != "no")]
    for column, value in (("count", 3), ("kind", "c"), ("member", "yes")):
        share = (free[column] == value).mean()
        assert (drawn[column] == value).mean() == pytest.approx(share, abs=0.04)


def test_a_row_under_conditions_depends_on_seed_and_number_alone(discrete):
    where = "count>=2, member=yes"
    whole = discrete.sample(600, seed=5, where=where)
    part = discrete.sample(5, seed=5, start=40, where=where)
    pd.testing.assert_frame_equal(whole.iloc[40:45].reset_index(drop=True), part)


def test_gaps_are_filled_from_what_the_row_tells(discrete):
    frame = shop(4000, seed=7)
    filled = discrete.inpaint(frame, seed=0)
    assert not filled.isna().any(axis=None)
    known = frame.member.notna()
    pd.testing.assert_frame_equal(filled[known], frame[known])
    share = {
        few: (filled.member[~known & (frame["count"] == few)] == "yes").mean() for few in (0, 3)
    }
    assert share[0] < 0.4 < share[3]
    assert not discrete.inpaint(frame, seed=1).equals(filled)


def test_gaps_in_columns_that_had_none_are_filled_too(discrete):
    frame = shop(300, seed=8)
    holed = frame.assign(kind=frame.kind.where(frame.index % 3 > 0))
    filled = discrete.inpaint(holed)
    assert set(filled.kind) <= set("abc")
    assert (filled.kind[holed.kind.notna()] == frame.kind[holed.kind.notna()]).all()


def test_the_conditional_of_a_gaussian_is_known(gaussian):
    """E[x | x_0] and its covariance, by the closed form, within chance."""
    model, data = gaussian
    mean, cov = data.mean(0), np.cov(data, rowvar=False)
    x0 = mean[0] + np.sqrt(cov[0, 0])
    drawn = model.sample(4000, seed=1, where=f"x0={float(x0)!r}")
    np.testing.assert_allclose(drawn[:, 0], x0, rtol=1e-4)
    truth = mean[1:] + cov[1:, 0] / cov[0, 0] * (x0 - mean[0])
    rest = cov[1:, 1:] - np.outer(cov[1:, 0], cov[0, 1:]) / cov[0, 0]
    scale = np.sqrt(np.diag(cov)[1:])
    assert (np.abs(drawn[:, 1:].mean(0) - truth) < 0.15 * scale).all()
    np.testing.assert_allclose(
        np.cov(drawn[:, 1:] / scale, rowvar=False), rest / np.outer(scale, scale), atol=0.15
    )


def test_a_range_of_a_gaussian_is_kept_to(gaussian):
    model, data = gaussian
    low, high = np.quantile(data[:, 1], [0.8, 0.9])
    drawn = model.sample(2000, seed=2, where=f"x1>{low}, x1<={high}")
    assert drawn[:, 1].min() >= low - 1e-6 * abs(low)
    assert drawn[:, 1].max() <= high + 1e-6 * abs(high)
    near = data[(data[:, 1] > low) & (data[:, 1] <= high)]
    scale = data.std(0)
    assert (np.abs(drawn.mean(0) - near.mean(0)) < 0.15 * scale).all()


def test_any_columns_may_be_missing_of_a_gaussian(gaussian):
    model, data = gaussian
    rows, cov, mean = data[:2000], np.cov(data, rowvar=False), data.mean(0)
    filled = model.inpaint(rows, np.array([True, False, False]))
    np.testing.assert_array_equal(filled[:, 1:], rows[:, 1:])
    weights = np.linalg.solve(cov[1:, 1:], cov[1:, 0])
    expected = mean[0] + (rows[:, 1:] - mean[1:]) @ weights
    left = np.sqrt(cov[0, 0] - cov[0, 1:] @ weights)
    off = (filled[:, 0] - expected) / np.sqrt(cov[0, 0])
    assert abs(off.mean()) < 0.1
    assert off.std() < left / np.sqrt(cov[0, 0]) + 0.2


def test_images_and_wide_tables_are_refused_in_one_line():
    for data, told in ((blobs(20), "arm learns tables"), (np.ones((20, 300)), "up to 200")):
        with pytest.raises(ValueError, match=told) as error:
            small("arm").fit(data)
        assert "\n" not in str(error.value)


def begun(data, **settings):
    """Before its first step, but for one at no rate."""
    return small("arm", steps=1, lr=1e-9, **settings).fit(data)


def test_it_begins_as_the_gaussian_of_gaussian_rows():
    table, more = np.split(gaussian_table(8000, 4, seed=3), 2)
    covariance, off = np.cov(table, rowvar=False), more - table.mean(0)
    exact = -0.5 * (
        np.einsum("ni,ij,nj->n", off, np.linalg.inv(covariance), off)
        + np.linalg.slogdet(2 * np.pi * covariance)[1]
    )
    model = begun(table)
    assert model.score(more) == pytest.approx(exact.mean(), abs=0.15)
    assert begun(table, anchor="none").score(more) < exact.mean() - 0.4
    for steps in (1, 30):
        trained = small("arm", steps=steps).fit(table)
        assert trained.score(more) > model.score(more) - 0.01 * abs(model.score(more)), steps


def test_under_a_rare_condition_it_begins_with_the_conditional_mean():
    """E[x | x_0 > a] of a Gaussian is mean + S_.0 / S_00 (E[x_0 | x_0 > a] - mean_0)."""
    table = gaussian_table(6000, 3, seed=3)
    model, covariance = begun(table), np.cov(table, rowvar=False)
    limit = np.quantile(table[:, 0], 0.999)
    drawn = model.sample(2000, seed=0, where=f"x0>{limit:.6f}")
    assert drawn[:, 0].min() > limit
    slope = covariance[:, 0] / covariance[0, 0]
    expected = table.mean(0) + slope * (drawn[:, 0].mean() - table[:, 0].mean())
    assert np.abs((drawn.mean(0) - expected) / table.std(0)).max() < 0.15


@pytest.mark.parametrize("beyond", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("frame", [False, True])
def test_a_conditional_integrates_to_one_wherever_it_is_asked(frame, beyond):
    """Of b given a, which lies so many deviations above all that were seen."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=2000)
    rows = np.stack([a, a + 0.2 * rng.normal(size=2000)], 1)
    model = small("arm", steps=30).fit(pd.DataFrame(rows, columns=["a", "b"]) if frame else rows)
    grid = np.linspace(-9, 9, 6001)
    asked = np.stack([np.full(len(grid), rows[:, 0].max() + beyond), grid], 1)
    asked = pd.DataFrame(asked, columns=["a", "b"]) if frame else asked
    density = np.exp(model.score_columns(asked)[:, 1])
    assert density.sum() * (grid[1] - grid[0]) == pytest.approx(1, abs=0.02)


def test_whole_numbers_have_probabilities_that_do_not_depend_on_chance():
    rng = np.random.default_rng(0)
    a = rng.poisson(20, 3000)
    rows = pd.DataFrame({"a": a, "b": a + rng.integers(0, 2, 3000)})
    model = small("arm", steps=60).fit(rows)
    grid = itertools.product(range(a.min(), a.max() + 1), range(a.min(), a.max() + 2))
    every = pd.DataFrame(list(grid), columns=["a", "b"])
    assert np.exp(model.score_samples(every)).sum() == pytest.approx(1, abs=1e-3)


def test_draws_far_out_are_those_of_the_density():
    rng = np.random.default_rng(0)
    a = rng.normal(size=3000)
    model = begun(np.stack([a, 0.95 * a + 0.31 * rng.normal(size=3000)], 1))
    grid = np.linspace(-12, 12, 24_001)
    for given in (-6.0, 4.0, 5.0):
        density = np.exp(model.score_columns(np.stack([np.full(len(grid), given), grid], 1))[:, 1])
        drawn = model.inpaint(np.repeat([[given, 0.0]], 1000, 0), np.array([False, True]))[:, 1]
        assert drawn.mean() == pytest.approx(grid @ density / density.sum(), abs=0.05), given
        assert len(np.unique(drawn)) > 900, given
