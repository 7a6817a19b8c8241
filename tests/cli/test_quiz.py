"""`genlearn quiz` and `genlearn quiz-results`, as a user types them."""

import json
import re
from base64 import urlsafe_b64encode
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table

from genlearn.cli.main import run


def said(capsys, *arguments, code=0):
    """What the command printed, or the line that a mistake gets."""
    assert run(list(map(str, arguments)), debug=False) == code
    shown = capsys.readouterr()
    return shown.out + shown.err if code == 0 else shown.err.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Discs, a table, and runs of each."""
    place = tmp_path_factory.mktemp("place")
    np.save(place / "discs.npy", blobs(80, seed=1))
    np.save(place / "others.npy", blobs(80, seed=2))
    np.save(place / "large.npy", blobs(80, 16, 16))
    pd.DataFrame(gaussian_table(80, 4), columns=list("abcd")).to_csv(
        place / "table.csv", index=False
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for name, model, data in (
            ("ppca", "ppca", "discs.npy"),
            ("gmm", "gmm", "discs.npy"),
            ("large", "ppca", "large.npy"),
            ("rows", "ppca", "table.csv"),
        ):
            fit = ["fit", model, data, "--latent-dim", "3", "--out", f"runs/{name}"]
            assert run(fit, debug=False) == 0
    return place


@pytest.fixture(autouse=True)
def _inside(place, monkeypatch):
    monkeypatch.chdir(place)


def code_for(page, judge, answers):
    """The result of a judge, as the page would give it."""
    quiz = json.loads(re.search(r'class="quiz-data">(.*?)</script>', page.read_text())[1])
    count = len(quiz["hashes"]) - quiz["practice"]
    fields = {
        "quiz": quiz["id"],
        "sitting": judge,
        "judge": judge,
        "answers": answers(count),
        "ms": [800] * count,
    }
    body = urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    return f"genlearn-quiz:{body}:{sha256(body.encode()).hexdigest()[:8]}."


def test_a_quiz_of_two_runs_and_its_results(place, capsys):
    shown = said(capsys, "quiz", "runs/ppca", "runs/gmm", "others.npy", "-n", 12, "--out", "a.html")
    assert shown.strip() == "a.html: 12 of 16 trials count; open it in a browser"
    (place / "ann.txt").write_text(code_for(place / "a.html", "Ann", lambda n: "1" * n))
    bob = code_for(place / "a.html", "Bob", lambda n: "0" * n)
    shown = said(
        capsys, "quiz-results", "a.html", "ann.txt", bob, "ann.txt", "--out", "answers.csv"
    )
    assert "ann.txt: a result that was given already is counted once" in shown
    assert "2 judges, 12 images each: right in 50 % [" in shown
    assert "not settled" in shown
    assert re.search(r"Ann +6 of 12 +50 % +0\.8", shown)
    assert "2 judges say little about others" in shown
    table = pd.read_csv("answers.csv")
    assert len(table) == 24
    assert set(table.source) == {"real", "ppca", "gmm"}
    assert (table.correct == (table.right == table.answer)).all()


def test_pairs_have_controls_and_the_same_call_gives_the_same_page(place, capsys):
    call = ["quiz", "runs/gmm", "others.npy", "-n", 8, "--kind", "pair", "--out", "pair.html"]
    assert "8 of 14 trials count" in said(capsys, *call)
    before = (place / "pair.html").read_bytes()
    said(capsys, *call)
    assert (place / "pair.html").read_bytes() == before
    assert "pair.html holds another quiz" in said(capsys, *call, "--seed", 1, code=2)
    assert "pair.html holds another quiz" in said(capsys, *call, "--limit", 1, code=2)
    assert (place / "pair.html").read_bytes() == before
    shown = said(
        capsys, "quiz-results", "pair.html", code_for(place / "pair.html", "", lambda n: "0" * n)
    )
    assert "1 judge, 8 pairs each: right in 50 %" in shown
    assert "controls, both real: A chosen in 100 %" in shown


def test_it_is_told_where_the_run_knows_the_real_images(capsys):
    shown = said(capsys, "quiz", "runs/gmm", "discs.npy", "-n", 8, "--out", "known.html")
    assert "the real images are among those that runs/gmm learned from" in shown


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["runs/rows", "table.csv"], "learned from a table; people judge images"),
        (["runs/ppca", "runs/large", "discs.npy"], "have images of shape|has images of shape"),
        (["runs/ppca", "runs/ppca", "discs.npy"], "was given twice"),
        (["runs/ppca", "discs.npy", "--out", "quiz.png"], "name it .html"),
        (["runs/ppca", "discs.npy", "-n", "200"], "has 80 images; a quiz of -n 200 takes 102"),
        (["runs/ppca", "runs/gmm", "discs.npy", "-n", "3"], "Invalid value for '-n'"),
        (["runs/none", "discs.npy"], "runs/none"),
        (["discs.npy"], "Missing argument"),
    ],
)
def test_mistakes_get_one_line(capsys, arguments, line):
    assert re.search(line, said(capsys, "quiz", *arguments, code=2))


def test_mistakes_with_results_get_one_line_and_lose_nothing(place, capsys):
    said(capsys, "quiz", "runs/gmm", "others.npy", "-n", 8, "--out", "m.html")
    code = code_for(place / "m.html", "Ann", lambda n: "1" * n)
    (place / "m.csv").write_text(code)
    (place / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    for arguments, line in (
        (["m.html", "discs.npy"], "discs.npy is no text"),
        (["m.html", "bytes.txt"], "bytes.txt is no text"),
        (["m.html", "table.csv"], "table.csv holds no result"),
        (["table.csv", code], "table.csv holds no quiz"),
        (["nowhere.html", code], "nowhere.html: No such file"),
        (["m.html", code[:-9]], "a result that is not whole"),
        (["m.html", "m.csv", "--out", "m.csv"], "the output m.csv is m.csv, which is read"),
        (["m.html", code, "--out", "m.html"], "the output m.html is m.html, which is read"),
        (["m.html"], "Missing argument"),
    ):
        assert line in said(capsys, "quiz-results", *arguments, code=2)
    assert (place / "m.csv").read_text() == code
    assert "1 judge" in said(capsys, "quiz-results", "m.html", code, "--out", "new.csv")
