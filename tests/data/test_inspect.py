import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genlearn.data import inspect_data, open_data


def test_report_on_a_folder(save, tmp_path, noise):
    for name in ("cat/a.png", "dog/b.png"):
        save(name)
    noise("RGB", (8, 8), 1).save(tmp_path / "dog" / "c.png")
    noise("RGB", (8, 8), 1).save(tmp_path / "dog" / "same.png")
    save("dog/d.png", size=(9, 9))
    (tmp_path / "dog" / "e.png").write_bytes(b"")
    report = inspect_data(tmp_path)
    assert (report.count, report.kind, report.shape, report.levels) == (5, "images", (8, 8, 3), 256)
    assert report.sizes == {"8x8": 4, "9x9": 1}
    assert report.classes == {"cat": 1, "dog": 4}
    assert report.unreadable == [("dog/e.png", "empty")]
    assert report.duplicates == [["dog/c.png", "dog/same.png"]]
    text = "\n".join(report.lines())
    for fact in (
        "5 images of 8x8, RGB",
        "sizes: 8x8 4, 9x9 1",
        "2 classes: cat 1, dog 4",
        "unreadable: dog/e.png (empty)",
        "1 duplicates",
    ):
        assert fact in text
    assert json.loads(json.dumps(report.to_json()))["count"] == 5


def test_report_on_a_table_with_missing_values():
    frame = pd.DataFrame({"a": [1.0, None, 3.0, 3.0], "same": [2, 2, 2, 2], "void": [np.nan] * 4})
    report = inspect_data(frame)
    assert [column.missing for column in report.columns] == [1, 0]
    assert report.notes == ("columns left out, they are empty: void",)
    assert report.columns[1].constant
    assert report.duplicates == [["2", "3"]]
    assert "  same: integer, 2 to 2, mean 2, constant" in report.lines()
    assert isinstance(report.contact_sheet(), Image.Image)


@pytest.mark.parametrize(
    "shape", [(70, 8, 8), (3, 150, 40, 3), (2, 5, 5, 4), (4, 5, 5, 2), (1, 1, 1)]
)
def test_contact_sheets(shape):
    values = np.random.default_rng(0).random(shape)
    assert inspect_data(values).contact_sheet().mode == "RGB"
    assert inspect_data(values, labels=np.arange(len(values)) % 12).contact_sheet().width > 40


def test_images_with_missing_values_are_reported():
    values = np.random.default_rng(0).random((3, 4, 4))
    values[1, 2, 2] = np.nan
    report = inspect_data(values)
    assert (
        "note: 1 values are NaN or infinite (inf), in 1 of 3 examples (images 1)" in report.lines()
    )
    assert (report.high <= 1, report.levels) == (True, None)


def test_a_dataset_is_reported_as_it_is():
    data = open_data(np.eye(3))
    assert inspect_data(data).data is data
    assert inspect_data(data).lines()[0] == "3 rows of 3 columns, float64"


def test_captions(save, tmp_path):
    save("a.png")
    (tmp_path / "metadata.csv").write_text(
        "file_name,text\na.png,a very long caption that no tile can hold\n"
    )
    report = inspect_data(tmp_path)
    assert report.captions == 1
    assert "1 captions: a very long" in "\n".join(report.lines())
    assert report.contact_sheet().height > 80
