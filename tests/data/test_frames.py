"""Tables: data-frames, and the files that hold them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from genlearn.core.errors import UserError
from genlearn.core.spec import TableSpec
from genlearn.data import open_data, splits

FRAME = pd.DataFrame(
    {
        "age": [20, 30, 40, 50],
        "height": [1.5, 1.6, 1.7, 1.8],
        "tall": [False, False, True, True],
        "name": list("abcd"),
        "class": list("xyxy"),
    }
)


def test_data_frame():
    data = open_data(FRAME)
    assert isinstance(data.spec, TableSpec)
    assert data.spec.columns == ("age", "height", "tall", "name", "class")
    kinds = [field.kind for field in data.spec.fields]
    assert kinds == ["integer", "continuous", "boolean", "category", "category"]
    np.testing.assert_array_equal(data.values[:, 2], [0, 0, 1, 1])
    assert data.labels is None
    assert not data.notes


def test_a_column_of_classes():
    data = open_data(FRAME, label="class")
    assert data.spec.columns == ("age", "height", "tall", "name")
    assert data.spec.classes == ("x", "y")
    assert data.labels.tolist() == [0, 1, 0, 1]
    assert data.notes == ("column 'class' gives the classes",)
    assert open_data(FRAME, label="name").spec.classes == ("a", "b", "c", "d")
    # beside numbers alone the name is enough
    numbers = FRAME.drop(columns="name")
    assert open_data(numbers).labels.tolist() == [0, 1, 0, 1]
    assert open_data(numbers, kinds={"class": "category"}).labels is None


def test_a_continuous_target_stays_a_feature():
    assert open_data(pd.DataFrame({"x": [1, 2], "target": [0.5, 1.5]})).spec.columns == (
        "x",
        "target",
    )


def test_missing_values_are_counted_by_column():
    frame = FRAME.assign(
        height=[1.5, None, None, np.inf], age=pd.array([1, None, 3, 4], dtype="Int64")
    )
    data = open_data(frame.drop(columns="height"))
    assert np.isnan(data.values).sum(0).tolist() == [1, 0, 0, 0]
    with pytest.raises(UserError, match=r"infinite .* height: 1"):
        open_data(frame)


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (pd.DataFrame({"name": [[1], [2]]}), {}, "no column that a distribution"),
        (FRAME.head(0), {}, "no rows"),
        (FRAME, {"label": "nmae"}, "did you mean 'name'"),
        (FRAME, {"label": "height"}, "fractions"),
        (FRAME, {"binarise": "threshold"}, "binarise was given; it is for images"),
    ],
)
def test_bad_frames(frame, options, message):
    with pytest.raises(UserError, match=message):
        open_data(frame, **options)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "json", "jsonl", "arrow"])
def test_tables_in_files(suffix, tmp_path):
    path = tmp_path / f"people.{suffix}"
    if suffix in ("csv", "tsv"):
        FRAME.to_csv(path, sep="\t" if suffix == "tsv" else ";")
    elif suffix == "parquet":
        FRAME.to_parquet(path)
    elif suffix == "arrow":
        write_arrow(path, pa.ipc.new_file)
    else:
        FRAME.to_json(path, orient="records", lines=suffix == "jsonl")
    data = open_data(path, label="class")
    assert data.spec.classes == ("x", "y")
    np.testing.assert_array_equal(data.values, open_data(FRAME, label="class").values)


def write_arrow(path, writer_of):
    table = pa.Table.from_pandas(FRAME)
    with pa.OSFile(str(path), "wb") as file, writer_of(file, table.schema) as writer:
        writer.write_table(table)


def test_arrow_streams(tmp_path):
    write_arrow(tmp_path / "a.arrow", pa.ipc.new_stream)
    assert open_data(tmp_path / "a.arrow", label="class").labels.tolist() == [0, 1, 0, 1]


def test_csv_without_names(tmp_path):
    (tmp_path / "a.csv").write_text("1,2.5\n3,4\n")
    assert open_data(tmp_path / "a.csv").values.tolist() == [[1, 2.5], [3, 4]]


def test_a_folder_of_tables_has_splits(tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001"):
        FRAME.to_parquet(tmp_path / "data" / f"{name}.parquet")
    assert splits(tmp_path) == ["train", "test"]
    assert len(open_data(tmp_path)) == 8
    assert len(open_data(tmp_path, split="test")) == 4
