"""Conditions on columns of every kind, as people write them."""

import numpy as np
import pandas as pd
import pytest
from helpers import gaussian_table, small

RNG = np.random.default_rng(0)
N = 400
FRAME = pd.DataFrame(
    {
        "price": RNG.lognormal(3, 1, N).round(2),
        "count": RNG.binomial(3, 0.4, N),
        "kind": RNG.choice(["a", "b", "c, or d"], N),
        "city": pd.Series(RNG.choice(["Oslo", "Rome", "Ghent"], N)).mask(RNG.random(N) < 0.2),
        "grade": pd.Categorical(RNG.choice(["low", "high"], N), ["low", "high"], ordered=True),
        "member": RNG.random(N) < 0.3,
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 99, N), unit="D"),
        "score": pd.Series(RNG.normal(size=N).round(1)).mask(RNG.random(N) < 0.2),
    }
)


@pytest.fixture(scope="module")
def model():
    return small("arm", steps=40).fit(FRAME)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("price<=10", lambda d: d.price <= 10),
        ("'price' > 5, price<30", lambda d: (d.price > 5) & (d.price < 30)),
        ("count=1|2", lambda d: d["count"].isin([1, 2])),
        ("count!=0, count<3", lambda d: d["count"].isin([1, 2])),
        ('kind="c, or d"', lambda d: d.kind == "c, or d"),
        ("city!=Oslo", lambda d: d.city.isin(["Rome", "Ghent"])),
        ("city=missing", lambda d: d.city.isna()),
        ("city=oslo|missing", lambda d: d.city.isna() | (d.city == "Oslo")),
        ("grade>=high", lambda d: d.grade == "high"),
        ("member=true", lambda d: d.member),
        ("since>=2020-03-01", lambda d: d.since >= "2020-03-01"),
        ("since=2020-02-05", lambda d: d.since == "2020-02-05"),
        ("score!=missing", lambda d: d.score.notna()),
        ("score>0.5, city=Rome, member=False", lambda d: (d.score > 0.5) & (d.city == "Rome")),
    ],
)
def test_all_rows_meet_the_conditions(model, where, holds):
    drawn = model.sample(60, seed=1, where=where)
    assert len(drawn) == 60
    assert holds(drawn).all()
    pd.testing.assert_series_equal(drawn.dtypes, FRAME.dtypes)


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("count", "no condition"),
        ("price>", "no condition"),
        ("=3", "no condition"),
        ("cont=1", "did you mean 'count'"),
        ("kind=z", "it has 'a', 'b', 'c, or d'"),
        ("kind>a", "no order"),
        ("count>much", "'much' is none"),
        ("count>1|2", "one value"),
        ("count>7", "no value of column 'count'"),
        ("count=7", "no value of column 'count'"),
        ("count=1.5", "no value of column 'count'"),
        ("count<1, count>2", "no value of column 'count'"),
        ("count=missing", "no missing values"),
        ("score=nan", "asked for as missing"),
        ("since=yesterday", "holds dates"),
        ("kind='a", "quotes"),
        (3, "it is a text"),
    ],
)
def test_conditions_that_cannot_be_met_are_told(model, where, told):
    with pytest.raises(ValueError, match=told) as error:
        model.sample(3, where=where)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("column", "where", "levels"),
    [
        ("kind", None, {"a", "b", "c, or d"}),
        ("city", None, {"Oslo", "Rome", "Ghent"}),
        ("city", "city=Oslo|missing, price>20", {"Oslo", None}),
        ("city", "city!=Oslo, count=1", {"Rome", "Ghent"}),
        ("grade", "score>0, price>20", {"low", "high"}),
        ("member", "member=true", {True}),
        ("member", None, {True, False}),
    ],
)
def test_each_level_is_drawn_equally_often(model, column, where, levels):
    drawn = model.sample(12 * len(levels), seed=1, balance=column, where=where)
    found = drawn[column].astype(object).where(drawn[column].notna(), None)
    assert {level: int((found == level).sum()) for level in levels - {None}} == dict.fromkeys(
        levels - {None}, 12
    )
    assert found.isna().sum() == (12 if None in levels else 0)
    assert "price>20" not in str(where) or (drawn.price > 20).all()
    again = model.sample(7, seed=1, start=4, balance=column, where=where)
    pd.testing.assert_frame_equal(again, drawn.iloc[4:11].reset_index(drop=True))


def test_balanced_rows_follow_the_distribution_given_their_level():
    sex = RNG.random(2000) < 0.1
    rows = pd.DataFrame({"height": RNG.normal(np.where(sex, 180, 160), 5).round(1), "male": sex})
    model = small("arm", steps=150, lr=0.02, ema=0.9, size="small").fit(rows)
    drawn = model.sample(600, seed=0, balance="male")
    means = drawn.groupby("male").height.mean()
    assert abs(means[True] - 180) < 2
    assert abs(means[False] - 160) < 2


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("price", "no levels, but continuous values; choose one of: city"),
        ("since", "no levels, but date"),
        ("knd", "no column is called so; did you mean 'kind'"),
        (3, "no column is called so"),
    ],
)
def test_columns_that_cannot_be_balanced_are_told(model, column, told):
    with pytest.raises(ValueError, match=told) as error:
        model.sample(3, balance=column)
    assert "\n" not in str(error.value)


def test_conditions_that_hardly_any_row_meets_are_told():
    rows = pd.DataFrame({"a": np.repeat([0, 1], 500), "b": np.repeat([0, 1], 500)})
    model = small("arm", steps=150, lr=0.05, ema=0.9, held_out=0.0).fit(rows)
    with pytest.raises(ValueError, match="ask for less at once"):
        model.sample(200, where="a=0, b=1")


def test_columns_of_an_array_are_called_by_number():
    model = small("arm").fit(gaussian_table(200, 3))
    with pytest.raises(ValueError, match="no column is called 'y'"):
        model.sample(2, where="y>0")
    with pytest.raises(ValueError, match="no column of the data has levels"):
        model.sample(2, balance="x0")
    middle = np.median(gaussian_table(200, 3)[:, 2])
    assert (model.sample(20, where=f"x2>{middle}")[:, 2] > middle - 1e-3).all()
