"""Outlier scores against numbers computed by hand, areas under ROC curves against scikit-learn and
simulation, and p-values that keep their word."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from helpers import blobs, gaussian_table, small
from scipy.stats import multivariate_normal, norm
from sklearn.base import BaseEstimator
from sklearn.metrics import roc_auc_score

import genlearn as gl
from genlearn.core.capabilities import Scores
from genlearn.core.errors import UserError
from genlearn.data import open_data
from genlearn.evaluate.outliers.find import find_outliers
from genlearn.evaluate.outliers.gaussian import Gaussian
from genlearn.evaluate.outliers.guard import Guarded
from genlearn.evaluate.outliers.reference import Reference, reference_of
from genlearn.evaluate.outliers.scores import SCORES, chosen_scores, scores_of
from genlearn.evaluate.outliers.sheet import outlier_sheet
from genlearn.evaluate.roc import auc, auc_difference

SPEC = open_data(gaussian_table(50, 3)).spec


@dataclass
class StandardNormal(Scores, BaseEstimator):
    """log p(x) = log N(x; 0, I)."""

    log_prob_kind: ClassVar = "exact"

    def score_samples(self, X):
        return norm.logpdf(np.asarray(X)).sum(1)


def rows(values):
    return open_data(np.asarray(values, np.float64), like=SPEC)


def held_against(values, learned=False):
    return Reference(rows(values), rows(values), "rows", learned)


@pytest.mark.parametrize("decimals", [1, 8])  # with ties, and without
def test_the_area_is_scikit_learns(decimals):
    rng = np.random.default_rng(0)
    positive = rng.random(300) < 0.2
    scores = (rng.normal(size=300) + positive).round(decimals)
    found = auc(scores, positive)
    assert found.value == pytest.approx(roc_auc_score(positive, scores))
    assert found.low < found.value < found.high
    assert found.n == 300
    assert auc(-scores, positive).value == pytest.approx(1 - found.value)


@pytest.mark.parametrize(("shift", "m", "n"), [(0.3, 60, 60), (1.5, 30, 200), (2.5, 40, 40)])
def test_intervals_hold_the_truth(shift, m, n):
    rng, truth = np.random.default_rng(1), norm.cdf(shift / np.sqrt(2))
    positive = np.repeat([True, False], [m, n])
    found = [auc(rng.normal(size=m + n) + shift * positive, positive) for _ in range(600)]
    assert 0.925 < np.mean([truth in interval for interval in found]) <= 0.99


def test_intervals_of_differences_hold_the_truth_and_are_narrower_for_being_paired():
    rng, positive = np.random.default_rng(2), np.repeat([True, False], [80, 80])
    truth = norm.cdf(1 / np.sqrt(1.25) / np.sqrt(2)) - norm.cdf(1 / 2)
    found, apart = [], []
    for _ in range(400):
        x = rng.normal(size=160) + positive
        scores, other = x + rng.normal(size=160) / 2, x + rng.normal(size=160)
        found.append(auc_difference(scores, other, positive))
        apart.append(auc(scores, positive).high - auc(scores, positive).low)
    assert 0.92 < np.mean([truth in interval for interval in found]) < 0.98
    assert np.mean([interval.high - interval.low for interval in found]) < np.mean(apart)


def test_an_area_without_a_mistake_is_not_sure_to_be_one():
    positive = np.repeat([True, False], [10, 50])
    perfect = auc(positive.astype(float), positive)
    assert (perfect.value, perfect.high) == (1, 1)
    assert perfect.low == pytest.approx(0.025 ** (1 / 10))
    worst = auc(-positive.astype(float), positive)
    assert (worst.value, worst.low) == (0, 0)
    assert worst.high == pytest.approx(1 - perfect.low)


def test_an_area_takes_both_kinds():
    with pytest.raises(UserError, match="0 positive and 5 other"):
        auc(np.arange(5), np.zeros(5, bool))


def test_the_gaussian_is_that_of_the_moments():
    x = gaussian_table(400, 5)
    truth = multivariate_normal(x.mean(0), np.cov(x.T)).logpdf(x)
    np.testing.assert_allclose(Gaussian.of(x).log_prob(x), truth, rtol=1e-6)


def test_a_gaussian_of_constant_columns_is_proper():
    x = np.c_[gaussian_table(100, 2), np.ones((100, 2))]
    assert np.isfinite(Gaussian.of(x).log_prob(x)).all()
    few = gaussian_table(3, 6)
    assert np.isfinite(Gaussian.of(few).log_prob(few)).all()


def test_the_scores_of_a_density_are_those_of_their_formulas():
    rng = np.random.default_rng(3)
    known, x = 2 * rng.normal(size=(200, 3)) + 1, rng.normal(size=(40, 3))
    found = find_outliers(StandardNormal(), rows(x), held_against(known), ("all",))
    table = found.table.sort_values("index")
    half = np.square(x).sum(1) / 2
    np.testing.assert_allclose(table["log_prob"], half + 1.5 * np.log(2 * np.pi))
    usual = np.square(known).sum(1).mean() / 2
    np.testing.assert_allclose(table["typicality"], np.abs(half - usual))
    gaussian = multivariate_normal(known.mean(0), np.cov(known.T)).logpdf(x)
    ratio = gaussian - norm.logpdf(x).sum(1)
    own = multivariate_normal(known.mean(0), np.cov(known.T)).logpdf(known)
    own -= norm.logpdf(known).sum(1)
    seen = norm.logpdf(known).sum(1)
    within = (norm.logpdf(x).sum(1) <= seen.max()) & (norm.logpdf(x).sum(1) >= seen.min())
    assert within.sum() > 30
    np.testing.assert_allclose(
        table["ratio"][within], ((ratio - own.mean()) / own.std())[within], rtol=1e-4, atol=1e-4
    )
    assert list(found.scores) == ["ratio", "typicality", "log_prob"]
    assert found.table["ratio"].is_monotonic_decreasing
    assert found.table["rank"].tolist() == list(range(1, 41))


def test_a_guard_speaks_where_a_difference_is_blind():
    usual = Guarded(np.array([-1.0, 0.0, 1.0]), np.array([2.0, 3.0, 4.0]))
    sd = np.sqrt(2 / 3)
    seen = Guarded(np.array([0.5, -9.0, -9.0, 90.0]), np.array([4.0, 14.0, -8.0, 14.0]))
    np.testing.assert_allclose(seen.held_against(usual) * sd, [0.5, 10, 10, 90])


@pytest.mark.parametrize("name", ["flow", "vae", "gmm"])
def test_images_of_another_world_come_before_all_others(fitted, name):
    """Which differences of two large numbers alone would not see."""
    model, images = fitted(name, "grey"), blobs(20, seed=1)
    noise = np.random.default_rng(0).integers(0, 256, images.shape, dtype=np.uint8)
    strange = np.concatenate([noise[:3], 255 - images[:3]])
    data = open_data(np.concatenate([strange, images]), like=model.spec_)
    found = find_outliers(model, data, reference_of(blobs(), model.spec_))
    assert sorted(found.table["index"][:6]) == list(range(6))


def test_p_values_are_what_their_name_says():
    rng = np.random.default_rng(4)
    reference = held_against(rng.normal(size=(99, 3)))
    p = np.concatenate(
        [
            reference.p_values(rng.normal(size=20), rng.normal(size=99))  # exchangeable
            for _ in range(400)
        ]
    )
    for level in (0.01, 0.1, 0.5):
        assert np.mean(p <= level) == pytest.approx(level, abs=0.02)
    own = np.arange(99.0)
    assert reference.p_values(np.array([99.0, 98.0, -1.0]), own).tolist() == [0.01, 0.02, 1.0]


def test_a_score_asked_for_is_one_that_the_model_has():
    model = StandardNormal()
    assert list(chosen_scores(model, ("auto",))) == ["ratio"]
    assert list(chosen_scores(model, ("log_prob", "all"))) == ["log_prob", "ratio", "typicality"]
    with pytest.raises(UserError, match=r"reconstruction.*choose ratio or typicality or log_prob"):
        chosen_scores(model, ("reconstruction",))
    with pytest.raises(UserError, match="did you mean 'typicality'"):
        chosen_scores(model, ("typicallity",))
    with pytest.raises(UserError, match="no outlier score"):
        chosen_scores(object(), ("auto",))
    assert set(SCORES.available()) == {"log_prob", "ratio", "reconstruction", "typicality"}


def test_codes_as_large_as_the_data_which_bring_back_anything_are_not_asked():
    model = small("nsf").fit(gaussian_table(60, 3))
    assert list(scores_of(model)) == ["ratio", "typicality", "log_prob"]
    assert "reconstruction" in scores_of(small("flow").fit(gaussian_table(60, 3)))


def test_what_lies_far_away_comes_first():
    x = gaussian_table(200, 4)
    model = small("gmm").fit(x)
    few = np.concatenate([x[:20], x[:1] + 500])
    found = find_outliers(model, open_data(few, like=model.spec_), reference_of(x, model.spec_))
    assert found.table["index"][0] == 20
    assert found.table.iloc[0, -1] == pytest.approx(1 / 201)


def test_a_reference_says_whether_it_was_learned_from(tmp_path):
    x = gaussian_table(60, 3)
    spec = open_data(x).spec
    assert reference_of(x, spec, [open_data(x, like=spec).fingerprint]).learned is True
    assert reference_of(x, spec, ["other"]).learned is None
    for split, part in (("train", x[:40]), ("test", x[40:])):
        np.savez(tmp_path / f"{split}.npz", x=part)
    train = open_data(tmp_path, split="train", like=spec).fingerprint
    apart = reference_of(tmp_path, spec, [train])
    assert apart.learned is False
    assert len(apart.examples) == 20
    assert "test split" in apart.what
    test = open_data(tmp_path, split="test", like=spec).fingerprint
    assert reference_of(tmp_path, spec, [test]).learned is True


def test_a_denoiser_errs_as_it_must():
    """Of N(0, I) under noise s, E[x | x_s] errs by s^2 / (1 + s^2)."""
    x = np.random.default_rng(5).normal(size=(200, 8))
    model = gl.create("flow", size="tiny", steps=1, batch_size=8).fit(x)
    noise = np.array([0.3, 1.0, 4.0])
    errors = model.denoising_errors(x, noise, draws=20)
    assert errors.shape == (200, 3)
    np.testing.assert_allclose(errors.mean(0), noise**2 / (1 + noise**2), rtol=0.12)
    # the noise is the same whatever else is asked about
    alone = model.denoising_errors(x[7:8], noise, draws=20)
    np.testing.assert_allclose(alone[0], errors[7], rtol=1e-3)


def test_images_are_shown_by_rank(fitted):
    model, images = fitted("flow", "grey"), blobs(80, seed=1)
    data = open_data(images, like=model.spec_)
    reference = reference_of(blobs(), model.spec_, largest=30)
    found = find_outliers(model, data, reference)
    assert list(found.scores) == ["reconstruction"]
    assert len(reference.examples) == 30
    again = find_outliers(model, data.take(np.arange(40)), reference).table
    first = found.table.set_index("index")["reconstruction"]
    np.testing.assert_allclose(
        again.set_index("index")["reconstruction"].sort_index(), first.sort_index()[:40], rtol=1e-3
    )
    assert outlier_sheet(found).width > 8 * 9


@pytest.mark.parametrize("name", ["autoencoder", "vae", "gmm", "ppca", "kde", "flow"])
def test_every_score_of_a_model_is_finite(fitted, name):
    model = fitted(name, "table")
    data = open_data(gaussian_table(12, seed=8), like=model.spec_)
    reference = reference_of(gaussian_table(20), model.spec_)
    found = find_outliers(model, data, reference, ("all",))
    assert list(found.scores) == list(scores_of(model))
    numbers = found.table.select_dtypes("number")
    assert set(found.table) - set(numbers) <= {"column"}
    assert np.isfinite(numbers.to_numpy(np.float64)).all()
