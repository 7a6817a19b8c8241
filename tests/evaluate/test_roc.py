"""The area under the ROC curve is scikit-learn's, and its interval keeps its word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from genlearn.evaluate.roc import auc_estimate

scores = st.integers(1, 30).flatmap(lambda n: arrays(float, n, elements=st.integers(-4, 4)))


@given(scores, scores)
def test_the_area_is_that_of_scikit_learn(higher, lower):
    labels = np.repeat([1, 0], [len(higher), len(lower)])
    expected = roc_auc_score(labels, np.concatenate([higher, lower]))
    assert auc_estimate(higher, lower)[0] == pytest.approx(expected)
    assert auc_estimate(lower, higher)[0] == pytest.approx(1 - expected)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng, truth = np.random.default_rng(0), norm.cdf(1 / np.sqrt(2))
    draws = [auc_estimate(rng.normal(1, 1, 60), rng.normal(0, 1, 90)) for _ in range(400)]
    inside = np.mean([abs(value - truth) < 1.96 * error for value, error in draws])
    assert inside == pytest.approx(0.95, abs=0.035)


def test_one_score_has_an_area_and_a_large_error():
    assert auc_estimate(np.ones(1), np.zeros(5)) == (1.0, 0.5)
