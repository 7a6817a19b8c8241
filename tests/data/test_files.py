import gzip
import io
import json
import struct
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from genlearn.core.errors import UserError
from genlearn.core.spec import ImageSpec
from genlearn.data import open_data, splits

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)


def encoded(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def idx(values):
    return (
        struct.pack(">BBBB", 0, 0, 8, values.ndim)
        + struct.pack(f">{values.ndim}I", *values.shape)
        + values.tobytes()
    )


@pytest.mark.parametrize("plain", [True, False])
def test_images_in_parquet(plain, noise, tmp_path):
    cells = [encoded(noise("RGB", (6, 5), i)) for i in range(4)]
    cells[2] = b"broken"
    column = cells if plain else [{"bytes": cell, "path": None} for cell in cells]
    table = pa.table({"image": column, "label": [0, 1, 2, 1], "text": ["a", "b", "c", "d"]})
    if not plain:
        features = {
            "info": {"features": {"label": {"names": ["cat", "dog", "eel"], "_type": "ClassLabel"}}}
        }
        table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    parquet.write_table(table, tmp_path / "train.parquet")
    (tmp_path / "classes.txt").write_text("cat\ndog\neel\n")
    data = open_data(tmp_path)
    assert data.values.shape == (3, 5, 6, 3)
    assert data.spec.classes == ("cat", "dog", "eel")
    assert data.labels.tolist() == [0, 1, 1]
    assert data.captions == ["a", "b", "d"]
    assert data.notes == ("1 unreadable files left out: row 2 (not an image that can be read)",)


def test_csv_of_paths(save, tmp_path):
    for name in ("pics/a.png", "pics/b.png"):
        save(name)
    (tmp_path / "list.csv").write_text("path,label\npics/b.png,x\npics/a.png,y\npics/c.png,y\n")
    data = open_data(tmp_path / "list.csv")
    assert data.names == ["pics/b.png", "pics/a.png"]
    assert data.labels.tolist() == [0, 1]
    assert "pics/c.png (missing)" in data.notes[0]


def test_npy_is_mapped(tmp_path):
    np.save(tmp_path / "a.npy", IMAGES)
    data = open_data(tmp_path / "a.npy")
    assert isinstance(data.values, np.memmap)
    np.testing.assert_array_equal(data.values, IMAGES)
    x, _ = data.batch(np.array([3, 1]))
    assert x.shape == (2, 1, 4, 3)


@pytest.mark.parametrize(
    ("keys", "names"), [(("x", "y"), []), (("images", "labels"), []), (("pixels", "target"), [])]
)
def test_npz(keys, names, tmp_path):
    np.savez(tmp_path / "a.npz", **{keys[1]: np.array([1, 0, 1, 0, 2]), keys[0]: IMAGES})
    data = open_data(tmp_path / "a.npz")
    assert splits(tmp_path / "a.npz") == names
    assert data.labels.tolist() == [1, 0, 1, 0, 2]


def test_npz_with_splits(tmp_path):
    np.savez(
        tmp_path / "a.npz",
        x_train=IMAGES,
        y_train=np.arange(5),
        x_test=IMAGES[:2],
        y_test=np.arange(2),
    )
    assert splits(tmp_path / "a.npz") == ["train", "test"]
    assert len(open_data(tmp_path)) == 5
    assert open_data(tmp_path / "a.npz", split="test").labels.tolist() == [0, 1]


@pytest.mark.parametrize("packed", [True, False])
def test_idx(packed, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name, values in (
        ("train-images-idx3", IMAGES),
        ("train-labels-idx1", np.arange(5, dtype=np.uint8)),
        ("t10k-images-idx3", IMAGES[:2]),
    ):
        content = idx(values)
        (folder / f"{name}-ubyte{'.gz' * packed}").write_bytes(
            gzip.compress(content) if packed else content
        )
    (folder / "README.md").write_text("mine")
    assert splits(folder) == ["train", "test"]
    data = open_data(folder)
    assert data.notes == ("1 other files not read: README.md",)
    np.testing.assert_array_equal(data.values, IMAGES)
    assert isinstance(data.values, np.memmap)
    assert data.labels.tolist() == [0, 1, 2, 3, 4]
    assert open_data(folder, split="test").labels is None
    assert open_data(folder / f"train-images-idx3-ubyte{'.gz' * packed}").labels is not None


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.idx", b"hello world", "not an IDX file"),
        ("a.idx", idx(IMAGES)[:-3], "damaged"),
        ("a.idx.gz", gzip.compress(idx(IMAGES), mtime=0)[:-9], "damaged"),
        ("a.npy", b"hello", "cannot be read"),
        ("a.npz", b"hello", "cannot be read"),
        ("a.parquet", b"hello", "cannot be read as parquet"),
        ("a.arrow", b"hello", "cannot be read as arrow"),
        ("a.json", b"hello", "cannot be read as json"),
        ("a.csv", b"\xff\xfe\x00", "cannot be read as csv"),
        ("a.zip", b"hello", "cannot be unpacked"),
        ("a.tar", b"hello", "cannot be unpacked"),
        ("a.csv", b"", "is empty"),
        ("a.idx", b"", "is empty"),
        ("a.docx", b"hello", "of a kind that cannot be read"),
    ],
)
def test_bad_files(name, content, message, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        open_data(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_npz_of_objects(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{}, {}], dtype=object))
    with pytest.raises(UserError, match="without Python objects"):
        open_data(tmp_path / "a.npz")


def test_zip_of_class_folders(noise, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i, name in enumerate(("cat/1.png", "dog/2.png", "dog/3.png", "__MACOSX/._1.png")):
            archive.writestr(f"pets/{name}" if i < 3 else name, encoded(noise("RGB", (4, 4), i)))
    data = open_data(tmp_path / "a.zip")
    assert data.labels.tolist() == [0, 1, 1]
    assert data.spec.classes == ("cat", "dog")
    np.testing.assert_array_equal(data.values[1], np.asarray(noise("RGB", (4, 4), 1)))


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_webdataset(mode, noise, tmp_path):
    with tarfile.open(tmp_path / ("a.tar" + mode[1:].replace(":", ".")), mode) as archive:
        for i in (2, 0, 1):
            for suffix, content in (
                ("png", encoded(noise("RGB", (4, 4), i))),
                ("txt", f"number {i}".encode()),
                ("cls", str(i % 2).encode()),
            ):
                info = tarfile.TarInfo(f"{i:04}.{suffix}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    data = open_data(next(tmp_path.glob("a.tar*")))
    assert data.names == ["0002.png", "0000.png", "0001.png"]
    assert data.captions == ["number 2", "number 0", "number 1"]
    assert data.labels.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(data.values[0], np.asarray(noise("RGB", (4, 4), 2)))


def test_digits_are_always_there(monkeypatch):
    monkeypatch.delenv("GENLEARN_DATA", raising=False)
    data = open_data("digits")
    assert isinstance(data.spec, ImageSpec)
    assert (data.values.shape, data.values.dtype) == ((1797, 8, 8), np.uint8)
    assert (data.spec.low, data.spec.high, data.spec.levels) == (0, 16, 17)


def test_named_sets_lie_under_the_data_folder(save, tmp_path, monkeypatch):
    save("home/birds/a.png")
    monkeypatch.setenv("GENLEARN_DATA", str(tmp_path / "home"))
    assert len(open_data("birds")) == 1
    with pytest.raises(UserError, match=r"one would be in .*/home/brids\); did you mean 'birds'\?"):
        open_data("brids")
