"""In every default space the Frechet distance grows with what is done to the data: blur, noise and
dropped modes, in fine steps."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr

from genlearn.data import open_data
from genlearn.evaluate.features import choose, pretext_tasks
from genlearn.evaluate.metrics.frechet import frechet

HERE = (Path(os.environ.get("GENLEARN_DATA", "-")) / "mnist").is_dir()
SETS = [
    ("digits", 1797),
    pytest.param(
        "mnist",
        4000,
        marks=[pytest.mark.slow, pytest.mark.skipif(not HERE, reason="no MNIST")],
    ),
]
MODES = 10


def blurred(values, strength, unit):
    return np.rint(
        gaussian_filter(values.astype(float), (0, strength * unit, strength * unit))
    ).astype(values.dtype)


def noisy(values, strength, high):
    noise = np.random.default_rng(1).normal(size=values.shape)
    return np.clip(np.rint(values + high * strength * noise), 0, high).astype(values.dtype)


def without(values, labels, modes):
    """As many examples as before, of the modes that are left."""
    return values[np.random.default_rng(1).choice(np.flatnonzero(labels >= modes), len(values))]


def assert_ordered(extractor, real, levels, worse):
    reference = extractor(real)
    distances = [frechet(reference, extractor(worse(level))) for level in levels]
    assert spearmanr(levels, distances)[0] >= 0.95, (extractor.name, np.round(distances, 3))


def halves(data, n):
    order = np.random.default_rng(0).permutation(len(data))[:n]
    return data.take(np.sort(order[n // 3 :])), data.take(np.sort(order[: n // 3]))


@pytest.fixture(autouse=True)
def _short_lessons(monkeypatch):
    monkeypatch.setattr(pretext_tasks, "planned_steps", lambda examples: 200)


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize(("name", "n"), SETS)
def test_images(name, n, labelled):
    train, test = halves(open_data(name), n)
    high, unit = train.spec.high, train.spec.shape[1] / 8
    for extractor in choose(
        train if labelled else replace(train, labels=None), 0, 600, lambda line: None
    ):
        assert_ordered(
            extractor,
            train.values,
            [0, 0.4, 0.5, 0.6, 0.8, 1, 1.3, 1.6, 2],
            lambda s: blurred(test.values, s, unit),
        )
        assert_ordered(
            extractor,
            train.values,
            [0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5],
            lambda s: noisy(test.values, s, high),
        )
        assert_ordered(
            extractor,
            train.values,
            range(MODES - 1),
            lambda k: without(test.values, test.labels, k),
        )


def mixture(n, seed):
    """Six bent modes in six columns, one of them of heavy tails and one constant; and which mode
    each row is of."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(6, size=n)
    centres = np.random.default_rng(99).normal(size=(6, 4)) * 3
    rows = centres[labels] + rng.normal(size=(n, 4)) * 0.6
    rows[:, 3] += rows[:, 0] ** 2
    return (
        np.column_stack([rows, np.exp(rng.normal(size=n) + rows[:, 1] / 3), np.full(n, 7.0)]),
        labels,
    )


def test_a_table():
    (values, _), (others, labels) = mixture(2400, 0), mixture(1200, 1)
    spread = values.std(0)
    noise = np.random.default_rng(2).normal(size=others.shape)
    middle = values.mean(0)
    for extractor in choose(open_data(values), 0, 600, lambda line: None):
        assert_ordered(
            extractor,
            values,
            [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1],
            lambda s: others + s * spread * noise,
        )
        assert_ordered(
            extractor,
            values,
            [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9],
            lambda s: middle + (1 - s) * (others - middle),
        )
        assert_ordered(extractor, values, range(6), lambda k: without(others, labels, k))
