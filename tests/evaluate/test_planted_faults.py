"""Faults that are planted in samples: each is seen by a headline figure or the audit for copies,
and none is rewarded by any figure that models are compared by."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from genlearn.data import open_data
from genlearn.data.split import divide
from genlearn.evaluate.features import choose
from genlearn.evaluate.probes.memorization import membership, memorization_report
from genlearn.evaluate.reference_set import ReferenceSet
from genlearn.evaluate.uncertainty import tiers

N = 250
COPIES = {"copies", "interpolated copies", "shifted copies"}


def table(n, seed):
    """Columns that depend on one another in curves, one of them on a lattice, in three modes."""
    rng = np.random.default_rng(seed)
    z, mode = rng.normal(size=(n, 2)), rng.integers(0, 3, n)
    columns = (
        z[:, 0],
        z[:, 0] ** 2 + 0.3 * z[:, 1],
        np.round(np.exp(z[:, 1]), 1),
        mode + 0.1 * rng.normal(size=n),
    )
    return np.stack(columns, 1), mode


def pictures(n, seed):
    """Strokes of three kinds on black, 12 pixels wide."""
    rng = np.random.default_rng(seed)
    kind, (y, x) = rng.integers(0, 3, n), np.mgrid[:12, :12] - 5.5
    turned = rng.normal(0, 0.3, n) + kind * np.pi / 3
    away = np.abs(
        x * np.sin(turned)[:, None, None]
        - y * np.cos(turned)[:, None, None]
        - rng.normal(0, 1, n)[:, None, None]
    )
    ink = np.exp(-((away / rng.uniform(0.6, 1.2, n)[:, None, None]) ** 2)) * (np.hypot(x, y) < 4)
    return (255 * ink).astype(np.uint8), kind


def interpolated(known, rng):
    """Points on lines to one of the five nearest others."""
    rows = known.reshape(len(known), -1).astype(float)
    some = rng.permutation(len(rows))[:N]
    distance = np.square(rows[some, None] - rows[None]).sum(2)
    other = rows[np.argsort(distance, 1)[np.arange(N), rng.integers(1, 6, N)]]
    share = rng.uniform(0.2, 0.8, (N, 1))
    return ((1 - share) * rows[some] + share * other).reshape(N, *known.shape[1:])


def faults(known, new, mode, rng):
    """Samples of a model with one fault each, from what was learned or, if it does not copy, from
    new data."""
    shared = {
        "collapse": np.repeat(new[:1], N, 0),
        "few": new[rng.integers(0, 6, N)],
        "copies": known[rng.permutation(len(known))[:N]],
        "interpolated copies": interpolated(known, rng).astype(known.dtype),
        "dropped mode": new[mode > 0][:N],
        "noise": (new[:N] + 0.15 * new.std(0) * rng.normal(size=new[:N].shape)),
    }
    if known.ndim == 2:
        independent = np.stack([rng.permutation(column) for column in new.T], 1)[:N]
        return shared | {"independent columns": independent}
    noise = new[:N] + 12.0 * rng.normal(size=new[:N].shape)
    return shared | {
        "noise": noise.clip(0, 255).astype(np.uint8),
        "blur": np.stack([gaussian_filter(image.astype(float), 0.5) for image in new[:N]]).astype(
            np.uint8
        ),
        "shifted copies": np.roll(known[rng.permutation(len(known))[:N]], 1, axis=2),
    }


def reference_of(split):
    """By the primary features alone."""
    return ReferenceSet(split, (choose(split.train, 0, 2.0, lambda line: None)[0],), 0)


class Judge:
    """What is said of samples beside real ones."""

    def __init__(self, make):
        values, modes = make(1600, 0)
        split = divide(open_data(values[:1000]), 0)
        self.reference = reference_of(split)
        self.new, self.modes = values[1000:], modes[1000:]
        self.real = self.reference.evaluate(make(N, 1)[0])
        self.floor = self.reference.floor(N)

    def faults(self):
        known = self.reference.split.train.values
        return faults(known, self.new, self.modes, np.random.default_rng(0))

    def caught(self, found):
        """Keys of the headline figures by which samples are clearly worse than real data."""
        return [
            key
            for key, metric in self.reference.metrics.items()
            if metric.headline
            and tiers({"samples": found[key], "real": self.real[key]}, metric.better, metric.ideal)[
                "samples"
            ]
            == 2
        ]

    def rewarded(self, found):
        """Keys of the figures by which samples are better than 99 of 100 draws of real data."""
        better = {"lower": lambda v, mark: v < mark.low, "higher": lambda v, mark: v > mark.high}
        return [
            key
            for key, mark in self.floor.items()
            if (metric := self.reference.metrics.get(key)) and metric.better in better
            if better[metric.better](found[key].value, mark)
        ]

    def audit(self, samples):
        reference = self.reference
        new = reference.split.held_out.values
        spaces = [s for s in (reference.places, reference.amplitudes) if s is not None]
        place, *moved = [(s.project(samples), s.train, s.project(new)) for s in spaces]
        return memorization_report(*place, 0, *moved)


@pytest.fixture(scope="module", params=[table, pictures])
def judge(request):
    return Judge(request.param)


def test_each_is_caught_and_none_is_rewarded(judge):
    for name, samples in judge.faults().items():
        found, report = judge.reference.evaluate(samples), judge.audit(samples)
        # who copies has no tier by its samples
        assert report.accused or not judge.rewarded(found), name
        assert report.accused or judge.caught(found), name
        if name in COPIES:
            assert report.accused, name


def test_new_data_is_not_accused_and_what_copies_is_told_by_its_kind(judge):
    assert not judge.audit(judge.new[:N]).accused
    planted = judge.faults()
    assert judge.audit(planted["copies"]).kind == "copies"
    assert judge.audit(planted["interpolated copies"]).kind == "interpolations"
    if "shifted copies" in planted:
        assert judge.audit(planted["shifted copies"]).kind == "moved copies"


def test_membership_shows_in_copies_alone(judge):
    split = judge.reference.split
    rows = [
        x.reshape(len(x), -1).astype(float) for x in (split.train.values, split.held_out.values)
    ]
    copies, new = (x.reshape(N, -1) for x in (judge.faults()["copies"], judge.new[:N]))
    rows = [x[: min(map(len, rows))] for x in rows]
    for key in ("membership", "closest_record"):
        assert membership(copies.astype(float), *rows, 0)[key].low > 0.5
        assert 0.5 in membership(new.astype(float), *rows, 0)[key]


def test_swapped_classes_are_seen():
    values, kinds = pictures(1500, 0)
    split = divide(open_data(values, labels=kinds.astype(str)), 0)
    reference = reference_of(split)
    new, labels = pictures(N, 1)
    real = reference.class_fidelity(new, labels)["class_fidelity"]
    swapped = reference.class_fidelity(new, (labels + 1) % 3)["class_fidelity"]
    assert real.value > 0.8
    assert swapped.high < reference.floor(N)["class_fidelity"].low
