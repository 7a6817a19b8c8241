"""encode, neighbours, cluster, map and probe, as a user types them."""

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table
from PIL import Image

from genlearn.cli.main import run


def said(capsys, *arguments, code=0):
    """What the command printed, or the line that a mistake gets."""
    assert run([*map(str, arguments)], debug=False) == code
    shown = capsys.readouterr()
    return shown.out if code == 0 else shown.err.strip()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Images of two kinds in folders, a table with names, and a run of each."""
    place = tmp_path_factory.mktemp("place")
    discs, stripes = blobs(60, seed=3), blobs(40, seed=4) // 4
    stripes[:, ::2] += 150
    for kind, images in (("disc", discs[:30]), ("stripe", stripes[:20])):
        (place / "mixed" / kind).mkdir(parents=True)
        for index, image in enumerate(images):
            Image.fromarray(image).save(place / "mixed" / kind / f"{index:02d}.png")
    np.save(place / "discs.npy", np.concatenate([discs, stripes]))
    table = pd.DataFrame(gaussian_table(80, 4), columns=list("abcd"))
    table.index = [f"row {i}" for i in range(80)]
    table.to_parquet(place / "named.parquet")
    table.to_csv(place / "named.csv")
    table.assign(kind=np.where(table.a > table.a.median(), "up", "down")).to_csv(
        place / "classes.csv", index=False
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for model, data in (("ppca", "discs.npy"), ("ppca", "named.csv")):
            name = data.partition(".")[0]
            fit = ["fit", model, data, "--latent-dim", "3", "--out", f"runs/{name}"]
            assert run(fit, debug=False) == 0
        for model in ("gan", "flow"):
            fit = ["fit", model, "discs.npy", "--size", "tiny", "--steps", "2"]
            assert run([*fit, "--out", f"runs/{model}"], debug=False) == 0
    return place


@pytest.fixture(autouse=True)
def _inside(place, monkeypatch):
    monkeypatch.chdir(place)


def test_codes_are_named_and_decode_reads_them(capsys):
    said(capsys, "encode", "runs/discs", "mixed", "--out", "codes.csv")
    said(capsys, "encode", "runs/discs", "mixed", "--out", "codes.npy")
    table, codes = pd.read_csv("codes.csv"), np.load("codes.npy")
    assert list(table) == ["name", "class", "z0", "z1", "z2"]
    assert table["name"][31] == "stripe/01.png"
    assert table["class"].value_counts().to_dict() == {"disc": 30, "stripe": 20}
    np.testing.assert_allclose(table[["z0", "z1", "z2"]], codes, rtol=1e-6)
    shuffled = table[["z2", "name", "z0", "class", "z1"]]
    shuffled.to_parquet("shuffled.parquet")
    assert run(["decode", "runs/discs", "shuffled.parquet", "--out", "a.npy"], debug=False) == 0
    assert "shuffled.parquet: columns that are no codes left out: name, class" in (
        capsys.readouterr().err
    )
    said(capsys, "decode", "runs/discs", "codes.npy", "--out", "b.npy")
    np.testing.assert_array_equal(np.load("a.npy"), np.load("b.npy"))


@pytest.mark.parametrize("file", ["named.csv", "named.parquet"])
def test_rows_of_a_table_keep_the_names_of_their_index(capsys, file):
    said(capsys, "encode", "runs/named", file, "--out", "codes.parquet")
    assert pd.read_parquet("codes.parquet")["name"][79] == "row 79"
    said(capsys, "neighbours", "runs/named", file, "-k", 1)
    table = pd.read_csv("neighbours.csv")
    assert list(table) == ["query", "rank", "neighbour", "distance"]
    assert table["query"][5] == "row 5"
    assert (table["query"] != table["neighbour"]).all()


def test_each_image_has_neighbours_of_its_kind(place, capsys):
    shown = said(capsys, "neighbours", "runs/discs", "mixed", "-k", 3, "--out", "own.csv")
    table = pd.read_csv("own.csv")
    assert list(table) == [
        "query", "query_class", "rank", "neighbour", "neighbour_class", "distance",
    ]  # fmt: skip
    assert len(table) == 150
    assert (table["query_class"] == table["neighbour_class"]).mean() > 0.9
    assert "neighbours are of the class of their query; by chance 51.0 %" in shown
    assert not (place / "own.png").exists()
    assert list((place / "runs/discs/index").glob("*/codes.npy"))


def test_a_query_is_answered_in_a_table_and_a_picture(capsys):
    query = ["--query", "mixed/stripe/03.png", "-k", 4, "--out", "q.csv"]
    shown = said(capsys, "neighbours", "runs/discs", "mixed", *query)
    table = pd.read_csv("q.csv")
    assert table["neighbour"][0] == "stripe/03.png"
    assert table["distance"][0] == 0
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert "1 of the queries are among the examples themselves" in shown
    with Image.open("q.png") as sheet:
        assert sheet.width > 5 * 60
    said(capsys, "neighbours", "runs/discs", "mixed", "--query", "mixed/disc", "--out", "all.csv")
    assert len(pd.read_csv("all.csv")) == 300
    said(capsys, "neighbours", "runs/discs", "mixed", "--query", "discs.npy:60", "--out", "one.csv")
    assert set(pd.read_csv("one.csv")["query"]) == {"discs.npy:60"}


def test_images_fall_into_clusters_with_prototypes(capsys):
    shown = said(capsys, "cluster", "runs/discs", "mixed", "-k", 2, "--out", "c.csv")
    table = pd.read_csv("c.csv")
    assert list(table) == ["name", "class", "cluster", "distance"]
    assert "agreement with the classes: NMI " in shown
    assert "such as " in shown
    with Image.open("c.png") as sheet:
        assert sheet.height > 2 * 60
    chosen = said(capsys, "cluster", "runs/named", "named.csv", "--out", "t.parquet")
    assert "the highest of k = 2 to 20" in chosen
    assert list(pd.read_parquet("t.parquet")) == ["name", "cluster", "distance"]


def test_examples_are_mapped(place, capsys):
    shown = said(capsys, "map", "runs/discs", "mixed", "--out", "m.csv")
    assert list(pd.read_csv("m.csv")) == ["name", "class", "x", "y"]
    assert "50 of 50 examples of mixed, by t-SNE; to look at: m.html" in shown
    assert "stripe/01.png" in (place / "m.html").read_text()
    some = ["--method", "pca", "--examples", 9, "--out", "some.parquet"]
    assert "9 of 100" in said(capsys, "map", "runs/discs", "discs.npy", *some)
    table = pd.read_parquet("some.parquet")
    assert list(table) == ["index", "x", "y"]
    assert table["index"].is_monotonic_increasing
    said(capsys, "map", "runs/named", "named.csv", "--out", "rows.csv")
    assert list(pd.read_csv("rows.csv")) == ["name", "x", "y"]


def test_codes_are_probed_beside_what_they_are_held_against(place, capsys):
    shown = said(capsys, "probe", "runs/discs", "mixed", "--draws", 3, "--out", "p.csv")
    table = pd.read_csv("p.csv")
    assert list(table["representation"].unique()) == [
        "codes", "3 principal components", "pixels",
    ]  # fmt: skip
    assert table["per_class"].unique().tolist() == ["1", "5", "20", "all"]
    assert (table["low"] <= table["accuracy"]).all()
    assert "labels a class" in shown
    page = (place / "p.html").read_text()
    assert "<svg" in page
    assert "://" not in page.replace("http://www.w3.org", "")
    rows = said(capsys, "probe", "runs/named", "classes.csv", "--label", "kind", "--draws", 2)
    assert "columns" in rows


def test_a_diffusion_model_is_represented_by_its_features(capsys):
    chosen = said(capsys, "neighbours", "runs/flow", "mixed", "-k", 2, "--out", "f.csv")
    assert "of 12 layers and times by the classes of 50 examples" in chosen
    unlabelled = said(capsys, "cluster", "runs/flow", "discs.npy", "-k", 2, "--out", "f.csv")
    assert "for want of classes to choose by" in unlabelled
    given = said(capsys, "cluster", "runs/flow", "mixed", "-k", 2, "--features", "up0@0.3")
    assert "by features of up0@0.3\n" in given
    codes = said(capsys, "cluster", "runs/flow", "mixed", "-k", 2, "--features", "codes")
    assert "by codes\n" in codes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["neighbours", "runs/gan", "mixed"], "see `genlearn models`"),
        (["cluster", "runs/gan", "mixed"], "finds codes by optimisation"),
        (["neighbours", "runs/discs", "mixed", "-k", "50"], "from 1 to 49 neighbours"),
        (["neighbours", "runs/discs", "mixed/disc/00.png"], "among at least 2"),
        (["neighbours", "runs/discs", "mixed", "--query", "named.csv"], "fitted on images"),
        (["neighbours", "runs/discs", "mixed", "--query", "discs.npy:100"], "numbered from 0"),
        (["neighbours", "runs/discs", "mixed", "--out", "n.txt"], ".csv or .parquet"),
        (["neighbours", "runs/discs", "mixed", "--out", "mixed/n.csv"], "choose another place"),
        (["cluster", "runs/discs", "mixed", "-k", "51"], "at most"),
        (["cluster", "runs/discs", "mixed", "-k", "many"], "a number of clusters from 1, or auto"),
        (["cluster", "runs/discs", "mixed/disc/00.png"], "at least 2"),
        (["map", "runs/discs", "mixed/disc/00.png"], "at least 2"),
        (["map", "runs/discs", "mixed", "--features", "middle@0.2"], "has codes alone"),
        (["probe", "runs/flow", "mixed", "--features", "midle@0.2"], "did you mean 'middle'"),
        (["probe", "runs/flow", "mixed", "--features", "middle"], "LAYER@T"),
        (["probe", "runs/flow", "mixed", "--features", "middle@1.5"], "between 0, data, and 1"),
        (["probe", "runs/discs", "discs.npy"], "has no classes"),
        (["probe", "runs/discs", "mixed/disc"], "has no classes"),
        (["probe", "runs/named", "classes.csv", "--label", "knd"], "did you mean 'kind'"),
    ],
)
def test_a_mistake_gets_one_line_and_changes_nothing(place, capsys, arguments, says):
    def files():
        every = sorted(path for path in place.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in every if "index" not in path.parts}

    before = files()
    line = said(capsys, *arguments, code=2)
    assert says in line.splitlines()[-1]
    assert before == files()
