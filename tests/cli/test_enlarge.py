"""`genlearn enlarge`, `sample --init` and `fit --only`, as a user types them."""

import numpy as np
import pytest
from helpers import blobs, genlearn
from PIL import Image


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of images, and a cascade of them, whose parts were trained by two commands."""
    folder = tmp_path_factory.mktemp("cascade")
    (folder / "photos").mkdir()
    for number, image in enumerate(blobs(40, 24, 16, channels=3)):
        Image.fromarray(image).save(folder / "photos" / f"{number:02d}.png")
    fit = (
        "fit",
        "cascade",
        "photos",
        "--stages",
        1,
        "--steps",
        8,
        "--size",
        "tiny",
        "--batch-size",
        8,
        "--out",
        "run",
    )
    done = genlearn(*fit, "--only", "24x16", cwd=folder)
    assert "still to be trained: base" in done.stderr
    assert "all parts are together" in genlearn(*fit, cwd=folder).stderr
    assert "is complete" in genlearn(*fit, cwd=folder).stderr
    return folder


def test_a_folder_is_enlarged_under_its_names(place):
    (place / "small").mkdir()
    for number, image in enumerate(blobs(3, 12, 8, channels=3)):
        Image.fromarray(image).save(place / "small" / f"s{number}.png")
    genlearn("enlarge", "run", "small", "--steps", 2, "--out", "large", cwd=place)
    assert sorted(file.name for file in (place / "large").glob("*.png")) == [
        "s0.png",
        "s1.png",
        "s2.png",
    ]
    with Image.open(place / "large/s0.png") as image:
        assert image.size == (16, 24)


def test_images_are_started_from(place):
    genlearn(
        "sample",
        "run",
        "-n",
        4,
        "--init",
        "photos",
        "--strength",
        0.1,
        "--out",
        "near.npy",
        cwd=place,
    )
    assert np.load(place / "near.npy").shape == (4, 24, 16, 3)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("sample", "run", "--strength", 0.5), "without init"),
        (("sample", "run", "--init", "photos", "--strength", 2), "strength=2.0 was given"),
        (("sample", "run", "--sampler", "ddim"), "no samplers to choose from"),
        (("enlarge", "run", "nowhere"), "nowhere"),
        (("enlarge", "run/base", "photos"), "not one that enlarges"),
    ],
)
def test_mistakes_are_told_in_one_line(place, arguments, what):
    done = genlearn(*arguments, cwd=place, check=False)
    assert done.returncode == 2
    assert what in done.stderr
    assert done.stderr.strip().count("\n") == 0
