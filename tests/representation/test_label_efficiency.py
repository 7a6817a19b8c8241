"""Few labels suffice where codes know the classes, and none help where they do not."""

import numpy as np
import pytest
from scipy import stats

from genlearn.data import open_data
from genlearn.representation.label_efficiency import (
    label_efficiency,
    over_draws,
    principal_components,
)
from genlearn.representation.splits import labelled_split


def groups(n, separation, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=n)
    return rng.normal(size=(n, 4)) + separation * np.eye(4)[labels], labels


def test_separated_classes_take_one_label_each_and_noise_stays_chance():
    good = label_efficiency(*groups(400, 40, 0), *groups(200, 40, 1))
    assert [one.per_class for one in good] == [1, 5, 20, 100, None]
    assert [one.labels for one in good] == [3, 15, 60, 300, 400]
    assert all(one.accuracy.value > 0.97 for one in good[1:])
    assert good[0].accuracy.value > 0.5
    noise = label_efficiency(*groups(400, 0, 0), *groups(200, 0, 1))
    assert all(0.2 < one.accuracy.value < 0.47 for one in noise)
    assert all(one.accuracy.low <= one.accuracy.value <= one.accuracy.high for one in noise)


def test_numbers_that_come_to_all_are_said_once():
    few = label_efficiency(*groups(30, 9, 0), *groups(20, 9, 1), draws=2)
    assert [one.per_class for one in few] == [1, 5, None]
    assert [one.draws for one in few] == [2, 2, 1]


def test_the_interval_over_draws_is_students():
    values = np.array([0.5, 0.6, 0.7, 0.65])
    low, high = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    found = over_draws(values)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_one_class_is_nothing_to_tell_apart():
    codes, _ = groups(30, 9, 0)
    with pytest.raises(ValueError, match="of one class"):
        label_efficiency(codes, np.zeros(30), codes, np.zeros(30))


def test_principal_components_are_no_more_than_there_are():
    codes, _ = groups(30, 9, 0)
    train, test = principal_components(codes, codes[:5], 99)
    assert train.shape == (30, 4)
    assert test.shape == (5, 4)


def test_a_part_is_held_out_where_no_test_split_is():
    values, labels = groups(40, 9, 0)
    data = open_data(values, labels=labels)
    parts = labelled_split(data)
    assert (len(parts.train), len(parts.test)) == (30, 10)
    both = np.concatenate([parts.train.values, parts.test.values])
    assert len(np.unique(both, axis=0)) == 40
    given = labelled_split(data, data.take(slice(0, 7)))
    assert (len(given.train), len(given.test), given.how) == (40, 7, "the test split")
    for wrong, says in ((open_data(values), "has no classes"), (data.take(slice(0, 3)), "least 4")):
        with pytest.raises(ValueError, match=says):
            labelled_split(wrong)
