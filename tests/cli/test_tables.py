"""Tables in text by the command line: how they are read is told, can be said, and is kept by a
run."""

import json

import pandas as pd
import pytest

import genlearn as gl
from genlearn.cli.commands.sample import tell_index
from genlearn.cli.main import run


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *arguments, code=0):
    capsys.readouterr()
    assert run(list(map(str, arguments)), debug=False) == code
    out = capsys.readouterr()
    return out.out + out.err


def table(name, rows):
    """Numbers of three decimals with a comma between tabs, which may be thousands."""
    lines = [
        f"{i % 9 + 1},{137 * i % 900 + 100}\t{i % 7 + 1},{91 * i % 800 + 100}" for i in range(rows)
    ]
    kinds = [f"{line}\t{'uv'[i % 2]}\n" for i, line in enumerate(lines)]
    with open(name, "w", encoding="utf-8") as file:
        file.write("a\tb\tkind\n" + "".join(kinds))


def test_a_run_reads_data_as_it_was_told_to(capsys, place):
    table("t.tsv", 80)
    table("u.tsv", 20)
    error = said(capsys, "fit", "ppca", "t.tsv", "--out", "r", code=2)
    assert "fractions or thousands" in error
    assert "decimal mark ',' (as asked)" in said(
        capsys, "fit", "ppca", "t.tsv", "--out", "r", "--decimal", ",", "--label", "kind"
    )
    manifest = json.loads((place / "r" / "manifest.json").read_text())
    assert manifest["data"]["asked"] == {"decimal": ",", "label": "kind"}
    assert max(field["high"][-1] for field in manifest["data"]["spec"]["fields"]) < 100
    fractions = said(capsys, "score", "r", "u.tsv")
    assert fractions != said(capsys, "score", "r", "u.tsv", "--decimal", ".")
    assert fractions == said(capsys, "score", "r", "u.tsv", "--decimal", ",")
    for command in ("reconstruct", "encode", "outliers"):
        said(capsys, command, "r", "u.tsv", "--out", f"{command}.csv")
    said(capsys, "interpolate", "r", "u.tsv:0", "u.tsv:1", "--out", "i.csv")
    assert "AUC of u" in said(
        capsys, "outliers", "r", "u.tsv", "--label", "kind", "--positive", "u"
    )


def test_how_a_table_was_read_is_one_line_of_inspect(capsys, place):
    (place / "t.csv").write_text("2019;2020\n" + "1,5;2,25\n3,5;4,5\n" * 9)
    lines = said(capsys, "inspect", "t.csv").splitlines()
    assert [line for line in lines if line.startswith("note: t.csv: ")] == [
        "note: t.csv: 2 cells in each row, between ';'; names from the first row (it holds years,"
        " and the others do not); decimal mark ',' (36 cells are numbers with that mark alone)"
    ]
    assert "19 rows" in said(capsys, "inspect", "t.csv", "--no-header")


def test_a_flag_that_nothing_is_read_by(capsys):
    error = said(capsys, "inspect", "digits", "--no-header", code=2)
    assert "header=False was given; it is for tables in text" in error


def test_a_number_that_is_an_index_is_told(capsys):
    model = gl.Flow(steps=1)
    model.classes_in_ = ("apple", "banana")
    tell_index(model, "1")
    assert "no class is called 1: taken as the index of 'banana'" in capsys.readouterr().err
    tell_index(model, "banana")
    tell_index(model, None)
    assert not capsys.readouterr().err


def test_what_was_decided_is_told_once(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i},5;{i};{i % 3}" for i in range(30)]
    (tmp_path / "t.csv").write_text("\n".join(["a;b;c", *rows]))
    for arguments in (["inspect", "t.csv"], ["fit", "ppca", "t.csv"]):
        assert run(arguments, debug=False) == 0
        said = capsys.readouterr()
        assert (said.out + said.err).count("decimal mark") == 1


def test_rows_hold_rules_which_are_compared_with_the_data(capsys, place):
    rows = [f"{i % 7},{i % 7 + i % 3},{'uv'[i % 2]}" for i in range(90)]
    (place / "t.csv").write_text("\n".join(["a,b,kind", *rows]))
    said(capsys, "fit", "ppca", "t.csv", "--out", "r", "--label", "none_such", code=2)
    said(capsys, "fit", "ppca", "t.csv", "--out", "r")
    told = said(capsys, "sample", "r", "-n", "700", "--keep", "a < b", "--keep", "kind = u")
    assert "'a < b' holds in 66.7 % of the rows of t.csv" in told
    assert "'kind = u' holds in 50 % of the rows of t.csv" in told
    assert "700 of " in told
    drawn = pd.read_csv("sample.csv")
    assert len(drawn) == 700
    assert (drawn.a < drawn.b).all()
    assert set(drawn.kind) == {"u"}
    (place / "t.csv").unlink()
    told = said(capsys, "sample", "r", "-n", "5", "--keep", "a <= b", "--out", "s.csv")
    assert "not compared with what r learned from" in told
    for rule, why in (("a <= c", "neither"), ("a > b + 99", "fewer than 1 of 10,000")):
        lines = said(capsys, "sample", "r", "--keep", rule, "--out", "x.csv", code=2).splitlines()
        assert why in lines[-1]
        assert not (place / "x.csv").exists()
