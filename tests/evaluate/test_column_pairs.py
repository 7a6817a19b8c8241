"""Joint tables of pairs of columns, real and sampled, and the page that shows the worst."""

import numpy as np
import pandas as pd
import pytest

from genlearn.core.panels import PairsPanel
from genlearn.data import open_data
from genlearn.evaluate.columns.kinds import by_kind
from genlearn.evaluate.columns.pairs import joint_shares, pair_similarities
from genlearn.evaluate.panel_io import load_panels, save_panels
from genlearn.evaluate.report.charts.joint_tables import joint_tables

RNG = np.random.default_rng(0)
X = RNG.normal(size=300)
FRAME = pd.DataFrame(
    {
        "x": pd.Series(X).mask(RNG.random(300) < 0.1),
        "y": X + 0.1 * RNG.normal(size=300),
        "kind": pd.Series(np.where(X > 0, "up", "down")).mask(RNG.random(300) < 0.1),
        "place": RNG.choice(list("abcdefghijklmnop"), 300),
    }
)
SPEC = open_data(FRAME).spec
REAL = by_kind(FRAME, SPEC)


def test_the_pair_that_is_torn_apart_is_the_worst():
    for torn, pair in (("y", {(0, 1), (1, 2)}), ("kind", {(0, 2), (1, 2)})):
        values = FRAME[torn].sample(frac=1, random_state=0).to_numpy()
        found = pair_similarities(REAL, by_kind(FRAME.assign(**{torn: values}), SPEC))
        assert len(found) == 6
        assert all(0 <= one <= 1 for one in found.values())
        assert set(sorted(found, key=found.get)[:2]) == pair


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (1, 3), (2, 3)])
def test_every_row_is_in_a_cell(pair):
    drawn = by_kind(FRAME.head(50).assign(y=99.0, kind=None), SPEC)
    real, sampled = joint_shares(REAL, drawn, pair)
    assert real.sum() == pytest.approx(1)
    assert sampled.sum() == pytest.approx(1)
    assert max(real.shape) <= 11
    if pair == (0, 2):
        missing = FRAME.x.isna() & FRAME.kind.isna()
        assert real[-1, -1] == pytest.approx(missing.mean())
        assert sampled[:, -1].sum() == pytest.approx(1)


def test_panels_of_them_are_kept_and_drawn(tmp_path):
    pairs = [(0, 1), (2, 3)]
    panel = PairsPanel(
        title="t",
        meaning="m",
        names=(("x", "y"), ("kind", "a < b")),
        shares={str(pair): joint_shares(REAL, REAL, pair) for pair in pairs},
        similarities=(1.0, 0.5),
    )
    save_panels(tmp_path, [panel])
    [again] = load_panels(tmp_path)
    assert (again.names, again.similarities) == (panel.names, panel.similarities)
    page = joint_tables(again, "c0")
    assert page == joint_tables(panel, "c0")
    assert page.count("<svg") == 2
    assert "a &lt; b" in page
