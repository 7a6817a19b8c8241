"""The road of a user, in real processes, and all the ways to leave it: one clear line, exit code 2,
nothing lost."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table, genlearn, small
from PIL import Image
from quick_judging import judge_quickly

import genlearn as gl
from genlearn.cli.main import run
from genlearn.cli.outputs import write_examples
from genlearn.engine.atomic_io import read_document, write_document

FAST = ["--size", "tiny", "--steps", "20"]


def told(capsys, *arguments):
    """The one line that a mistake gets."""
    assert run(list(map(str, arguments)), debug=False) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("genlearn: ")
    return error


def done(*arguments):
    assert run(list(map(str, arguments)), debug=False) == 0


def width(path):
    with Image.open(path) as image:
        return image.width


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of images, a table, and a run of each."""
    place = tmp_path_factory.mktemp("place")
    (place / "images").mkdir()
    for index, image in enumerate(blobs(60)):
        Image.fromarray(image).save(place / "images" / f"{index:02d}.png")
    pd.DataFrame(gaussian_table(80, 4), columns=list("abcd")).assign(kind="x").to_csv(
        place / "table.csv", index=False
    )
    here = Path.cwd()
    os.chdir(place)
    done("fit", "vae", "images", *FAST, "--out", "runs/images", "--evaluation-samples", "20")
    done("fit", "autoencoder", "table.csv", *FAST, "--latent-dim", "2", "--out", "runs/table")
    os.chdir(here)
    return place


@pytest.fixture(autouse=True)
def _inside(place, monkeypatch):
    monkeypatch.chdir(place)


def test_a_run_describes_itself(place):
    manifest = json.loads((place / "runs/images/manifest.json").read_text())
    assert manifest["model"] == "vae"
    assert manifest["hyper"]["steps"] == manifest["steps"] == 20
    assert manifest["data"]["spec"]["shape"] == [1, 12, 9]
    rows = [
        json.loads(line) for line in (place / "runs/images/metrics.jsonl").read_text().splitlines()
    ]
    assert rows[-1]["step"] == 20
    grids = sorted((place / "runs/images/samples").glob("*.png"))
    assert len(grids) == 10
    assert width(grids[-1]) > 100
    assert (place / "runs/table/samples/00000020.csv").exists()


def test_sample_writes_what_the_extension_says():
    done("sample", "runs/images", "-n", 5, "--out", "five.npy")
    assert np.load("five.npy").shape == (5, 12, 9)
    done("sample", "runs/images", "-n", 5, "--out", "five")
    with Image.open("five/000003.png") as image:
        assert np.array_equal(np.asarray(image), np.load("five.npy")[3])
    done("sample", "runs/images", "-n", 5, "--out", "five.parquet")
    assert len(pd.read_parquet("five.parquet")) == 5
    done("sample", "runs/images", "-n", 5)
    assert width("sample.png") > 9
    done("sample", "runs/table", "-n", 5)
    assert list(pd.read_csv("sample.csv").columns) == list("abcd")


def test_encode_and_decode_are_a_way_there_and_back():
    for form in ("npy", "csv", "parquet"):
        done("encode", "runs/images", "images", "--out", f"codes.{form}")
        done("decode", "runs/images", f"codes.{form}", "--out", "back.npy")
    done("reconstruct", "runs/images", "images", "--out", "reconstructed.npy")
    assert abs(np.load("back.npy").astype(int) - np.load("reconstructed.npy")).max() <= 1


def test_folders_keep_the_names_of_their_files():
    done("reconstruct", "runs/images", "images", "--out", "again")
    assert sorted(p.name for p in Path("again").iterdir()) == sorted(
        p.name for p in Path("images").iterdir()
    )


def test_files_that_differ_in_their_ending_alone_stay_apart(tmp_path):
    names = ["a/one.png", "a/one.jpg", "b/one.png", "two.png"]
    write_examples(blobs(4), gl.open_data(blobs(4)).spec, str(tmp_path / "out"), names=names)
    found = sorted(
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.png")
    )
    assert found == ["a/one.jpg.png", "a/one.png.png", "b/one.png", "two.png"]


def test_denoise_and_interpolate_and_score(capsys):
    done("denoise", "runs/table", "table.csv", "--out", "clean.csv")
    assert pd.read_csv("clean.csv").shape == (80, 4)
    done("interpolate", "runs/images", "images:0", "images/07.png", "-n", 4, "--out", "between.npy")
    assert len(np.load("between.npy")) == 4
    done("score", "runs/images", "images", "--out", "scores.csv")
    assert "nats (bound)" in capsys.readouterr().out
    assert list(pd.read_csv("scores.csv").columns) == ["name", "log_prob"]


def test_evaluate_reports_what_the_model_can_do(capsys, monkeypatch):
    judge_quickly(monkeypatch.setattr)
    done("evaluate", "runs/images", "images", "--out", "page", "--evaluation", "3s")
    report = json.loads(Path("page/report.json").read_text())
    assert {"samples", "density", "reconstruction", "cost"} <= {
        metric["group"] for metric in report["metrics"].values()
    }
    assert report["models"][0]["kind"] == "bound"
    shown = capsys.readouterr()
    assert "Bits per dimension" in shown.out
    assert "trained on all of this data" in shown.out
    assert "for about 3 s" in shown.err
    done("evaluate", "runs/table", "table.csv", "--evaluation", "3s")
    assert "density" not in {
        metric["group"]
        for metric in json.loads(Path("runs/table/evaluation/report.json").read_text())[
            "metrics"
        ].values()
    }
    assert (Path("runs/table/evaluation") / "report.html").exists()


def test_compare_ends_with_the_scoreboard(capsys, monkeypatch):
    judge_quickly(monkeypatch.setattr)
    done(
        "compare",
        "images",
        "--model",
        "ppca latent_dim=2",
        "--model",
        "vae steps=20",
        "--budget",
        "30s",
        "--evaluation",
        "3s",
        "--size",
        "tiny",
    )
    shown = capsys.readouterr().out
    assert "tier model" in shown
    assert "the report: comparison-images/report.html" in shown
    assert Path("comparison-images/runs/vae/manifest.json").exists()


def test_inspect_and_models_speak(capsys):
    done("inspect", "images", "--sheet", "sheet.png")
    assert "60" in capsys.readouterr().out
    assert width("sheet.png") > 50
    done("inspect", "images", "--json")
    assert json.loads(capsys.readouterr().out)["count"] == 60
    done("models")
    assert "vae" in capsys.readouterr().out


def test_help_comes_at_every_level(capsys):
    for arguments in (
        [],
        ["--help"],
        ["fit", "--help"],
        ["fit", "vae", "--help"],
        ["sample", "--help"],
    ):
        run(arguments, debug=False)
        assert "Usage: genlearn" in capsys.readouterr().out
    done("fit", "vae", "--help")
    assert "--latent-dim" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["fit", "vae", "images", "--latnet-dim", "3"],
            r"no flag is called --latnet-dim; did you mean .*--latent-dim",
        ),
        (["fit", "vea", "images"], "did you mean 'vae'"),
        (["smaple", "runs/images"], "did you mean 'sample'"),
        (["fit", "vae", "imges"], "imges.*images"),
        (["fit", "vae", "images", "--latent-dim", "0"], "at least 1"),
        (["fit", "vae", "images", "--latent-dim", "many"], "an integer"),
        (["fit", "vae", "images", "--latent-dim", "1000"], "larger than the data"),
        (["fit", "vae", "images", "--budget", "0m"], "above zero"),
        (["fit", "vae", "images", "--budget", "soon"], "above zero"),
        (["fit", "vae", "images", "--budget", "1m", "--steps", "5"], "one of them"),
        (["fit", "vae", "images", "--network", "unet"], "choose one of"),
        (["fit", "vae", "images", "--device", "tpu"], "this machine has"),
        (["fit", "vae", "images", "--resolution", "0"], "positive"),
        (["fit", "vae", "images/03.png"], "1 sample"),
        (["fit", "vae"], "Missing argument"),
        (["sample", "images"], "is not a run"),
        (["sample", "runs/image"], "did you mean 'runs/images'"),
        (["sample", "runs/images", "--out", "x.xyz"], "extension"),
        (["sample", "runs/table", "--out", "x.png"], "table"),
        (["denoise", "runs/images", "images"], "not one that denoises"),
        (["score", "runs/table", "table.csv"], "no log p"),
        (["encode", "runs/images", "table.csv"], "fitted on images"),
        (["encode", "runs/table", "images"], "fitted on rows"),
        (["decode", "runs/images", "missing.npy"], "missing.npy"),
        (["decode", "runs/images", "table.csv"], "not numbers|shape"),
        (["interpolate", "runs/images", "images:0", "images:99"], "numbered from 0"),
    ],
)
def test_a_mistake_gets_one_line(capsys, arguments, says):
    line = told(
        capsys,
        *arguments,
        *(
            FAST
            if arguments[0] == "fit" and "--steps" not in arguments and "--budget" not in arguments
            else []
        ),
    )
    assert re.search(says, line), line


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_tables_with_holes_are_told(capsys, bad, tmp_path):
    table = gaussian_table(30, 3)
    table[4, 1] = float(bad)
    pd.DataFrame(table, columns=list("abc")).to_csv(tmp_path / "bad.csv", index=False)
    assert re.search("'?b'?", told(capsys, "fit", "vae", tmp_path / "bad.csv", *FAST))


def test_folders_without_images_and_files_without_content_are_told(capsys, tmp_path):
    assert "is empty; put png" in told(capsys, "fit", "vae", tmp_path, *FAST)
    (tmp_path / "empty.csv").touch()
    assert "empty" in told(capsys, "fit", "vae", tmp_path / "empty.csv", *FAST)


def test_bad_images_among_good_ones_are_named_and_left_out(capsys, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for index, image in enumerate(blobs(20)):
        Image.fromarray(image if index % 2 else np.repeat(np.repeat(image, 2, 0), 2, 1)).save(
            photos / f"{index}.png"
        )
    Image.fromarray(blobs(1, channels=3)[0]).save(photos / "colour.png")
    (photos / "empty.png").touch()
    (photos / "cut.png").write_bytes((photos / "3.png").read_bytes()[:60])
    done("fit", "vae", photos, *FAST, "--out", tmp_path / "run")
    notes = capsys.readouterr().err
    assert "empty.png" in notes
    assert "cut.png" in notes
    assert "resized" in notes
    assert json.loads((tmp_path / "run/manifest.json").read_text())["data"]["count"] == 21


def test_a_run_of_other_data_or_hyper_parameters_is_not_overwritten(capsys, place):
    before = (place / "runs/images/weights.safetensors").read_bytes()
    line = told(capsys, "fit", "vae", "images", *FAST, "--latent-dim", "3", "--out", "runs/images")
    assert "latent_dim None there, 3 here" in line
    assert "--fresh" in line
    assert "other data here" in told(
        capsys, "fit", "vae", "digits", *FAST, "--out", "runs/images", "--evaluation-samples", "20"
    )
    assert (place / "runs/images/weights.safetensors").read_bytes() == before


def test_a_folder_with_other_files_is_not_taken_for_a_run(capsys, tmp_path):
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples/precious.txt").write_text("mine")
    assert "holds other files" in told(capsys, "fit", "vae", "images", *FAST, "--out", tmp_path)
    assert (tmp_path / "samples/precious.txt").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told_before_training(capsys, tmp_path):
    locked = Path("/sys/genlearn") if os.geteuid() == 0 else tmp_path / "locked"
    if os.geteuid():
        locked.mkdir(mode=0o555)
    assert "could not write" in told(capsys, "fit", "vae", "images", *FAST, "--out", locked / "run")
    assert "could not write" in told(capsys, "sample", "runs/images", "--out", locked / "x.png")


def test_a_traceback_comes_only_when_asked_for(place):
    plain = genlearn("sample", "images", cwd=place, check=False)
    assert (plain.returncode, len(plain.stderr.strip().splitlines())) == (2, 1)
    assert "Traceback" in genlearn("--debug", "sample", "images", cwd=place, check=False).stderr


def test_a_closed_pipe_is_no_error(place):
    import subprocess
    import sys

    command = f"{sys.executable} -m genlearn --help | head -1"
    done = subprocess.run(
        command, shell=True, cwd=place, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_none_is_a_value_like_any_other(tmp_path):
    """DCGAN takes 100 numbers of noise unless it is told none, clipping is off unless it is on."""
    fit = ["fit", "dcgan", "digits", "--steps", "1", "--size", "tiny", "--out", "run"]
    genlearn(*fit, "--latent-dim", "none", "--clip", "2", cwd=tmp_path)
    hyper = json.loads((tmp_path / "run/manifest.json").read_text())["hyper"]
    assert (hyper["latent_dim"], hyper["clip"]) == (None, 2.0)


def test_a_run_that_has_not_learned_all_is_told(tmp_path, capsys):
    small("vae", steps=3).fit(gaussian_table(60, 3), out=tmp_path / "run")
    done("sample", tmp_path / "run", "--out", tmp_path / "new.csv")
    assert "has learned" not in capsys.readouterr().err
    manifest = tmp_path / "run/manifest.json"
    write_document(manifest, read_document(manifest) | {"steps": 98})
    done("sample", tmp_path / "run", "--out", tmp_path / "new.csv")
    assert "has learned 3 of 98 steps" in capsys.readouterr().err
