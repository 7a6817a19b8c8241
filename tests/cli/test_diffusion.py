"""Models that draw in steps, of classes, that restore and that can be watched, from the command
line; and what may go wrong."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import able, blobs, gaussian_table
from in_process import done
from PIL import Image

import genlearn as gl
from genlearn.cli.main import run
from genlearn.core.capabilities import DiffusionProcess, Restores

NAME = next(name for name in able(DiffusionProcess) if name in able(Restores))
FAST = ["--size", "tiny", "--steps", "10", "--batch-size", "32", "--save-every", "10"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Images in folders of classes and a table, with runs of each."""
    place = tmp_path_factory.mktemp("place")
    for index, image in enumerate(blobs(60)):
        folder = place / "images" / ("dark" if index % 2 else "bright")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image // (1 + index % 2)).save(folder / f"{index:02d}.png")
    pd.DataFrame(gaussian_table(80, 4), columns=list("abcd")).to_csv(
        place / "table.csv", index=False
    )
    mask = np.zeros((12, 9), np.uint8)
    mask[:6] = 255
    Image.fromarray(mask).save(place / "mask.png")
    Image.fromarray(mask.T).save(place / "turned.png")
    Image.fromarray(mask * 0).save(place / "black.png")
    (place / "broken.png").write_bytes(b"no image")
    done(
        "fit", NAME, place / "images", *FAST, "--condition", "none", "--out", place / "runs/images"
    )
    done("fit", NAME, place / "images", *FAST, "--out", place / "runs/classes")
    done("fit", NAME, place / "table.csv", *FAST, "--out", place / "runs/table")
    done("fit", "ppca", place / "images", "--latent-dim", 3, "--out", place / "runs/ppca")
    return place


@pytest.fixture(autouse=True)
def _inside(place, monkeypatch):
    monkeypatch.chdir(place)


def size(path):
    with Image.open(path) as image:
        return image.size


def test_sample_takes_what_the_model_takes():
    model = gl.load("runs/classes")
    for flags, how in (
        (
            ["--label", "dark", "--guidance", 2, "--steps", 3],
            {"label": "dark", "guidance": 2.0, "steps": 3},
        ),
        (
            ["--label", 0, "--steps", 2, "--sampler", "euler"],
            {"label": 0, "steps": 2, "sampler": "euler"},
        ),
    ):
        done("sample", "runs/classes", "-n", 4, "--seed", 3, *flags, "--out", "x.npy")
        assert np.array_equal(np.load("x.npy"), model.sample(4, seed=3, **how))


def test_a_student_learns_from_a_run_and_draws_in_few_steps():
    done(
        "fit",
        "distill",
        "images",
        "--teacher",
        "runs/classes",
        "--steps",
        "5",
        "--batch-size",
        "8",
        "--out",
        "runs/student",
    )
    done("sample", "runs/student", "-n", 4, "--label", "dark", "--steps", 2, "--out", "x.npy")
    assert np.array_equal(
        np.load("x.npy"), gl.load("runs/student").sample(4, seed=0, label="dark", steps=2)
    )
    assert run(["sample", "runs/student", "--sampler", "heun"], debug=False) == 2


def test_quality_tells_the_curve_and_what_it_takes(capsys):
    done("sample", "runs/table", "-n", 4, "--quality", "fast", "--out", "x.npy")
    told = capsys.readouterr().err
    steps, sampler = re.search(r"fast: (\d+) steps of (\S+)", told).groups()
    assert re.search(r"error by steps.* at 2, .* at 4", told)
    assert np.array_equal(
        np.load("x.npy"), gl.load("runs/table").sample(4, seed=0, steps=int(steps), sampler=sampler)
    )


def test_data_becomes_noise_in_a_strip():
    done("diffuse", "runs/images", "images", "--columns", 5, "--out", "strip.png")
    width, height = size("strip.png")
    wide, tall = 9 * 5 + 2, 12 * 5 + 2  # enlarged, with a gap
    assert width == 5 * wide + 2
    assert 4 * tall + 10 < height < 4 * tall + 30  # the moments are named above
    done("diffuse", "runs/images", "images:7", "--columns", 5, "--out", "one.npy")
    done(
        "diffuse",
        "runs/images",
        next(Path("images/dark").iterdir()),
        "--columns",
        3,
        "--out",
        "file.npy",
    )
    assert np.load("one.npy").shape == (5, 12, 9)
    assert np.load("file.npy").shape == (3, 12, 9)
    done("diffuse", "runs/table", "table.csv", "-n", 2, "--columns", 3)
    table = pd.read_csv("diffuse.csv")
    assert list(table.columns) == ["example", "moment", *"abcd"]
    assert table["moment"].tolist() == [0, 1, 2] * 2
    np.testing.assert_allclose(
        table.loc[table["moment"] == 0, list("abcd")],
        pd.read_csv("table.csv")[:2],
        rtol=1e-2,
        atol=0.5,
    )


def test_noise_becomes_data_below_what_is_expected():
    done("diffuse", "runs/images", "--reverse", "-n", 3, "--columns", 6, "--out", "reverse.npy")
    strip = np.load("reverse.npy").reshape(3, 2, 6, 12, 9)
    states, expected = gl.load("runs/images").sample_trajectory(3, 6, seed=0)
    assert np.array_equal(strip[:, 0], expected)
    assert np.array_equal(strip[:, 1], states)
    done("diffuse", "runs/table", "--reverse", "-n", 2, "--columns", 3, "--out", "reverse.csv")
    table = pd.read_csv("reverse.csv")
    assert list(table.columns) == ["example", "what", "moment", *"abcd"]
    assert table["what"].tolist() == (["expected"] * 3 + ["sample"] * 3) * 2


def test_denoise_takes_a_strength_or_tells_what_it_estimates(capsys):
    done("denoise", "runs/images", "images", "--noise", 20, "--out", "stated.npy")
    assert "estimated" not in capsys.readouterr().err
    assert np.array_equal(np.load("stated.npy"), gl.load("runs/images").denoise("images", noise=20))
    done("denoise", "runs/images", "images", "--out", "clean.png")
    assert re.search(
        r"estimated noise: \S+ of a range of 255 in the median, from \S+ to \S+;",
        capsys.readouterr().err,
    )
    done("denoise", "runs/table", "table.csv", "--out", "clean.csv")
    assert "standard deviations of each column" in capsys.readouterr().err
    done("denoise", "runs/ppca", "images", "--out", "ppca.npy")
    assert "estimated" not in capsys.readouterr().err


def test_inpaint_fills_the_white_part_and_nothing_else(capsys):
    done(
        "inpaint", "runs/images", "images", "--mask", "mask.png", "--seed", 1, "--out", "filled.npy"
    )
    filled, data = np.load("filled.npy"), gl.load("runs/images")._values("images")
    assert np.array_equal(filled[:, 6:], data[:, 6:])
    assert (filled[:, :6] != data[:, :6]).any()
    done("inpaint", "runs/images", "images", "--mask", "mask.png")
    assert "40 of 60, each before and after" in capsys.readouterr().out
    with Image.open("inpaint.png") as picture:
        zoom = (picture.width - 2) // 10 - 2
        above = (picture.height - 2) % (zoom // 9 * 12 + 2)  # the names of the columns
        place = (2 + zoom // 2, above + 2 + zoom // 9)
        assert picture.getpixel(place) == (127, 127, 127)
    done("inpaint", "runs/table", "table.csv", "--column", "b", "--column", "d")
    filled, data = pd.read_csv("inpaint.csv"), pd.read_csv("table.csv")
    np.testing.assert_allclose(filled[["a", "c"]], data[["a", "c"]])
    assert (filled["b"] != data["b"]).all()


def test_models_fit_into_a_terminal(capsys, monkeypatch):
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        done("models")
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= width
        names = [line.split()[0] for line in shown.splitlines() if line[:1].strip()]
        assert set(gl.available()) <= set(names)
        can = shown.split(f"\n{NAME}  ")[1].split("\n")[2].split()
        assert {"sample", "encode", "score", "denoise", "inpaint", "diffuse"} < set(can)
        assert {"--label", "--prompt", "--steps"} < set(can)
        assert "enlarge" not in can


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sample", "runs/images", "--steps", "0"], "steps=0 .* at least 1"),
        (["sample", "runs/images", "--steps", "4", "--quality", "fast"], "one of them"),
        (["sample", "runs/images", "--sampler", "eular"], "did you mean 'euler'"),
        (["sample", "runs/images", "--quality", "beste"], "best"),
        (["sample", "runs/images", "--guidance", "3"], "neither classes nor captions"),
        (["sample", "runs/images", "--label", "dark"], "no classes"),
        (["sample", "runs/classes", "--label", "drak"], "did you mean 'dark'"),
        (["sample", "runs/classes", "--label", "2"], "bright, dark"),
        (["sample", "runs/classes", "--label", "dark", "--guidance", "-1"], "guidance=-1"),
        (
            ["sample", "runs/ppca", "--label", "dark"],
            "label='dark' was given to a model of ppca in runs/ppca, which knows no classes",
        ),
        (["sample", "runs/ppca", "--guidance", "2"], "has no guidance"),
        (
            ["sample", "runs/ppca", "--steps", "3"],
            "steps=3 was given to a model of ppca in runs/ppca, which draws at once",
        ),
        (
            ["fit", "distill", "images", "--teacher", "runs/gone"],
            "teacher='runs/gone' was given; runs/gone is not a run",
        ),
        (
            ["fit", "distill", "images", "--teacher", "runs/ppca"],
            "is a run of ppca; a student learns from a diffusion model",
        ),
        (["sample", "runs/images", "-n", "10001"], "at most 10,000: name a folder"),
        (["diffuse", "runs/ppca", "images"], "not one that diffuses"),
        (["diffuse", "runs/images"], "no data was given"),
        (["diffuse", "runs/images", "images", "--reverse"], "images was given with --reverse"),
        (["diffuse", "runs/images", "images:60"], "numbered from 0"),
        (["diffuse", "runs/images", "images", "--columns", "1"], "columns"),
        (["diffuse", "runs/table", "table.csv", "--out", "x.png"], "a table is written to"),
        (
            ["denoise", "runs/images", "images", "--noise", "-1"],
            "noise=-1.0 was given; .*at least 0",
        ),
        (
            ["denoise", "runs/ppca", "images", "--noise", "3"],
            "--noise 3 was given; .*takes no strength",
        ),
        (["inpaint", "runs/ppca", "images", "--mask", "mask.png"], "not one that inpaints"),
        (
            ["inpaint", "runs/images", "images", "--mask", "turned.png"],
            "turned.png is 9x12 pixels .*are 12x9",
        ),
        (["inpaint", "runs/images", "images", "--mask", "gone.png"], "gone.png is not there"),
        (
            ["inpaint", "runs/images", "images", "--mask", "broken.png"],
            "could not be read as an image",
        ),
        (["inpaint", "runs/images", "images", "--mask", "black.png"], "black everywhere"),
        (["inpaint", "runs/images", "images"], "name what is to be filled in by --mask"),
        (["inpaint", "runs/images", "images", "--column", "a"], "--column a was given; .*--mask"),
        (
            ["inpaint", "runs/table", "table.csv", "--mask", "mask.png"],
            "--mask mask.png was given; .*--column NAME",
        ),
        (["inpaint", "runs/table", "table.csv"], "nothing was given; .*--column NAME"),
        (
            ["inpaint", "runs/table", "table.csv", "--column", "e"],
            "no column is called 'e'; choose one of: a, b, c, d",
        ),
    ],
)
def test_a_mistake_gets_one_line(capsys, arguments, says):
    before = sorted(Path().iterdir())
    assert run(arguments, debug=False) == 2
    lines = [
        line
        for line in capsys.readouterr().err.strip().splitlines()
        if line.startswith("genlearn: ")
    ]
    assert len(lines) == 1
    assert re.search(says, lines[0]), lines[0]
    assert sorted(Path().iterdir()) == before
