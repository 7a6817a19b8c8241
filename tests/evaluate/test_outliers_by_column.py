"""Which value of a row is out of place: planted errors are named, and conditionals add up to 1."""

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table, small

from genlearn.cli.main import run
from genlearn.data import open_data
from genlearn.evaluate.outliers.by_column import by_column, value_of
from genlearn.evaluate.outliers.find import find_outliers
from genlearn.evaluate.outliers.reference import Reference

PLANTED = ("size", "fare", "kind", "legs")


def rows(n, seed):
    """Columns that go with one another, and one that goes with none."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(3, 1, n)
    kind = np.where(size * rng.lognormal(0, 0.2, n) > 20, "big", "small")
    return pd.DataFrame(
        {
            "size": size.round(1),
            "fare": (size * 4 * rng.lognormal(0, 0.1, n)).round(2),
            "kind": pd.Series(kind).mask(rng.random(n) < 0.05),
            "legs": np.round(np.log(size)).astype(int) * 2 + rng.integers(0, 2, n),
            "noise": rng.normal(size=n).round(2),
        }
    )


def with_errors(table, seed=0):
    """``table`` with one wrong value in each row, and the names of the columns that these are
    in; each value by itself is usual."""
    found, names = table.copy(), [PLANTED[i % len(PLANTED)] for i in range(len(table))]
    middle = table.median(numeric_only=True)
    for i, name in enumerate(names):
        value = table.loc[i, name]
        if name == "kind":
            found.loc[i, name] = "small" if value == "big" else "big"
        elif name == "legs":
            found.loc[i, name] = 12 - value
        else:
            found.loc[i, name] = round(value * (15 if value < middle[name] else 1 / 15), 1)
    return found, np.array(names)


@pytest.fixture(scope="module")
def arm():
    return small("arm", width=48, steps=120, lr=1e-2, batch_size=128).fit(rows(800, 0))


def named(model):
    wrong, names = with_errors(rows(60, 1))
    usual = open_data(rows(200, 0), like=model.spec_)
    found = find_outliers(
        model, open_data(wrong, like=model.spec_), Reference(usual, usual, "rows", True)
    )
    assert np.isfinite(found.table["surprise"]).all()
    return (found.table.sort_values("index")["column"].to_numpy() == names).mean()


def test_planted_errors_are_named_by_conditionals(arm):
    assert named(arm) > 0.8


def test_planted_errors_are_named_by_what_comes_back():
    assert named(small("vae", steps=200).fit(rows(600, 0))) > 0.4  # one in five by chance


def test_a_conditional_adds_up_to_one(arm):
    some = rows(40, 2)
    total = np.zeros(40)
    for level in ("big", "small", None):
        scores = arm.score_columns(some.assign(kind=pd.Series([level] * 40, dtype=object)))
        assert scores.shape == (40, 5)
        total += np.exp(scores[:, 2])
    np.testing.assert_allclose(total, 1, atol=1e-5)


def test_of_two_columns_the_rest_is_the_others_own(arm):
    """log p(x) - log p(x_2 | x_1) = log p(x_1), whatever x_2 is; of arrays too."""
    data = gaussian_table(200, 2)
    model = small("arm").fit(data)
    swapped = np.stack([data[:, 0], data[::-1, 1]], 1)
    alone = [model.score_samples(x) - model.score_columns(x)[:, 1] for x in (data, swapped)]
    np.testing.assert_allclose(*alone, rtol=1e-4)


def test_models_that_tell_nothing_of_columns_name_none():
    data = open_data(gaussian_table(60, 3))
    usual = Reference(data, data, "rows", True)
    assert by_column(small("gmm").fit(data), data, usual) is None
    images = open_data(blobs(20))
    model = small("ppca").fit(images)
    assert by_column(model, images, Reference(images, images, "images", True)) is None


def test_values_are_written_as_in_the_data():
    data = open_data(
        rows(50, 0).assign(on=pd.Timestamp("2020-01-01") + pd.to_timedelta(range(50), unit="D"))
    )
    row = data.values[3]
    table = rows(50, 0)
    shown = [value_of(row, i, data.spec) for i in range(6)]
    assert shown[1] == f"fare {table.fare[3]}"
    assert shown[2:4] == [f"kind {table.kind[3]}", f"legs {table.legs[3]}"]
    assert shown[5].startswith("on 2020-01-04")
    assert value_of(np.full(6, np.nan), 2, data.spec) == "kind missing"


def test_the_command_names_the_value(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows(300, 0).to_csv("t.csv", index=False)
    rows(20, 1).assign(fare=lambda t: t.fare.where(t.index != 7, 9000.5)).to_csv(
        "u.csv", index=False
    )
    assert run(["fit", "ppca", "t.csv", "--latent-dim", "2", "--out", "r"], debug=False) == 0
    assert run(["outliers", "r", "u.csv"], debug=False) == 0
    assert "given the others (" in capsys.readouterr().out
    table = pd.read_csv("outliers.csv").set_index("index")
    assert table.loc[7, "column"] == "fare"
    assert set(table["column"]) <= set(rows(1, 0))
    assert (table["surprise"] > 0).all()
