"""Where commands are run."""

import os
from pathlib import Path

import pandas as pd
import pytest
from helpers import blobs, gaussian_table
from in_process import FAST, done
from PIL import Image


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


@pytest.fixture
def inside(place, monkeypatch):
    """The test runs there."""
    monkeypatch.chdir(place)
    return place
