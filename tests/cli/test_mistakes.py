"""All the ways to leave the road of a user: one clear line, exit code 2, nothing lost."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table, genlearn
from in_process import FAST, done, told
from PIL import Image

pytestmark = pytest.mark.usefixtures("inside")
HUGE = "1" + "0" * 400


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["fit", "vae", "images", "--latnet-dim", "3"],
            r"no flag is called --latnet-dim; did you mean .*--latent-dim",
        ),
        (["fit", "vea", "images"], "did you mean 'vae'"),
        (["fit", "images", "vae"], "the model comes first, then the data"),
        (["smaple", "runs/images"], "did you mean 'sample'"),
        (["fit", "vae", "imges"], "imges.*images"),
        (["fit", "vae", "ima\0ges"], "holds no null byte"),
        (["fit", "vae", "images", "--latent-dim", "many"], "an integer"),
        (["fit", "vae", "images", "--latent-dim", "1000"], "larger than the data"),
        (["fit", "vae", "images", "--budget", "0m"], "above zero"),
        (["fit", "vae", "images", "--budget", "soon"], "above zero"),
        (["fit", "vae", "images", "--budget", "1m", "--steps", "5"], "one of them"),
        (["fit", "vae", "images", "--network", "unet"], "choose one of"),
        (["fit", "vae", "images", "--device", "tpu"], "this machine has"),
        (["fit", "vae", "images", "--resolution", "0"], "from 1 to"),
        (["fit", "vae", "images", "--resolution", "1000000000000"], "from 1 to"),
        (["fit", "vae", "images", "--steps", HUGE], "at most 1,000,000,000,000,000"),
        (["fit", "vae", "images", "--latent-dim", HUGE], "at most 1,000,000,000,000,000"),
        (["fit", "vae", "images", "--budget", f"{HUGE}h"], "below a century"),
        (["fit", "vae", "images", "--batch-size", "1000000000000"], "not enough memory"),
        (["fit", "vae", "ima\0ges"], r"ima\\x00ges"),
        (["sample", "runs/images", "-n", HUGE], "not in the range"),
        (["sample", "runs/images", "-n", "1000000000000", "--out", "x.npy"], "no room left"),
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


def test_infinite_numbers_are_told(capsys, tmp_path):
    table = gaussian_table(30, 3)
    table[4, 1] = np.inf
    pd.DataFrame(table, columns=list("abc")).to_csv(tmp_path / "bad.csv", index=False)
    assert re.search("'?b'?", told(capsys, "fit", "vae", tmp_path / "bad.csv", *FAST))


@pytest.mark.parametrize("seed", [2**63, 2**64, 2**64 + 1, 10**30])
def test_any_seed_names_randomness_of_its_own(tmp_path, seed):
    for name in (seed, 0):
        done("fit", "vae", "images", *FAST, "--seed", name, "--out", tmp_path / str(name))
    weights = [(tmp_path / str(n) / "weights.safetensors").read_bytes() for n in (seed, 0)]
    assert weights[0] != weights[1]
    done("sample", tmp_path / str(seed), "--seed", seed, "--out", tmp_path / "x.npy")


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
