"""One small good input of each kind that is read, in a folder of its own: what to read, which file
in it to change, and how."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

_ROWS, _SIDE = 8, 6
_rng = np.random.default_rng(0)


@dataclass(frozen=True)
class Input:
    """``source``: what is read; ``file``: what is changed, as it was written."""

    kind: str
    source: Path
    file: Path


def inputs(folder: Path) -> Iterator[Input]:
    """All of them, written into ``folder``."""
    for kind, make in (_IMAGES | _TABLES | _ARRAYS | _ARCHIVES | _DESCRIPTIONS).items():
        place = folder / kind.replace(" ", "-")
        place.mkdir(parents=True)
        source, file = make(place)
        yield Input(kind, source, file)


def _pixels(*shape: int) -> np.ndarray:
    return _rng.integers(0, 256, shape or (_SIDE, _SIDE, 3), dtype=np.uint8)


def _image(suffix: str, **how: object) -> Callable[[Path], tuple[Path, Path]]:
    def make(place: Path) -> tuple[Path, Path]:
        for i in range(3):
            Image.fromarray(_pixels()).save(place / f"{i}.{suffix}", **how)
        return place, place / f"1.{suffix}"

    return make


def _frames(place: Path) -> tuple[Path, Path]:
    frames = [Image.fromarray(_pixels()) for _ in range(3)]
    frames[0].save(place / "a.gif", save_all=True, append_images=frames[1:])
    return place, place / "a.gif"


def _frame() -> pd.DataFrame:
    frame = pd.DataFrame(_rng.normal(size=(_ROWS, 3)).round(3), columns=["a", "b", "c"])
    return frame.assign(n=range(_ROWS), label=["x", "y"] * (_ROWS // 2))


def _text_table(suffix: str, separator: str) -> Callable[[Path], tuple[Path, Path]]:
    def make(place: Path) -> tuple[Path, Path]:
        file = place / f"t.{suffix}"
        _frame().to_csv(file, sep=separator, index=False)
        return file, file

    return make


def _json_lines(place: Path) -> tuple[Path, Path]:
    file = place / "t.jsonl"
    _frame().to_json(file, orient="records", lines=True)
    return file, file


def _json(place: Path) -> tuple[Path, Path]:
    file = place / "t.json"
    _frame().to_json(file, orient="records")
    return file, file


def _parquet(place: Path) -> tuple[Path, Path]:
    file = place / "t.parquet"
    _frame().to_parquet(file)
    return file, file


def _npy(place: Path) -> tuple[Path, Path]:
    file = place / "x.npy"
    np.save(file, _pixels(_ROWS, _SIDE, _SIDE))
    return file, file


def _npz(place: Path) -> tuple[Path, Path]:
    file = place / "x.npz"
    np.savez(file, images=_pixels(_ROWS, _SIDE, _SIDE), labels=np.arange(_ROWS) % 2)
    return file, file


def _idx(place: Path) -> tuple[Path, Path]:
    x, y = _pixels(_ROWS, _SIDE, _SIDE), np.arange(_ROWS, dtype=np.uint8) % 2
    head = struct.pack(">4B3I", 0, 0, 8, 3, *x.shape)
    (place / "train-images-idx3-ubyte").write_bytes(head + x.tobytes())
    labels = struct.pack(">4BI", 0, 0, 8, 1, _ROWS) + y.tobytes()
    (place / "train-labels-idx1-ubyte").write_bytes(labels)
    return place, place / "train-images-idx3-ubyte"


def _idx_gz(place: Path) -> tuple[Path, Path]:
    x = _pixels(_ROWS, _SIDE, _SIDE)
    file = place / "train-images-idx3-ubyte.gz"
    file.write_bytes(gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, *x.shape) + x.tobytes()))
    return place, file


def _members() -> Iterator[tuple[str, bytes]]:
    for i in range(4):
        content = io.BytesIO()
        Image.fromarray(_pixels()).save(content, "PNG")
        yield f"{'ab'[i % 2]}/{i}.png", content.getvalue()


def _zip(place: Path) -> tuple[Path, Path]:
    file = place / "x.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _members():
            archive.writestr(name, content)
    return file, file


def _tar(suffix: str, mode: str) -> Callable[[Path], tuple[Path, Path]]:
    def make(place: Path) -> tuple[Path, Path]:
        file = place / f"x.{suffix}"
        with tarfile.open(file, mode) as archive:  # type: ignore[call-overload]
            for name, content in _members():
                about = tarfile.TarInfo(name)
                about.size = len(content)
                archive.addfile(about, io.BytesIO(content))
        return file, file

    return make


def _beside(name: str, content: bytes) -> Callable[[Path], tuple[Path, Path]]:
    """A folder of images that the file ``name`` describes."""

    def make(place: Path) -> tuple[Path, Path]:
        for i in range(4):
            Image.fromarray(_pixels()).save(place / f"{i}.png")
        (place / name).write_bytes(content)
        return place, place / name

    return make


def _lines_of(*lines: str) -> bytes:
    return "\n".join(lines).encode()


_IMAGES = {
    "png": _image("png"),
    "jpg": _image("jpg"),
    "webp": _image("webp"),
    "tif": _image("tif", compression="tiff_lzw"),
    "bmp": _image("bmp"),
    "gif": _frames,
}
_TABLES = {
    "csv": _text_table("csv", ","),
    "csv semicolon": _text_table("csv", ";"),
    "tsv": _text_table("tsv", "\t"),
    "jsonl": _json_lines,
    "json": _json,
    "parquet": _parquet,
}
_ARRAYS = {"npy": _npy, "npz": _npz, "idx": _idx, "idx gz": _idx_gz}
_ARCHIVES = {"zip": _zip, "tar": _tar("tar", "w"), "tgz": _tar("tgz", "w:gz")}
_DESCRIPTIONS = {
    "metadata csv": _beside(
        "metadata.csv",
        _lines_of("file_name,text,label", *(f"{i}.png,a dog {i},{'xy'[i % 2]}" for i in range(4))),
    ),
    "metadata jsonl": _beside(
        "metadata.jsonl",
        _lines_of(*(json.dumps({"file_name": f"{i}.png", "text": f"a {i}"}) for i in range(4))),
    ),
    "classes": _beside("classes.txt", _lines_of("cat", "dog")),
    "dataset json": _beside(
        "dataset.json", json.dumps({"labels": [[f"{i}.png", i % 2] for i in range(4)]}).encode()
    ),
}
