"""The road of a user: every command, and what it leaves."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table, small
from in_process import done
from PIL import Image
from quick_judging import judge_quickly

import genlearn as gl
from genlearn.cli.main import run
from genlearn.cli.outputs import write_examples
from genlearn.core.disk.checked import read_document, write_document

pytestmark = pytest.mark.usefixtures("inside")


def width(path):
    with Image.open(path) as image:
        return image.width


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
    assert [grid.stem for grid in grids] == ["00000010", "00000020"]
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
    assert list(pd.read_csv("sample.csv").columns) == [*"abcd", "kind"]


def test_parts_that_several_machines_draw_are_those_of_one_call():
    done("sample", "runs/table", "-n", 10, "--out", "all.csv")
    parts = []
    for start, n in ((0, 4), (4, 5), (9, 1)):
        done("sample", "runs/table", "-n", n, "--start", start, "--out", f"part{start}.csv")
        parts.append(pd.read_csv(f"part{start}.csv"))
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), pd.read_csv("all.csv"))


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
    assert pd.read_csv("clean.csv").shape == (80, 5)
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
    assert "tier  model" in shown
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


def test_a_closed_pipe_is_no_error(place):
    import subprocess
    import sys

    command = f"{sys.executable} -m genlearn --help | head -1"
    done = subprocess.run(
        command, shell=True, cwd=place, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_none_is_a_value_like_any_other(tmp_path, monkeypatch):
    """DCGAN takes 100 numbers of noise unless it is told none, clipping is off unless it is on."""
    fit = ["fit", "dcgan", "digits", "--steps", "1", "--size", "tiny", "--out", "run"]
    monkeypatch.chdir(tmp_path)
    done(*fit, "--latent-dim", "none", "--clip", "2")
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
