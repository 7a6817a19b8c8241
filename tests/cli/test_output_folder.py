"""Results on the disk: never two commands in one folder, never more than there is room for; and a
standard output that nobody reads."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import blobs, small

from genlearn.cli.main import run
from genlearn.cli.writers import OutputSpec, writing
from genlearn.core.disk import room
from genlearn.core.disk.durable import temporary_beside
from genlearn.core.errors import UserError


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a run of images."""
    place = tmp_path_factory.mktemp("place")
    small("ppca", latent_dim=2).fit(blobs(40), out=place / "run")
    return place


@pytest.fixture(autouse=True)
def _inside(place, monkeypatch):
    monkeypatch.chdir(place)


def sample(n, out, *more):
    return run(["sample", "run", "-n", str(n), "--out", out, *more], debug=False)


def test_fewer_samples_do_not_mix_with_older_ones(place, capsys):
    assert sample(5, "new") == 0
    before = {path.name: path.read_bytes() for path in (place / "new").iterdir()}
    assert sample(2, "new", "--seed", "5") == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "new holds 3 older files (000002.png, 000003.png, 000004.png)" in line
    assert "--out" in line
    assert {path.name: path.read_bytes() for path in (place / "new").iterdir()} == before


def test_the_same_command_again_and_files_of_other_kinds_are_no_mixture(place):
    assert sample(3, "again") == 0
    (place / "again/notes.txt").write_text("mine")
    assert sample(3, "again", "--seed", "1") == 0
    assert sample(4, "again") == 0
    assert len(list((place / "again").glob("*.png"))) == 4
    assert (place / "again/notes.txt").read_text() == "mine"


def test_what_a_killed_command_left_half_written_goes(place):
    assert sample(3, "killed") == 0
    half = temporary_beside(place / "killed/000001.png")
    half.write_bytes(b"half")
    assert sample(3, "killed") == 0
    assert sorted(path.name for path in (place / "killed").iterdir()) == [
        f"00000{i}.png" for i in range(3)
    ]


def test_captions_of_before_are_a_mixture_too(place, capsys):
    assert sample(2, "captioned") == 0
    (place / "captioned/metadata.csv").write_text("file_name,text\n000000.png,red\n")
    assert sample(2, "captioned") == 2
    assert "metadata.csv" in capsys.readouterr().err


def test_what_is_stopped_stands_alone(tmp_path):
    spec = small("ppca", latent_dim=2).fit(blobs(40)).spec_
    with writing(str(tmp_path / "out"), OutputSpec(spec, 6)) as put:
        put(blobs(6))

    def stopped():
        with writing(str(tmp_path / "out"), OutputSpec(spec, 6)) as put:
            put(blobs(2, seed=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped()
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize("form", ["out", "out.npy", "out.csv", "out.parquet"])
def test_room_for_all_is_asked_for_after_the_first_part(tmp_path, monkeypatch, form):
    free = 3000 if form == "out" else 30_000
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype("f4")
    images = form == "out"
    model = small("ppca", latent_dim=2).fit(blobs(40) if images else rows)
    part = blobs(50) if images else rows
    with (
        pytest.raises(UserError, match=r"no room left in .*is still to be written .*--out"),
        writing(str(tmp_path / form), OutputSpec(model.spec_, 10_000)) as put,
    ):
        put(part)
    assert images or list(tmp_path.iterdir()) == []
    with writing(str(tmp_path / f"few-{form}"), OutputSpec(model.spec_, 50)) as put:
        put(part)


@pytest.mark.parametrize(
    ("shell", "code"),
    [("| head -1", 0), ("| true", 0), (">&-", 0), (">&- 2>&-", 0), ("> /dev/full", 2)],
)
@pytest.mark.parametrize("what", ["--help", "", "--version"])
def test_an_output_that_nobody_reads_is_no_error(shell, code, what):
    command = f"{sys.executable} -m genlearn {what} {shell}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
