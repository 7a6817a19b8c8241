"""`genlearn outliers`, as a user types it."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table
from PIL import Image

from genlearn.cli.main import run
from genlearn.engine.runs.run import Run


def said(capsys, *arguments, code=0):
    """What the command printed, or the line that a mistake gets."""
    assert run(["outliers", *map(str, arguments)], debug=False) == code
    shown = capsys.readouterr()
    return shown.out if code == 0 else shown.err.strip()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Discs to learn from, discs and stripes to look at, a table, and a run of each."""
    place = tmp_path_factory.mktemp("place")
    discs, stripes = blobs(60, seed=3), np.zeros((12, 12, 9), np.uint8)
    stripes[:, ::2] = 255
    for kind, images in (("disc", discs[:30]), ("stripe", stripes)):
        (place / "mixed" / kind).mkdir(parents=True)
        for index, image in enumerate(images):
            Image.fromarray(image).save(place / "mixed" / kind / f"{index:02d}.png")
    np.save(place / "discs.npy", discs)
    table = pd.DataFrame(gaussian_table(80, 4), columns=list("abcd"))
    table.to_csv(place / "table.csv", index=False)
    table.iloc[:20].assign(a=lambda t: t.a + 10_000 * (t.index == 13)).to_csv(
        place / "new.csv", index=False
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for model, data in (("ppca", "discs.npy"), ("gmm", "table.csv")):
            fit = ["fit", model, data, "--latent-dim", "3", "--out", f"runs/{model}"]
            assert run(fit, debug=False) == 0
    return place


@pytest.fixture(autouse=True)
def _inside(place, monkeypatch):
    monkeypatch.chdir(place)


def test_images_are_ranked_shown_and_judged(place, capsys):
    shown = said(
        capsys, "runs/ppca", "mixed", "--positive", "stripe", "--score", "all", "--out", "o.csv"
    )
    table = pd.read_csv("o.csv")
    scores = ["reconstruction", "ratio", "typicality", "log_prob"]
    columns = [column for name in scores for column in (name, f"{name}_p")]
    assert list(table.columns) == ["rank", "index", "name", *columns]
    assert table["rank"].tolist() == list(range(1, 43))
    assert table["name"][:12].str.startswith("stripe").all()
    np.testing.assert_allclose(table["reconstruction_p"][:12], 1 / 61)
    with Image.open("o.png") as sheet:
        assert sheet.width > 8 * 60
    assert "AUC of stripe, reconstruction: 1.000 [0.7" in shown
    assert all(f"AUC of stripe, {name}: " in shown for name in scores)
    assert "rarer than 98.4 % of them" in shown
    assert "60 examples of discs.npy; the model learned from them" in shown


def test_rows_keep_their_numbers(place, capsys):
    shown = said(capsys, "runs/gmm", "new.csv", "--score", "typicality")
    table = pd.read_csv("outliers.csv")
    assert list(table.columns) == ["rank", "index", "typicality", "typicality_p"]
    assert sorted(table["index"]) == list(range(20))
    assert table["index"][0] == 13
    assert "1. 13: " in shown
    assert not (place / "outliers.png").exists()


def test_another_reference_may_be_named(capsys):
    named = said(capsys, "runs/gmm", "new.csv", "--reference", "new.csv", "--out", "n.parquet")
    assert "20 examples of new.csv; it is not known whether" in named
    assert len(pd.read_parquet("n.parquet")) == 20
    few = said(capsys, "runs/gmm", "new.csv", "--reference-examples", "9")
    assert "p-values by 9 examples" in few


def test_an_address_that_a_run_names_is_not_fetched_from(capsys, monkeypatch):
    """A run may come from anybody, and data is named by who asks."""
    asked = []
    monkeypatch.setattr("genlearn.data.remote.fetching.listed", asked.append)
    shutil.copytree("runs/gmm", "runs/foreign")
    foreign = Run(Path("runs/foreign"))
    source = {"source": "https://elsewhere.invalid/table.csv"}
    foreign.note({"data": {**foreign.manifest["data"], **source}})
    line = said(capsys, "runs/foreign", "new.csv", code=2)
    assert "runs/foreign names no data at hand that it learned from" in line
    assert "--reference DATA" in line
    assert not asked
    said(capsys, "runs/foreign", "new.csv", "--reference", "new.csv", "--out", "foreign.csv")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["runs/ppca", "mixed", "--positive", "strip"], "did you mean 'stripe'"),
        (["runs/gmm", "new.csv", "--positive", "x"], "has no classes"),
        (["runs/ppca", "mixed/disc", "--positive", "disc"], "has no classes"),
        (["runs/ppca", "mixed", "--positive", "disc", "--positive", "stripe"], "takes both"),
        (["runs/gmm", "new.csv", "--score", "reconstruction"], "does not have"),
        (["runs/ppca", "mixed", "--score", "entropy"], "no outlier score is called 'entropy'"),
        (["runs/ppca", "new.csv"], "fitted on images"),
        (["runs/ppca", "mixed", "--out", "o.txt"], ".csv or .parquet"),
        (["runs/ppca", "mixed", "--out", "mixed/o.csv"], "choose another place"),
        (["runs/ppca", "mixed/stripe/00.png", "--out", "mixed/stripe/00.csv"], "choose another"),
        (["runs/gmm", "new.csv", "--reference", "gone.csv"], "--reference DATA names others"),
    ],
)
def test_a_mistake_gets_one_line_and_changes_nothing(place, capsys, arguments, says):
    before = {file: file.read_bytes() for file in sorted(place.rglob("*")) if file.is_file()}
    line = said(capsys, *arguments, code=2)
    assert says in line.splitlines()[-1]
    assert before == {f: f.read_bytes() for f in sorted(place.rglob("*")) if f.is_file()}
