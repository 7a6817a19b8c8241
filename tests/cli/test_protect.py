"""What a command writes never replaces what it reads, whichever way the place is named."""

import os
from pathlib import Path

import numpy as np
import pytest
from helpers import blobs, small
from PIL import Image

from genlearn.cli.main import run

BETWEEN = ["interpolate", "run", "photos/cats/000000.png", "photos/cats/000001.png"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    (folder / "photos/cats").mkdir(parents=True)
    for index, image in enumerate(blobs(12)):
        Image.fromarray(image).save(folder / f"photos/cats/{index:06d}.png")
    small("ppca", latent_dim=3).fit(blobs(60)).save(folder / "run")
    Image.fromarray(blobs(1)[0]).save(folder / "interpolate.png")
    np.save(folder / "codes.npy", np.zeros((4, 3), np.float32))
    os.symlink(folder / "photos", folder / "link")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ["reconstruct", "run", "photos", "--out", "photos"],
        ["reconstruct", "run", "photos", "--out", "photos/cats"],
        ["reconstruct", "run", "photos", "--out", "link/cats"],
        ["reconstruct", "run", "link", "--out", "photos/"],
        ["encode", "run", "photos", "--out", "photos/codes.npy"],
        ["decode", "run", "codes.npy", "--out", "codes.npy"],
        ["denoise", "run", "photos", "--out", "./photos"],
        [*BETWEEN, "--out", "photos/cats/000001.png"],
        [*BETWEEN, "--out", "photos/cats"],
        ["interpolate", "run", "photos:0", "photos:1", "--out", "photos/cats"],
        ["score", "run", "photos", "--out", "photos/cats/scores.csv"],
        ["outliers", "run", "photos", "--out", "photos/cats/outliers.csv"],
        ["inspect", "photos", "--sheet", "photos/cats/000001.png"],
        ["inspect", "photos", "--sheet", "link/sheet.png"],
        ["fit", "ppca", "photos", "--out", "photos/run"],
        ["compare", "photos", "--out", "photos"],
        ["evaluate", "run", "photos", "--out", "photos/judged"],
        # by the place that is taken where none is named
        ["interpolate", "run", "interpolate.png", "photos/cats/000001.png"],
        ["fit", "ppca", "."],
        ["compare", "."],
        ["evaluate", "run", "."],
    ],
)
def test_inputs_are_as_they_were(place, arguments, monkeypatch, capsys):
    monkeypatch.chdir(place)
    before = {file: file.read_bytes() for file in sorted(place.rglob("*")) if file.is_file()}
    assert run(arguments, debug=False) == 2
    said = capsys.readouterr().err
    *before_it, said = said.strip().split("\n")
    assert all(line.startswith("preparing") for line in before_it if line)
    if arguments[0] != "denoise":  # which PPCA cannot do
        assert "choose another place" in said
    assert before == {f: f.read_bytes() for f in sorted(place.rglob("*")) if f.is_file()}


def test_other_places_are_written(place, monkeypatch):
    monkeypatch.chdir(place)
    assert run(["reconstruct", "run", "photos", "--out", "new"], debug=False) == 0
    assert len(list((place / "new").rglob("*.png"))) == 12


def test_a_contact_sheet_is_replaced_in_one_step(place, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("sheet.png").write_bytes(b"an older one")
    os.link("sheet.png", "kept")
    assert run(["inspect", str(place / "photos"), "--sheet", "sheet.png"], debug=False) == 0
    assert Path("kept").read_bytes() == b"an older one"
    with Image.open("sheet.png") as sheet:
        assert sheet.width > 50
    assert run(["inspect", str(place / "photos"), "--sheet", "sheet.jpg"], debug=False) == 2
    assert "a contact sheet is written to .png" in capsys.readouterr().err
