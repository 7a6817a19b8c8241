"""Rules on rows of a table, as people write them, and rows that hold them."""

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table, small

import genlearn as gl
from genlearn.data import open_data
from genlearn.data.columns.keeping import Keeping

RNG = np.random.default_rng(0)
N = 300
FRAME = pd.DataFrame(
    {
        "low": RNG.normal(0, 1, N).round(1),
        "high": RNG.normal(1, 1, N).round(1),
        "hours-per-week": RNG.integers(0, 5, N),
        "extra": RNG.integers(0, 3, N),
        "total": RNG.integers(0, 8, N),
        "a>b": pd.Series(RNG.normal(size=N).round(1)).mask(RNG.random(N) < 0.3),
        "home": pd.Series(RNG.choice(["Oslo", "Rome"], N)).mask(RNG.random(N) < 0.2),
        "work": RNG.choice(["Rome", "Ghent", "Oslo"], N),
        "grade": pd.Categorical(RNG.choice(["bad", "good"], N), ["good", "bad"], ordered=True),
        "from": pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 99, N), unit="D"),
        "till": pd.Timestamp("2020-02-01") + pd.to_timedelta(RNG.integers(0, 99, N), unit="D"),
    }
)
DATA = open_data(FRAME)
SPEC = DATA.spec


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("low <= high", lambda d: d.low <= d.high),
        ("high>low", lambda d: d.high > d.low),
        ("low = high", lambda d: d.low == d.high),
        ("hours-per-week + extra = total", lambda d: d["hours-per-week"] + d.extra == d.total),
        ("total != extra + 'hours-per-week'", lambda d: d["hours-per-week"] + d.extra != d.total),
        ("low + 0.5 >= high", lambda d: np.round(d.low + 0.5 - d.high, 2) >= 0),
        ("0 <= low", lambda d: d.low >= 0),
        ("total < 3", lambda d: d.total < 3),
        ('"a>b" > 0.5', lambda d: d["a>b"] > 0.5),
        ('"a>b" != 0.5', lambda d: d["a>b"].notna() & (d["a>b"] != 0.5)),
        ('"a>b" = missing', lambda d: d["a>b"].isna()),
        ("home != missing", lambda d: d.home.notna()),
        ("home = work", lambda d: d.home == d.work),
        ("work != home", lambda d: d.home.notna() & (d.home != d.work)),
        ("work = ghent", lambda d: d.work == "Ghent"),
        ("home != 'Rome'", lambda d: d.home == "Oslo"),
        ("grade > good", lambda d: d.grade == "bad"),
        ("from < till", lambda d: d["from"] < d.till),
        ("till >= 2020-03-01", lambda d: d.till >= "2020-03-01"),
    ],
)
def test_a_rule_holds_where_it_says(rule, holds):
    assert 0 < holds(FRAME).mean() < 1
    assert Keeping.of([rule], SPEC).shares(FRAME) == [holds(FRAME).mean()]
    assert Keeping.of(rule, SPEC).shares(DATA.values) == [holds(FRAME).mean()]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("low", "no rule"),
        ("low <=", "no rule"),
        ("<= high", "no rule"),
        ("low <= high <= total", "no rule"),
        ("'low < high", "no rule"),
        (3, "no rule"),
        ("", "no rule"),
        ("lwo <= hgh", "no column is called 'lwo'; did you mean 'low'"),
        ("low <= hgh", "'hgh' is neither a number nor a column; did you mean 'high'"),
        ("low + extr <= total", "'extr' is neither a number nor a column; did you mean 'extra'"),
        ("low + home = total", "column 'home' holds no numbers"),
        ("low <= nan", "neither a number"),
        ("home = Pisa", "it has 'Oslo', 'Rome'"),
        ("home < Rome", "no order"),
        ("home < work", "no order in common"),
        ("home = low", "different kinds"),
        ("from < low", "different kinds"),
        ("from < soon", "holds dates"),
    ],
)
def test_what_is_no_rule_is_told(rule, told):
    with pytest.raises(ValueError, match=told) as error:
        Keeping.of([rule], SPEC)
    assert "\n" not in str(error.value)


def test_sums_of_decimals_are_equal_to_twelve_digits():
    frame = pd.DataFrame({"a": [0.1, 1.1, 0.3], "b": [0.2, 2.2, -0.3], "c": [0.3, 3.3, 0.0]})
    spec = open_data(frame).spec
    assert Keeping.of(["a + b = c", "a + b > c"], spec).shares(frame) == [1, 0]
    close = pd.DataFrame({"a": [0.1, 1.1, 0.3], "b": [0.2, 2.2, -0.3], "c": [0.3, 3.3, 1e-8]})
    assert Keeping.of(["a + b = c"], spec).shares(close) == [2 / 3]


def test_what_is_unique_no_two_rows_have():
    frame = pd.DataFrame({"a": [1, 1, 2, 2, 3], "b, c": [0.5, 0.5, 0.5, 1.0, np.nan]})
    spec = open_data(frame, kinds={"a": "integer"}).spec
    texts = ["unique a", "unique(a, 'b, c')", "unique ('b, c')"]
    shares = Keeping.of(texts, spec).shares(frame)
    assert shares == [3 / 5, 3 / 5, 2 / 5]  # a row of which a value is missing holds none
    with pytest.raises(ValueError, match="no column is called 'aa'; did you mean 'a'"):
        Keeping.of(["unique aa"], spec)


def test_drawn_keys_are_unique_among_rows_that_hold_the_other_rules():
    rows = pd.DataFrame({"key": RNG.integers(0, 3000, 400), "x": RNG.normal(size=400)})
    model = small("gmm").fit(rows)
    rules = ["unique key", "x > 0"]
    drawn = gl.sample_keeping(model, 700, rules, seed=1)
    assert drawn.key.is_unique
    assert (drawn.x > 0).all()
    again = gl.sample_keeping(model, 100, rules, seed=1)
    pd.testing.assert_frame_equal(drawn.head(100), again)
    few = pd.DataFrame({"key": RNG.integers(0, 3, 400), "x": RNG.normal(size=400)})
    with pytest.raises(ValueError, match="3 hold 'unique key'"):
        gl.sample_keeping(small("gmm").fit(few), 10, "unique key")


def test_rules_of_nothing_are_told():
    with pytest.raises(ValueError, match="without a rule"):
        Keeping.of([], SPEC)
    with pytest.raises(ValueError, match="rows of a table"):
        Keeping.of(["a < b"], open_data(blobs(4)).spec)


@pytest.mark.parametrize("name", ["gmm", "vae", "arm"])
def test_rows_of_any_model_hold_the_rules(name):
    model = small(name).fit(FRAME)
    rules = ["low <= high", "from < till"]
    drawn = gl.sample_keeping(model, 700, rules, seed=3)
    assert (drawn.low <= drawn.high).all()
    assert (drawn["from"] < drawn.till).all()
    pd.testing.assert_series_equal(drawn.dtypes, FRAME.dtypes)
    # they are those of the stream, in its order
    stream = model.sample(len(drawn) // 2, seed=3)
    held = stream[(stream.low <= stream.high) & (stream["from"] < stream.till)]
    pd.testing.assert_frame_equal(held.reset_index(drop=True), drawn.head(len(held)))


def test_rows_of_arrays_and_of_polars():
    model = small("ppca").fit(gaussian_table(200, 3))
    drawn = gl.sample_keeping(model, 50, "x0 <= x1 + 3")
    assert drawn.shape == (50, 3)
    assert (drawn[:, 0] <= drawn[:, 1] + 3).all()
    polars = pytest.importorskip("polars")
    model = small("ppca").fit(polars.from_pandas(FRAME))
    assert (gl.sample_keeping(model, 600, "low<high").select("low").height) == 600


def test_a_rule_that_hardly_any_row_holds_is_told():
    rows = pd.DataFrame({"a": RNG.normal(size=200), "b": RNG.normal(100, 1, size=200)})
    model = small("ppca").fit(rows)
    with pytest.raises(ValueError, match=r"fewer than 1 of 10,000.*'a > b' holds in 0 %"):
        gl.sample_keeping(model, 5, ["a <= b", "a > b"])
    with pytest.raises(ValueError, match="whole number"):
        gl.sample_keeping(model, 0, "a <= b")


def test_balance_is_not_undone():
    model = small("arm").fit(FRAME)
    with pytest.raises(ValueError, match="balance='work' and keep"):
        gl.sample_keeping(model, 5, "low <= high", balance="work")
