"""Results are written as they are made: what was drawn is on disk before the next part is, and
files are whole or not there."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from forked import preloaded
from helpers import blobs, gaussian_table, small
from PIL import Image

import genlearn as gl
from genlearn.cli.commands.sample import CHUNK
from genlearn.cli.main import run
from genlearn.cli.writers import GRID, OutputSpec, writing
from genlearn.core.errors import UserError
from genlearn.data import open_data

IMAGES = open_data(blobs(20)).spec
TABLE = open_data(pd.DataFrame(gaussian_table(20, 4), columns=list("abcd"))).spec
N = 2 * CHUNK + 20


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of images and one of rows, quickly learned."""
    place = tmp_path_factory.mktemp("runs")
    small("ppca", latent_dim=3).fit(blobs(), out=place / "images")
    small("ppca", latent_dim=2).fit(
        pd.DataFrame(gaussian_table(200, 4), columns=list("abcd")), out=place / "table"
    )
    return place


def read(path):
    if path.is_dir():
        return np.stack([np.asarray(Image.open(one)) for one in sorted(path.glob("*.png"))])
    if path.suffix == ".parquet" and "image" in (table := pd.read_parquet(path)).columns:
        from io import BytesIO

        return np.stack([np.asarray(Image.open(BytesIO(one))) for one in table["image"]])
    return (
        np.load(path)
        if path.suffix == ".npy"
        else (pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)).to_numpy()
    )


@pytest.mark.parametrize(
    ("kind", "form"),
    [("images", f) for f in ("", ".npy", ".parquet")]
    + [("table", f) for f in (".npy", ".csv", ".parquet")],
)
def test_a_file_holds_what_one_call_gives(runs, tmp_path, kind, form):
    out = tmp_path / f"out{form}"
    assert run(["sample", str(runs / kind), "-n", str(N), "--out", str(out)], debug=False) == 0
    whole = gl.load(runs / kind).sample(N, seed=0)
    assert np.array_equal(read(out), whole)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_npy_file_is_numpys_own(tmp_path):
    values = blobs(7)
    with writing(str(tmp_path / "a.npy"), OutputSpec(IMAGES, 7)) as put:
        put(values[:4])
        put(values[4:])
    np.save(tmp_path / "b.npy", values)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


@pytest.mark.parametrize("form", [".npy", ".csv", ".parquet"])
def test_memory_does_not_grow_with_the_number(tmp_path, form):
    part = gaussian_table(1000, 4)

    def peak(parts):
        tracemalloc.start()
        with writing(str(tmp_path / f"x{form}"), OutputSpec(TABLE, parts * len(part))) as put:
            for _ in range(parts):
                put(part.copy())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)  # modules are loaded
    assert peak(40) < peak(4) + part.nbytes


def test_no_more_than_a_chunk_is_asked_for(runs, tmp_path, monkeypatch):
    asked = []
    kind = type(gl.load(runs / "images"))
    draw = kind.sample
    monkeypatch.setattr(
        kind,
        "sample",
        lambda self, n, **how: asked.append((how["start"], n)) or draw(self, n, **how),
    )
    assert (
        run(
            ["sample", str(runs / "images"), "-n", str(N), "--out", str(tmp_path / "x")],
            debug=False,
        )
        == 0
    )
    assert asked == [(0, CHUNK), (CHUNK, CHUNK), (2 * CHUNK, 20)]


@pytest.mark.parametrize("form", [".npy", ".csv", ".parquet"])
def test_a_file_that_fails_leaves_what_was_there(tmp_path, form):
    out = tmp_path / f"x{form}"
    out.write_text("before")

    def interrupted():
        with writing(str(out), OutputSpec(TABLE, 100)) as put:
            put(gaussian_table(50, 4))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_killed_folder_holds_whole_images(runs, tmp_path):
    command = [
        sys.executable,
        "-m",
        "genlearn",
        "sample",
        str(runs / "images"),
        "-n",
        "200000",
        "--out",
        str(tmp_path / "many"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list((tmp_path / "many").glob("*.png"))) < 700:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    images = sorted((tmp_path / "many").glob("*.png"))
    assert 700 <= len(images) < 200_000
    for path in images:
        with Image.open(path) as image:
            image.load()
            assert image.size == (9, 12)
    assert [path.name for path in images] == [f"{i:06d}.png" for i in range(len(images))]


def test_a_grid_holds_so_many(tmp_path):
    with pytest.raises(UserError, match=r"at most 10,000: name a folder"):
        writing(str(tmp_path / "x.png"), OutputSpec(IMAGES, GRID + 1))


def test_a_form_that_there_is_not_is_told_before_anything_is_drawn(
    runs, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(
        type(gl.load(runs / "images")), "sample", lambda *a, **k: pytest.fail("drew")
    )
    for kind, name in (("images", "x.xyz"), ("table", "x.png"), ("table", "x")):
        assert run(["sample", str(runs / kind), "--out", str(tmp_path / name)], debug=False) == 2
        assert "extension" in (told := capsys.readouterr().err) or "table" in told


@pytest.mark.parametrize(("kind", "suffix"), [("images", "npy"), ("table", "csv")])
def test_processes_draw_what_one_draws(kind, suffix, runs, tmp_path, monkeypatch):
    context = preloaded()
    monkeypatch.setattr(multiprocessing, "get_context", lambda *how, **more: context)
    found = []
    for processes in (1, 2):
        out = tmp_path / f"{processes}.{suffix}"
        asked = ["-n", N, "--start", 3, "--processes", processes, "--out", out]
        run(["sample", str(runs / kind), *map(str, asked)], debug=True)
        found.append(out.read_bytes())
    assert found[0] == found[1]


def test_rows_that_are_kept_are_drawn_one_after_the_other(runs, tmp_path):
    with pytest.raises(UserError, match="--processes 2 was given with --keep"):
        run(["sample", str(runs / "table"), "--processes", "2", "--keep", "a <= b"], True)
