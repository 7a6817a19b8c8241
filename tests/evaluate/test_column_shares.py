"""Columns one by one: bars of real and sampled rows, and what they differ by."""

import numpy as np
import pandas as pd
import pytest

from genlearn.core.panels import HistogramPanel
from genlearn.data import open_data
from genlearn.evaluate.columns.shares import column_shares
from genlearn.evaluate.panel_io import load_panels, save_panels

FRAME = pd.DataFrame(
    {
        "kind": list("aabc") * 50,
        "count": np.tile([0, 1, 1, 2], 50),
        "size": np.random.default_rng(0).normal(size=200),
        "gap": [None, "x", "x", "x"] * 50,
    }
)


def shares(real, drawn):
    data = open_data(FRAME)
    return {one.name: one for one in column_shares(real(data), drawn(data), data.spec)}


def test_equal_rows_have_equal_bars():
    found = shares(lambda data: data.values, lambda data: data.values[::-1])
    for one in found.values():
        assert one.distance == 0
        assert one.real.sum() == pytest.approx(1)


def test_the_distance_is_the_total_variation_and_the_worst_comes_first():
    def other(data):
        values = data.values.copy()
        values[:, 0] = values[:, 0].max()  # all of one level, which a quarter has
        values[:100, 3] = np.nan  # 25 of these 100 were missing before
        return values

    found = shares(lambda data: data.values, other)
    assert found["kind"].distance == pytest.approx(0.75)
    assert found["gap"].distance == pytest.approx(0.375)
    assert found["gap"].ends == ("x", "missing")
    assert found["count"].distance == found["size"].distance == 0
    assert list(found)[:2] == ["kind", "gap"]
    assert found["kind"].ends == ("a", "c")


def test_values_beyond_those_that_are_real_count():
    real = np.array([[0.0], [1], [2], [3]] * 9)
    found = column_shares(real, real + 100, open_data(real).spec)
    assert found[0].drawn.sum() == 0
    assert found[0].distance == pytest.approx(1)


def test_panels_of_them_are_kept(tmp_path):
    found = shares(lambda data: data.values, lambda data: data.values[:50])
    panel = HistogramPanel(
        title="t",
        meaning="m",
        shares={name: np.stack([one.real, one.drawn], 1) for name, one in found.items()},
        ends=tuple(one.ends for one in found.values()),
        distances=tuple(one.distance for one in found.values()),
    )
    save_panels(tmp_path, [panel])
    [again] = load_panels(tmp_path)
    assert (again.ends, again.distances) == (panel.ends, panel.distances)
    for name, values in panel.shares.items():
        np.testing.assert_array_equal(again.shares[name], values)
