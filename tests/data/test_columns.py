"""Columns of tables: what they are found to hold, how they become normal, and the way back."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from genlearn.core.errors import UserError
from genlearn.core.spec import DataSpec
from genlearn.data import inspect_data, open_data
from genlearn.data.columns.frames import from_frame, to_frame
from genlearn.data.columns.pieces import lattice, spread

RNG = np.random.default_rng(0)
N = 600
AMOUNT = np.where(RNG.random(N) < 0.4, 0, RNG.lognormal(6, 2, N).round(2))
FRAME = pd.DataFrame(
    {
        "amount": AMOUNT,
        "height": pd.Series(RNG.normal(170, 9, N).round(1)).mask(RNG.random(N) < 0.1),
        "exact": RNG.normal(size=N),
        "small": RNG.normal(size=N).astype("float32"),
        "children": RNG.poisson(1.3, N),
        "age": pd.array(RNG.integers(18, 90, N), dtype="Int64"),
        "city": pd.Series(RNG.choice(["Oslo", "Rome", "Ghent"], N)).mask(RNG.random(N) < 0.05),
        "grade": pd.Categorical(
            RNG.choice(["low", "mid", "high"], N), ["low", "mid", "high"], ordered=True
        ),
        "code": pd.Categorical(RNG.choice([10, 20, 30], N)),
        "member": RNG.random(N) < 0.3,
        "maybe": pd.array(RNG.choice([True, False], N), dtype="boolean"),
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 900, N), unit="D"),
        "zoned": pd.date_range("2021-03-01", periods=N, freq="37min", tz="Europe/Brussels"),
        "took": pd.to_timedelta(RNG.integers(1, 5000, N), unit="s"),
        "day": np.array(["2022-02-03", "2022-02-04", "2023-12-31"])[RNG.integers(0, 3, N)],
        "step": RNG.integers(100, 200, N) * 25,
        "same": 7,
    }
)
FRAME.loc[3:6, "age"] = pd.NA
FRAME.loc[8, "maybe"] = pd.NA
DATA = open_data(FRAME)
FIELDS = {field.name: field for field in DATA.spec.fields}


def test_each_column_is_what_it_holds():
    assert {name: field.kind for name, field in FIELDS.items()} == {
        "amount": "continuous",
        "height": "continuous",
        "exact": "continuous",
        "small": "continuous",
        "children": "integer",
        "age": "integer",
        "city": "category",
        "grade": "ordered",
        "code": "category",
        "member": "boolean",
        "maybe": "boolean",
        "since": "date",
        "zoned": "date",
        "took": "date",
        "day": "date",
        "step": "integer",
        "same": "integer",
    }
    assert (FIELDS["amount"].decimals, FIELDS["height"].step) == (2, 0.1)
    assert (FIELDS["step"].step, FIELDS["since"].step) == (25, 86400)
    assert FIELDS["grade"].levels == ("low", "mid", "high")
    assert not DATA.notes


def test_rows_come_back_as_they_went_in():
    """From data-frame to numbers to normal numbers to numbers to data-frame."""
    inside = DATA.spec.to_internal(DATA.values)
    assert inside.shape == (N, len(FRAME.columns))
    back = to_frame(DATA.spec.to_user(inside), DATA.spec)
    rounded = ["amount", "exact", "small"]  # numbers inside are of single precision
    pd.testing.assert_frame_equal(back.drop(columns=rounded), FRAME.drop(columns=rounded))
    for name in rounded:
        np.testing.assert_allclose(back[name], FRAME[name], rtol=1e-4, atol=1e-5)
        assert back[name].dtype == FRAME[name].dtype


def test_every_column_becomes_standard_normal():
    with torch.random.fork_rng():
        x = DATA.spec.draw_internal(DATA.values).numpy()
    for name, column in zip(FRAME.columns, x.T, strict=True):
        assert stats.kstest(column, "norm").pvalue > 1e-4, name


@pytest.mark.parametrize("name", ["children", "city", "member", "grade", "step"])
def test_probabilities_of_independent_columns_add_up_to_one(name):
    """With z standard normal, log p = log phi(z) + log |dz/dx| is the logarithm of the share."""
    spec = open_data(FRAME[[name]]).spec
    field = spec.fields[0]
    values = np.arange(0, 10_000, field.step or 1)[:, None]
    values = values[: len(field.levels)] if field.levelled else values
    values = values[(values >= min(field.low)) & (values <= max(field.high))][:, None]
    z = spec.to_internal(values).double().numpy()[:, 0]
    log_p = stats.norm.logpdf(z) + spec.log_volume(values).numpy()
    missing = field.missing
    cells = np.exp(log_p) * (field.step or 1)
    assert cells.sum() + missing == pytest.approx(1, abs=2e-3)


def test_a_density_integrates_to_one():
    spec = open_data(FRAME[["exact"]]).spec
    x = np.linspace(FRAME.exact.min(), FRAME.exact.max(), 200_001)[:, None]
    z = spec.to_internal(x).double().numpy()[:, 0]
    p = np.exp(stats.norm.logpdf(z) + spec.log_volume(x).numpy())
    assert np.trapezoid(p, x[:, 0]) == pytest.approx(1, abs=2e-3)


def test_a_spike_is_a_piece_of_its_own_and_what_lies_between_was_never_seen():
    pieces = spread(np.concatenate([np.zeros(500), np.arange(300, 400)]), 1.0)
    assert (pieces.low[0], pieces.high[0], pieces.mass[0]) == (-0.5, 0.5, 500 / 600)
    assert pieces.low[1] == 299.5
    assert pieces.mass.sum() == pytest.approx(1)
    assert (pieces.low[2:] == pieces.high[1:-1]).all()


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=400), st.sampled_from([1.0, 0.5, 0.01, 25])
)
def test_pieces_hold_all_values_on_their_lattice(values, step):
    rows = np.array(values) * step
    pieces = spread(rows, step)
    assert pieces.mass.sum() == pytest.approx(1)
    assert (pieces.high > pieces.low).all()
    assert (pieces.low[1:] >= pieces.high[:-1] - 1e-9).all()
    inside = (rows[:, None] > pieces.low) & (rows[:, None] < pieces.high)
    assert (inside.sum(1) == 1).all()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.arange(30) * 0.25, (0.25, 2)),
        (np.array([0.1, 0.2, 0.35, 0.5] * 10), (0.05, 2)),
        (np.arange(5.0), (1.0, 0)),
        (np.random.default_rng(0).normal(size=30), (0.0, None)),
        (np.full(40, 3.0), (1.0, 0)),
        (np.array([1e300, 2e300]), (0.0, None)),
    ],
)
def test_decimals_and_distances(values, expected):
    assert lattice(values) == pytest.approx(expected) if expected[1] else expected


def test_what_is_asked_for_goes_before():
    asked = {"children": "category", "city": "leave", "day": "category", "grade": "category"}
    data = open_data(FRAME, kinds=asked)
    kinds = {field.name: field.kind for field in data.spec.fields}
    assert [kinds[name] for name in ("children", "day", "grade")] == ["category"] * 3
    assert "city" not in kinds
    assert "columns left out, as asked: city" in data.notes
    for name, kind, message in (
        ("cty", "category", "did you mean 'city'"),
        ("city", "words", "a column is continuous"),
        ("city", "integer", "it holds no numbers"),
        ("height", "integer", "it holds fractions"),
        ("city", "boolean", "3 different values"),
        ("city", "date", "written as 2026-11-28"),
    ):
        with pytest.raises(UserError, match=message):
            open_data(FRAME, kinds={name: kind})


def test_the_spec_survives_its_description():
    again = DataSpec.from_json(json.loads(json.dumps(DATA.spec.to_json())))
    assert again == DATA.spec
    description = DATA.spec.to_json()
    for key, value in (("mass", [0.5]), ("missing", 2), ("step", -1), ("low", ["a"]), ("kind", 1)):
        fields = [dict(field) for field in description["fields"]]
        fields[0][key] = value
        with pytest.raises(UserError, match="damaged"):
            DataSpec.from_json(json.loads(json.dumps({**description, "fields": fields})))


def test_chance_is_a_function_of_the_row_and_even():
    values = open_data(FRAME[["member", "city", "children"]])
    x = values.spec.to_internal(values.values)
    assert (values.spec.to_internal(values.values[::-1]).flip(0) == x).all()
    everyone = open_data(pd.DataFrame({"a": np.arange(4000) % 2, "b": np.arange(4000)[::-1] * 1.0}))
    u = stats.norm.cdf(everyone.spec.to_internal(everyone.values).numpy()[:, 0])
    assert stats.kstest(u, "uniform").pvalue > 1e-3


def test_rows_are_read_by_their_columns():
    one = FRAME.iloc[[5]][FRAME.columns[::-1]]
    values, notes = from_frame(one, DATA.spec)
    np.testing.assert_array_equal(values, DATA.values[[5]])
    assert not notes
    more = FRAME.head(2).assign(other=1, city=["Oslo", "Lima"])
    data = open_data(more, like=DATA.spec)
    assert np.isnan(data.values[:, list(FRAME.columns).index("city")]).tolist() == [False, True]
    assert any("'Lima', are taken as missing" in note for note in data.notes)
    assert any("not learned from left out: other" in note for note in data.notes)
    for changed, message in (
        (FRAME.head(2).drop(columns="city"), "column 'city' is missing"),
        (FRAME.head(2).assign(grade="best"), "'grade' has values that were not learned from"),
        (FRAME.head(2).assign(children=[1, None]), "'children' has 1 missing value"),
        (FRAME.head(2).assign(exact="x"), "fitted on numbers there"),
        (FRAME.head(2).assign(since=3), "fitted on dates there"),
    ):
        with pytest.raises(UserError, match=message):
            DATA.spec.to_internal(open_data(changed, like=DATA.spec).values)


def test_beyond_what_was_seen_the_tail_goes_on():
    spec = open_data(FRAME[["exact"]]).spec
    far = spec.to_internal(np.array([[5.0], [50.0], [500.0]])).numpy()[:, 0]
    assert (np.diff(far) > 0).all()
    assert spec.log_volume(np.array([[500.0], [-500.0]])).isfinite().all()
    drawn = spec.to_user(spec.to_internal(np.array([[500.0]])))
    assert drawn[0, 0] <= FRAME.exact.max() + 1e-6


def test_levels_stand_beside_those_that_go_with_similar_values():
    z = RNG.normal(size=3000)
    level = np.digitize(z + RNG.normal(size=3000) * 0.1, [-1, 0, 1])
    names = np.array(["d", "a", "c", "b"])[level]
    field = open_data(pd.DataFrame({"z": z, "level": names})).spec.fields[1]
    order = "".join(str(field.levels[round(low + 0.5)]) for low in field.low)
    assert order in ("dacb", "bcad")


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": list("xyz") * 9}),
        pd.DataFrame({"a": list("xyz") * 9, "b": [True, False, None] * 9}),
        pd.DataFrame({"a": [1.5, np.nan] * 9}),
        pd.DataFrame({"a": [f"level {i}" for i in range(3000)] * 2}),
        pd.DataFrame(np.arange(20.0).reshape(2, 10)),
        pd.DataFrame({"a": [-(2.0**60), 2.0**60, 1e-300]}),
    ],
)
def test_odd_tables(frame):
    data = open_data(frame)
    back = to_frame(data.spec.to_user(data.spec.to_internal(data.values)), data.spec)
    assert back.shape == frame.shape
    assert inspect_data(frame).lines()


def test_levels_that_no_row_has_are_never_drawn():
    """Of 50,000 levels, in memory that grows with their number."""
    levels = pd.Index([f"level {i}" for i in range(50_000)])
    rows = pd.Categorical.from_codes(np.arange(2000) % 1000 * 3, levels)
    spec = open_data(pd.DataFrame({"a": rows})).spec
    z = torch.special.ndtri(torch.linspace(0, 1, 20_001, dtype=torch.float64))[:, None]
    assert set(spec.to_user(z)[:, 0]) == set(np.arange(1000) * 3.0)


def test_the_contact_sheet_has_bars_for_levels():
    sheet = inspect_data(FRAME).contact_sheet()
    assert sheet.size[0] > 700


def test_a_model_of_an_array_reads_columns_of_numbers():
    rows = RNG.normal(size=(60, 3))
    spec = open_data(rows).spec
    frame = pd.DataFrame(rows, columns=list("abc"))
    np.testing.assert_array_equal(open_data(frame, like=spec).values, rows)
    with pytest.raises(UserError, match=r"column 'c' holds category values.*fit it on the table"):
        open_data(frame.assign(c=["x", "y"] * 30), like=spec)
