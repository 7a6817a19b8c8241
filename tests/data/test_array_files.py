"""Files of arrays: the one that can be examples is read, and what else is there is told."""

import io
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from genlearn.core.errors import UserError
from genlearn.data import open_data

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
TABLE = np.random.default_rng(0).random((5, 2))


@pytest.mark.parametrize(
    ("arrays", "key", "others"),
    [
        (
            {"metadata": np.array([{}], object), "imgs": PICTURES, "latents": TABLE},
            "imgs",
            "latents",
        ),
        ({"ids": np.arange(5), "faces": PICTURES}, "faces", "ids"),
        ({"weights": np.ones((4, 4)), "X_data": TABLE}, "X_data", "weights"),
        ({"classes_of_it": np.arange(5), "train_images": PICTURES}, "train_images", ""),
    ],
)
def test_the_array_that_is_examples(arrays, key, others, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays)
    data = open_data(tmp_path / "a.npz")
    np.testing.assert_array_equal(data.values, arrays[key])
    assert not others or (
        f"'{key}' is read, and not" in data.notes[-1] and others in data.notes[-1]
    )


def test_another_array(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, a=TABLE, b=PICTURES, kinds=[0, 1, 0, 1, 2], y=[0, 0, 0, 0, 1])
    with pytest.raises(UserError, match=r"several arrays .*a \(5, 2\) float64.*say which by key"):
        open_data(path)
    data = open_data(path, key="b", label="kinds")
    np.testing.assert_array_equal(data.values, PICTURES)
    assert data.spec.classes == ("0", "1", "2")
    assert data.asked == {"key": "b", "label": "kinds"}
    with pytest.raises(UserError, match="did you mean 'kinds'"):
        open_data(path, key="b", label="kindz")
    with pytest.raises(UserError, match="key='c' was given"):
        open_data(path, key="c")


@pytest.mark.parametrize("suffix", ["npy", "npz"])
@pytest.mark.parametrize(
    "values",
    [
        np.asfortranarray(TABLE),
        TABLE.astype(">f4"),
        TABLE.astype("f2"),
        TABLE.astype(np.longdouble),
    ],
    ids=["Fortran", "big-endian", "half", "long"],
)
def test_arrays_of_other_machines(values, suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    np.savez(path, x=values) if suffix == "npz" else np.save(path, values)
    data = open_data(path)
    np.testing.assert_array_equal(data.values, values)
    x, _ = data.batch(np.arange(5))
    assert x.shape == (5, 2)


def test_structured_arrays_are_tables(tmp_path):
    values = np.array([(1, 2.5), (2, 3.5)], dtype=[("a", "i4"), ("b", "f8")])
    np.save(tmp_path / "a.npy", values)
    for given in (values, tmp_path / "a.npy"):
        assert open_data(given).spec.columns == ("a", "b")
        kinds = [field.kind for field in open_data(given).spec.fields]
        assert kinds == ["integer", "continuous"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (TABLE * 1j, "Complex data not supported"),
        (np.array(3.0), r"shape \(\)"),
        (np.array([{}], object), "without Python objects"),
        (np.array([["a", "b"]]), "not numbers"),
    ],
)
def test_arrays_that_are_no_examples(values, message, tmp_path):
    np.savez(tmp_path / "a.npz", x=values)
    with pytest.raises(UserError, match=message):
        open_data(tmp_path / "a.npz")


@pytest.mark.parametrize("turned", [np.ascontiguousarray, np.asfortranarray])
def test_arrays_in_archives_are_read_piece_by_piece(turned, tmp_path, monkeypatch):
    monkeypatch.setattr("genlearn.data.sources.npy._PIECE", 7)
    monkeypatch.setattr("genlearn.data.dataset._IN_MEMORY_BYTES", 16)
    np.savez_compressed(tmp_path / "a.npz", x=turned(PICTURES), y=list("abbab"))
    data = open_data(tmp_path / "a.npz")
    np.testing.assert_array_equal(data.values, PICTURES)
    assert data.labels.tolist() == [0, 1, 1, 0, 1]


def test_an_archive_that_asks_for_more_than_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr("genlearn.data.dataset._IN_MEMORY_BYTES", 1000)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=10_000))
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((100, 30, 30)))
    with pytest.raises(UserError, match=r"a\.npz: no room left in .* takes 720 kB, and 10 kB are"):
        open_data(tmp_path / "a.npz")


def test_an_array_shorter_than_it_announces(tmp_path):
    head = io.BytesIO()
    about = {"descr": "<f8", "fortran_order": False, "shape": (10**12, 4)}
    np.lib.format.write_array_header_1_0(head, about)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", head.getvalue())
    with pytest.raises(UserError, match="it is cut short"):
        open_data(tmp_path / "a.npz")
