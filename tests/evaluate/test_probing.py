"""Embedding figures agree with scikit-learn, and see what is there to be seen."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score, normalized_mutual_info_score
from sklearn.neighbors import KNeighborsClassifier

from genlearn.evaluate.probes.probing import METRICS, average_precision, nmi, probe_embedding


def groups(n, separation, dim=5, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    return (
        rng.normal(size=(n, dim)) + separation * np.eye(max(dim, classes))[labels][:, :dim],
        labels,
    )


def test_separated_classes_are_perfect_and_noise_is_chance():
    good = probe_embedding(*groups(800, 40), *groups(400, 40, seed=1), 0)
    assert set(good.figures) == {metric.key for metric in METRICS}
    assert all(figure.value > 0.999 for figure in good.figures.values())
    bad = probe_embedding(*groups(800, 0), *groups(400, 0, seed=1), 0).figures
    assert bad["nmi"].value < 0.05
    assert all(0.15 < bad[key].value < 0.35 for key in ("knn", "probe", "probe_few", "retrieval"))
    assert all(figure.low <= figure.value <= figure.high for figure in bad.values())


def test_digits_agree_with_scikit_learn():
    values, labels = load_digits(return_X_y=True)
    found = probe_embedding(values[:1200], labels[:1200], values[1200:], labels[1200:], 0)
    reference = (
        KNeighborsClassifier(10)
        .fit(values[:1200], labels[:1200])
        .score(values[1200:], labels[1200:])
    )
    # ties are broken otherwise
    assert found.figures["knn"].value == pytest.approx(reference, abs=0.01)
    assert (np.diff(found.curve[:, 0]) > 0).all()
    assert found.curve[-1, 0] == 1200
    assert found.curve[-1, 1] == found.figures["probe"].value > found.curve[0, 1]


def test_average_precision_agrees_with_scikit_learn():
    codes, labels = groups(150, 2)
    queries, classes = groups(20, 2, seed=1)
    expected = [
        average_precision_score(labels == c, -np.linalg.norm(codes - q, axis=1))
        for q, c in zip(queries, classes, strict=True)
    ]
    np.testing.assert_allclose(average_precision(queries, classes, codes, labels), expected)


def test_mutual_information_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    a, b = rng.integers(4, size=300), rng.integers(3, size=300)
    a[:200] = b[:200]
    table = np.zeros((4, 3))
    np.add.at(table, (a, b), 1)
    assert nmi(table) == pytest.approx(normalized_mutual_info_score(b, a))


def test_principal_components_of_digits_tell_them_apart():
    values, labels = load_digits(return_X_y=True)
    axes = np.linalg.svd(values[:1200] - values[:1200].mean(0), full_matrices=False)[2][:16]
    codes = values @ axes.T
    assert (
        probe_embedding(codes[:1200], labels[:1200], codes[1200:], labels[1200:], 0)
        .figures["knn"]
        .value
        > 0.9
    )


def test_little_to_tell_apart():
    codes, labels = groups(60, 3)
    assert probe_embedding(codes, np.zeros(60, int), codes, np.zeros(60, int), 0).figures == {}
    assert probe_embedding(codes, labels, codes[:0], labels[:0], 0).figures == {}
    constant = probe_embedding(np.ones((60, 2)), labels, np.ones((60, 2)), labels, 0)
    assert constant.figures["nmi"].value == 0
    labels[:2] = [7, 8]  # classes of one example; a test class that training lacks
    rare = probe_embedding(codes[1:], labels[1:], codes, labels, 0)
    assert all(
        np.isfinite([f.value, f.low, f.high]).all()
        for f in (*rare.figures.values(), *constant.figures.values())
    )
