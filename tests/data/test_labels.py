"""Classes keep their names, wherever the data goes; what is no class is told."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from pyarrow import parquet

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.data import inspect_data, open_data
from genlearn.data.split import hold_out
from genlearn.data.validation import with_validation

ONES = np.ones((6, 2))


def fruit(save, **parts):
    for part, classes in parts.items():
        for name, count in classes.items():
            for i in range(count):
                save(f"set/{part}/{name}/{i}.png" if name else f"set/{part}/{i}.png", seed=i)


def test_held_out_classes_are_numbered_by_name(save, tmp_path):
    fruit(
        save,
        train={"apple": 20, "banana": 20, "cherry": 20},
        test={"banana": 12, "durian": 3},
    )
    told = []
    split = hold_out(str(tmp_path / "set"), tell=told.append)
    assert split.train.spec.classes == ("apple", "banana", "cherry")
    assert split.held_out.spec.classes == ("apple", "banana", "cherry", "durian")
    assert np.bincount(split.held_out.labels).tolist() == [0, 12, 0, 3]
    assert any("3 of 15 held-out examples" in line and "durian" in line for line in told)
    assert open_data(str(tmp_path / "set"), split="test").spec.classes == ("banana", "durian")


@pytest.mark.parametrize(
    ("with_classes", "told"), [("test", "only the held-out part has"), ("train", "has no classes")]
)
def test_classes_of_one_part_alone(with_classes, told, save, tmp_path):
    kinds = {"train": {"": 40}, "test": {"": 20}}
    kinds[with_classes] = {"a": 20, "b": 20}
    fruit(save, **kinds)
    lines = []
    split = hold_out(str(tmp_path / "set"), tell=lines.append)
    assert split.held_out.labels is None
    assert any(told in line for line in lines)
    assert bool(split.train.spec.classes) == (with_classes == "train")


def test_own_classes_outlive_conforming():
    train = open_data(ONES, labels=list("aabbcc"))
    data = open_data(ONES, labels=list("cxcxbb"), like=train.spec)
    assert data.spec.classes == ("a", "b", "c", "x")
    assert data.labels.tolist() == [2, 3, 2, 3, 1, 1]
    given = open_data(ONES, labels=list("cxcxbb"))
    assert open_data(given, like=train.spec).labels.tolist() == data.labels.tolist()
    plain = open_data(ONES)
    assert open_data(given, like=plain.spec).spec.classes == ("b", "c", "x")


def test_validation_is_numbered_by_name():
    data = open_data(np.random.default_rng(0).random((6, 2)), labels=list("aabbcc"))
    _, watched, _ = with_validation(data, (ONES, list("cccccb")), 0)
    assert watched.labels.tolist() == [2, 2, 2, 2, 2, 1]
    assert watched.spec == data.spec
    with pytest.raises(UserError, match="class 'x'"):
        with_validation(data, (ONES, list("cccccx")), 0)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([1, np.nan] * 3, "3 of 6 are missing"),
        (["a", None] * 3, "3 of 6 are missing"),
        (["a", ""] * 3, "3 of 6 are missing"),
        (["a", "  "] * 3, "3 of 6 are missing"),
        (pd.array([1, pd.NA] * 3, dtype="Int64"), "3 of 6 are missing"),
        (pd.array(["a", pd.NA] * 3), "3 of 6 are missing"),
        ([-1] * 6, "6 of 6 are missing"),
        ([0.5, 1.5] * 3, "they are fractions"),
        ([1, np.inf] * 3, "they are fractions"),
    ],
)
def test_what_is_no_class(labels, told):
    data = open_data(ONES, labels=labels)
    assert data.labels is None
    assert told in data.notes[0]


@pytest.mark.parametrize(
    ("labels", "classes", "told"),
    [
        ([1.0, 2.0] * 3, ("1", "2"), ""),
        ([-1, 1] * 3, ("-1", "1"), ""),
        ([-1, 0, 1, 2, 0, 1], ("-1", "0", "1", "2"), "-1 is taken as a class"),
        (["a ", "a", "A"] * 2, ("A", "a"), "blanks around class names"),
        (["a", "A"] * 3, ("A", "a"), "differ by case"),
        (np.array([1, "1", "b"] * 2, object), ("1", "b"), "are one class"),
        (pd.array([1, 2] * 3, dtype="Int64"), ("1", "2"), ""),
        (pd.Categorical(list("abab") + ["a"] * 2, categories=list("zab")), ("a", "b"), ""),
        ([True, False] * 3, ("0", "1"), ""),
    ],
)
def test_what_is_one(labels, classes, told):
    data = open_data(ONES, labels=labels)
    assert data.spec.classes == classes
    assert any(told in note for note in (*data.notes, ""))


@pytest.mark.parametrize("absent", [None, -1, float("nan")])
def test_labels_that_a_torch_set_lacks(absent):
    class Items(torch.utils.data.Dataset):
        classes = ("cat", "dog")

        def __len__(self):
            return 6

        def __getitem__(self, index):
            return torch.ones(2), absent if index > 3 else index % 2

    data = open_data(Items())
    assert data.labels is None
    assert "2 of 6 are missing" in data.notes[0]


def test_names_known_for_numbers(tmp_path):
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    for name, labels, classes in (
        ("a", [0, 1, 1], ("cat", "dog")),
        ("b", ["dog", "dog", "dog"], ("cat", "dog")),
        ("c", [0, 1, 2], ("0", "1", "2")),
    ):
        np.savez(tmp_path / f"{name}.npz", x=np.ones((3, 2)), y=labels)
        assert open_data(tmp_path / f"{name}.npz").spec.classes == classes
    assert "names are not used" in open_data(tmp_path / "c.npz").notes[0]


@pytest.mark.parametrize("first", [(1, 2, 3), (10, 20, 30)])
def test_a_number_is_a_name_where_names_are_numbers(first):
    model = gl.Flow(steps=1)
    model.classes_in_ = tuple(map(str, first))
    assert [model.class_index(name) for name in (first[1], str(first[1]), float(first[1]))] == [
        1
    ] * 3
    with pytest.raises(UserError, match="no class is called '0'"):
        model.class_index(0)
    model.classes_in_ = ("apple", "banana")
    assert model.class_index("1") == 1
    with pytest.raises(UserError, match="no class is called '2'"):
        model.class_index("2")


def test_equal_column_names_are_one_clear_error(tmp_path):
    frame = pd.DataFrame(np.ones((9, 3)), columns=["a", "b", "a"])
    numbers = pd.DataFrame(np.ones((9, 2)), columns=[0, "0"])
    table = pa.table([pa.array([1.5, 2.5])] * 2, names=["a", "a"])
    parquet.write_table(table, tmp_path / "t.parquet")
    for read in (
        lambda: open_data(frame),
        lambda: inspect_data(frame),
        lambda: gl.PPCA(latent_dim=1).fit(frame),
        lambda: open_data(numbers),
        lambda: open_data(tmp_path / "t.parquet"),
    ):
        with pytest.raises(UserError, match=r"both called '[a0]'"):
            read()


def test_numbers_whatever_they_are_stored_as(tmp_path):
    price = pa.array([Decimal("1.50"), Decimal("2.25")] * 3, pa.decimal128(8, 2))
    flag = pa.array([True, None] * 3)
    parquet.write_table(pa.table({"price": price, "flag": flag}), tmp_path / "t.parquet")
    report = inspect_data(tmp_path / "t.parquet")
    assert [(c.name, c.low, c.missing) for c in report.columns] == [
        ("price", 1.5, 0),
        ("flag", 1, 3),
    ]
    objects = pd.Series([1, 2.5, Decimal("1.5"), True, np.bool_(False), 3], dtype=object)
    frame = pd.DataFrame(
        {
            "objects": objects,
            "boolean": pd.array([True, False] * 3, dtype="boolean"),
            "sparse": pd.arrays.SparseArray([0, 0, 1.5, 0, 0, 2]),
            "arrow": pd.array([Decimal("1.5")] * 6, dtype=pd.ArrowDtype(pa.decimal128(5, 2))),
        }
    )
    assert open_data(frame).spec.columns == tuple(frame.columns)
    np.testing.assert_array_equal(open_data(frame).values[:, 0], [1, 2.5, 1.5, 1, 0, 3])


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pd.Series([1, "a", 2.5, None] * 10, dtype=object), "they mix float and int and str"),
        (pd.Series([None] * 40, dtype=object), "they are empty"),
        (list(map(str, range(40))), "they are text, though of numbers"),
        ([f"p{i}" for i in range(40)], "they name the rows"),
        ([f"a story of {i} parts" for i in range(40)], "they are free text"),
        (np.ones(40) * 1j, "they are neither numbers nor text"),
    ],
)
def test_columns_left_out_are_named_with_the_reason(column, reason):
    data = open_data(pd.DataFrame({"x": np.arange(40) % 9, "left": column}))
    assert data.spec.columns == ("x",)
    assert data.notes[0].startswith(f"columns left out, {reason}")
    assert data.notes[0].endswith(": left")


def test_a_column_that_numbers_the_rows_is_left_out_where_it_is_called_so():
    for name in ("id", "ID", "PassengerId", "row_nr", "Index", "user id"):
        frame = pd.DataFrame({name: range(7, 47), "x": np.arange(40) % 9})
        assert open_data(frame).notes == (f"columns left out, they number the rows: {name}",)
    for name in ("year", "humid", "n"):
        frame = pd.DataFrame({name: range(1980, 2020), "x": np.arange(40) % 9})
        assert open_data(frame).spec.columns == (name, "x")


def test_whole_numbers_that_are_rounded_are_told():
    frame = pd.DataFrame({"n": [2**60 + 1, 3], "x": [0.5, 1.5]})
    assert "are rounded: n" in open_data(frame).notes[0]


def test_other_columns_in_another_order():
    train = open_data(pd.DataFrame({"a": [1.5, 2], "b": [3.0, 4]}))
    data = open_data(pd.DataFrame({"z": [0, 0], "b": [3, 5], "a": [1, 2]}), like=train.spec)
    assert data.values.tolist() == [[1, 3], [2, 5]]
    assert data.values.dtype == np.float64
    assert "z" in data.notes[-1]
