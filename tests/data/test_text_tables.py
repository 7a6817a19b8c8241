"""Tables in text: what many lines say together, and what is told of it."""

import json

import numpy as np
import pandas as pd
import pytest

from genlearn.core.errors import UserError
from genlearn.data import inspect_data, open_data

X = np.random.default_rng(0).normal(size=(60, 3)).round(3)


def text(rows, names="a,b,c", separator=",", mark="."):
    body = [separator.join(str(cell).replace(".", mark) for cell in row) for row in rows]
    head = [names.replace(",", separator)] if names else []
    return "\n".join([*head, *body]) + "\n"


def each(line, count=20, names="a,b\n"):
    return names + "".join(line(i) + "\n" for i in range(count))


@pytest.fixture
def read(tmp_path):
    def reader(content, name="t.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_data(path, **options)

    return reader


@pytest.mark.parametrize(
    "content",
    [
        text(X),
        text(X, separator=";", mark=","),
        text(X, separator="\t", mark=","),
        text(X, separator="|"),
        text(X, separator="   "),
        "  " + text(X, separator="  ").replace("\n", "\n   ").rstrip(" "),
        text(X).replace("\n", ",\n"),
        text(X, separator="\t").replace("\n", "\t\n"),
        text(X, "a,b,c,") .replace("\n", ",\n").replace("c,,", "c,"),
        text(X).replace("\n", "\r"),
        text(X).replace("\n", "\r\n"),
        text(X).replace("\n", "\n\n"),
        text([[f"'{a}'", f'"{b}"', c] for a, b, c in X], "a,'b',\"c\""),
        "sep=;\n" + text(X, separator=";", mark=","),
        "# by me\n# a,b,c\n" + text(X, ""),
        text(X).encode("utf-8-sig"),
        text(X).encode("utf-16"),
        text(X).encode("utf-16-le"),
        pd.DataFrame(X, columns=list("abc")).to_csv(),
        pd.DataFrame(X, columns=list("abc"), index=[f"row {i}" for i in range(60)]).to_csv(),
        text([[f"row {i}", *row] for i, row in enumerate(X)]),
    ],
    ids=[
        "plain", "semicolons and decimal commas", "tabs and decimal commas", "pipes", "blanks",
        "blanks before", "a separator at the end", "a tab at the end", "a separator at every end",
        "CR", "CRLF", "empty lines", "mixed quotes", "sep=", "names in a comment", "BOM", "UTF-16",
        "UTF-16 without a mark", "row numbers", "row names", "row names as R writes them",
    ],
)  # fmt: skip
def test_one_table_in_many_forms(content, read):
    data = read(content)
    assert data.spec.columns == ("a", "b", "c")
    np.testing.assert_array_equal(data.values, X)


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        (text(X, "0,1,2"), ("0", "1", "2"), 60),
        (text(X, "2019,2020,2021"), ("2019", "2020", "2021"), 60),
        (text([[i, 90000 + i, 5000] for i in range(9)], "a,2015,2020"), ("a", "2015", "2020"), 9),
        (
            text([[f"c{i}", i / 2, i] for i in range(9)], "land,2019,2020"),
            ("land", "2019", "2020"),
            9,
        ),
        (text(X, ""), ("x0", "x1", "x2"), 60),
        ("M,0.5,1\nF,0.6,2\nM,0.7,3\n", ("x0", "x1", "x2"), 3),
        ("1,2\n3,4\n5,6\n", ("x0", "x1"), 3),
        ("0,1\n" + "1,0\n0,1\n" * 9, ("x0", "x1"), 19),
        ("1990,1995\n1991,1999\n1992,2000\n", ("x0", "x1"), 3),
        ("1,2,3\n3,1,2\n2,3,1\n", ("x0", "x1", "x2"), 3),
        ("7\n8\n", ("x0",), 2),
        ("1,2,3\n", ("x0", "x1", "x2"), 1),
        ("x\n1.5\n2.5\n", ("x",), 2),
        ("a,,c\n1,2,3\n4,5,6\n", ("a", "x1", "c"), 2),
        ("a,b,c\n1.5,2,3,4\n4.5,5,6,7\n", ("a", "b", "c", "x3"), 2),
    ],
)
def test_names_are_told_from_values(content, names, rows, read):
    data = read(content)
    assert (data.spec.columns, len(data)) == (names, rows)
    assert any(note.startswith("t.csv: ") and "first row" in note for note in data.notes)


@pytest.mark.parametrize(
    ("cells", "values", "told"),
    [
        (['"1,234.5"', "7"], [1234.5, 7], "'1,234.5' is read as 1234.5"),
        (['"1,234"', '"5,678"'], [1234, 5678], "'1,234' is read as 1234"),
        (["1 234", "12 345 678"], [1234, 12345678], "is read as 1234"),
        (["12.5%", "7 %"], [12.5, 7], "numbers with %"),
        (["$1.50", "$2"], [1.5, 2], "numbers with $"),
        (["1.5 €", "2€"], [1.5, 2], "numbers with €"),
        (["+1", "\u22122", ".5", "1.", "1e3", "1E-3"], [1, -2, 0.5, 1, 1000, 0.001], ""),
        (["true", "FALSE"], [1, 0], ""),
        (["9007199254740993", "1"], [9007199254740992, 1], "are rounded: a"),
    ],
)
def test_numbers_as_people_write_them(cells, values, told, read):
    data = read("a,b\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert data.values[:, 0].tolist() == values
    assert any(told in note for note in data.notes)


def test_thousands_by_dots(read):
    data = read(each(lambda i: f"{i + 1}.000,5;1.000.000", names="a;b\n"))
    assert data.values[1].tolist() == [2000.5, 1e6]
    assert read(each(lambda i: "1.000.000;2", names="a;b\n")).values[0].tolist() == [1e6, 2]


def test_fractions_of_three_digits(read):
    """Of 0,125 and 1,234 the first cannot be grouped by thousands."""
    assert read(each(lambda i: f"{i},125;{i}", names="a;b\n")).values[1, 0] == 1.125
    content = each(lambda i: f"{i + 1},125\t{i}", names="a\tb\n")
    with pytest.raises(UserError, match=r"may be fractions or thousands.*decimal"):
        read(content, "t.tsv")
    assert read(content, "t.tsv", decimal=",").values[0, 0] == 1.125
    assert read(content, "t.tsv", decimal=".").values[0, 0] == 1125


@pytest.mark.parametrize(
    ("cells", "missing", "told"),
    [
        (["1", "-", "2.5"], 1, "'-' is missing (1 cell)"),
        (["1", "?", "?"], 2, "'?' is missing (2 cells)"),
        (["1", "NA", "nan", "", "NULL"], 4, "'NULL' is missing (1 cell)"),
        (["true", "", "false"], 1, ""),
    ],
)
def test_missing_numbers(cells, missing, told, tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{cell},1\n" for cell in cells))
    report = inspect_data(tmp_path / "t.csv")
    assert report.columns[0].missing == missing
    assert any(told in note for note in report.notes)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["1", "2", "oops"], "by 1 of its 3 cells, such as 'oops'"),
        (["1%", "2", "3%"], "some numbers with % and some without"),
    ],
)
def test_a_column_of_almost_numbers_is_a_category_and_told(cells, told, read):
    data = read("a,b\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert [field.kind for field in data.spec.fields] == ["integer", "category"]
    assert data.spec.fields[1].levels == tuple(cells)
    assert any(told in note for note in data.notes)


def test_an_empty_column_is_named(read):
    data = read("a,b\n1,\n2,\n")
    assert data.spec.columns == ("a",)
    assert "columns left out, they are empty: b" in data.notes


def test_another_decimal_mark_in_one_column(read):
    data = read(each(lambda i: f"{i}.25;{i},5;7,5", names="a;b;c\n"))
    assert data.spec.columns[-2:] == ("b", "c")
    assert any("'a' has numbers with the decimal mark '.'" in note for note in data.notes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (text(X[:5]) + "1,2\n" + text(X, ""), "line 7 has 2 cells and the others 3"),
        (text(X[:5]) + "1,2,3,4\n" + text(X, ""), "line 7 has 4 cells and the others 3"),
        (text(np.tile(X, (40, 1))) + "1,2,3,4\n", "line 2402 has 4 cells"),
        ("Report\n\n" + text(X), "line 1 has 1 cell and the others 3"),
        (text(X[:4]) + '1,"2,3\n' + text(X, ""), "line 6 begins a row that cannot be read"),
        ("a,b\n1," + "x" * 200_000 + "\n2,y\n", "line 2 .*field larger"),
        (text(X, "a,b,a"), "columns 1 and 3 are both called 'a'"),
        (text(X, "2019,2020,2020"), "columns 2 and 3 are both called '2020'"),
        ("a,b,c\n", "no rows"),
        ("\n\n", "no row"),
        (b"a,b\n1,\x002\n", "zero bytes"),
        (text(X).encode("utf-16")[:-1], "cannot be read as csv"),
    ],
)
def test_what_cannot_be_read(content, message, read):
    with pytest.raises(UserError, match=message) as caught:
        read(content)
    assert "\n" not in str(caught.value)


def test_a_line_break_in_quotes(read):
    assert read(each(lambda i: f'{i},"two\nlines"')).values[:, 0].tolist() == list(range(20))


def test_asked_for(read):
    data = read("1,2\n3,4\n", header=True)
    assert (data.spec.columns, data.asked) == (("1", "2"), {"header": True})
    assert len(read("2019,2020\n1.5,2.5\n", header=False)) == 2
    assert read("a:b\n1:2\n3:4\n", delimiter=":").spec.columns == ("a", "b")
    assert read("a b\n1 2,5\n", delimiter="space").values.tolist() == [[1, 2.5]]
    with pytest.raises(UserError, match="one character"):
        read("a::b\n1::2\n", delimiter="::")
    with pytest.raises(UserError, match=r"decimal='x' was given"):
        read("a,b\n1,2\n", decimal="x")
    with pytest.raises(UserError, match="for tables in text"):
        open_data("digits", decimal=",")


def test_latin_letters(read):
    data = read("größe,b\n1,2\n3,4\n".encode("latin-1"))
    assert data.spec.columns == ("größe", "b")
    assert "not UTF-8: read as Windows-1252" in data.notes[-1]


@pytest.mark.parametrize("rows", [["NA", "DE"], ["None", "1"], ["nan", "null"]])
def test_classes_called_as_if_missing(rows, read):
    data = read(each(lambda i: f"{i},{rows[i % 2]}", names="x,label\n"))
    assert data.spec.classes == tuple(sorted(rows))
    assert any("is taken as a class, not as missing" in note for note in data.notes)


def test_classes_as_they_are_written(read):
    kinds = ["01", "1"]
    assert read(each(lambda i: f"{i},{kinds[i % 2]}", names="x,label\n")).spec.classes == (
        "01",
        "1",
    )
    kinds = ["1.0", "2.0"]
    assert read(each(lambda i: f"{i},{kinds[i % 2]}", names="x,label\n")).spec.classes == ("1", "2")
    assert read(each(lambda i: f"{i},{i / 8}", names="x,target\n")).spec.columns == ("x", "target")


def test_classes_that_are_missing(read):
    content = each(lambda i: f"{i},{['u', ''][i % 2]}", names="x,label\n")
    assert any("10 of 20 are missing" in note for note in read(content).notes)
    with pytest.raises(UserError, match="10 of 20 are missing; fill or remove"):
        read(content, label="label")


def test_files_of_one_table_have_the_same_columns(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.csv").write_text("b,a\n4,3\n")
    assert open_data(tmp_path).values.tolist() == [[1, 2], [3, 4]]
    (tmp_path / "b.csv").write_text("b,c\n4,3\n")
    with pytest.raises(UserError, match="other columns"):
        open_data(tmp_path)


def test_json_lines_end_at_line_feeds(read):
    rows = [{"x": i, "note": "a\u2028b\u0085c"} for i in range(3)]
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    assert read(content, "t.jsonl").values[:, 0].tolist() == [0, 1, 2]
    assert read(content.encode("utf-16"), "t.jsonl").values[:, 0].tolist() == [0, 1, 2]
    with pytest.raises(UserError, match="line 2 is not a JSON object"):
        read('{"x": 1}\n[2]\n', "t.jsonl")
    with pytest.raises(UserError, match="'x' twice"):
        read('{"x": 1, "x": 2}\n', "t.jsonl")


def test_zeros_in_front_are_told(tmp_path):
    rows = [f"0{i}23,{i / 7}" for i in range(10, 40)]
    (tmp_path / "t.csv").write_text("\n".join(["code,x", *rows]))
    notes = open_data(tmp_path / "t.csv").notes
    assert "column 'code': '01023' is read as 1023, without its zeros" in notes
    assert not any("column 'x'" in note for note in notes)
