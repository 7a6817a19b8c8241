"""Tables of mixed columns: for every model that learns from rows, data-frames in and out."""

import copy

import numpy as np
import pandas as pd
import pytest
from helpers import able, answer, reading, small

import genlearn as gl
from genlearn.core.capabilities import Encodes, Inpaints, Scores

RNG = np.random.default_rng(0)
N = 120
FRAME = pd.DataFrame(
    {
        "price": RNG.lognormal(3, 1, N).round(2),
        "count": RNG.poisson(2, N),
        "city": pd.Series(RNG.choice(["Oslo", "Rome", "Ghent"], N)).mask(RNG.random(N) < 0.2),
        "grade": pd.Categorical(RNG.choice(["a", "b"], N), ["a", "b"], ordered=True),
        "member": RNG.random(N) < 0.3,
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 99, N), unit="D"),
        "score": pd.Series(RNG.normal(size=N).round(1)).mask(RNG.random(N) < 0.2),
    }
)
FRAME.index = pd.Index([f"row {i}" for i in range(N)])


@pytest.fixture(scope="module")
def learned():
    """The models of a module, each fitted once."""
    models = {}

    def of(name):
        if name not in models:
            models[name] = small(name).fit(FRAME)
        return copy.copy(models[name])

    return of


def test_samples_are_rows_of_the_same_table(name, learned):
    drawn = learned(name).sample(50, seed=1)
    pd.testing.assert_series_equal(drawn.dtypes, FRAME.dtypes)
    for column in FRAME:
        some = drawn[column].dropna()
        if column in ("city", "grade", "member"):
            assert set(some) <= set(FRAME[column].dropna())
        else:
            assert FRAME[column].min() <= some.min()
            assert some.max() <= FRAME[column].max()
    assert (drawn.price.round(2) == drawn.price).all()
    assert not drawn[["price", "count", "grade", "member", "since"]].isna().any(axis=None)
    pd.testing.assert_frame_equal(
        drawn.iloc[20:30], learned(name).sample(10, seed=1, start=20).set_index(drawn.index[20:30])
    )


def test_what_is_loaded_draws_the_same_rows(name, learned, tmp_path):
    model = learned(name)
    model.save(tmp_path / "run")
    again = gl.load(tmp_path / "run")
    pd.testing.assert_frame_equal(again.sample(5), model.sample(5))
    if name in reading():
        np.testing.assert_array_equal(answer(again, FRAME), answer(model, FRAME))


@pytest.mark.parametrize("name", able(Encodes))
def test_rows_come_back_under_their_index(name, learned):
    back = learned(name).reconstruct(FRAME.head(9))
    pd.testing.assert_series_equal(back.dtypes, FRAME.dtypes)
    assert list(back.index) == list(FRAME.index[:9])


@pytest.mark.parametrize("name", able(Scores))
def test_scores_are_of_the_row_alone(name, learned):
    model = learned(name)
    scores = model.score_samples(FRAME)
    assert np.isfinite(scores).all()
    # noise in place of what is discrete makes a bound; without noise there is none
    assert model.log_prob_kind in ("bound", "estimate") or name == "arm"
    np.testing.assert_allclose(model.score_samples(FRAME.iloc[::-1])[::-1], scores, rtol=1e-4)


def test_what_is_known_stays(name, learned):
    model = learned(name)
    if not isinstance(model, Inpaints):
        pytest.skip("fills nothing in")
    mask = np.zeros(FRAME.shape, bool)
    mask[:, 0] = True
    filled = model.inpaint(FRAME.head(9), mask[:9])
    pd.testing.assert_frame_equal(filled.iloc[:, 1:], FRAME.head(9).iloc[:, 1:])
    assert not filled.price.isna().any()


def test_polars_in_polars_out():
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(FRAME.reset_index(drop=True))
    model = small("ppca").fit(frame)
    assert isinstance(model.sample(3), polars.DataFrame)
    assert model.reconstruct(frame[:3]).schema == model.sample(3).schema
