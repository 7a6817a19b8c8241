"""Captions as people write them beside images: whole, or an error that names the line."""

import codecs
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from genlearn.core.errors import UserError
from genlearn.data import open_data

NAMES = ["a.png", "b.png", "c.png"]


@pytest.fixture
def images(save, tmp_path):
    """Three images; returns a writer of the text beside them."""
    for name in NAMES:
        save(name)
    return lambda text, name="metadata.csv": (tmp_path / name).write_text(text, encoding="utf-8")


def rows(texts, head="file_name,text", mark=","):
    lines = [f"{name}{mark}{text}" for name, text in zip(NAMES, texts, strict=True)]
    return "\n".join([head, *lines]) + "\n"


COMMAS = ["a ball, on grass, sunny", "plain", "two,  blanks"]


@pytest.mark.parametrize("name", ["metadata.csv", "METADATA.CSV"])
def test_commas_without_quotes_belong_to_the_last_column(name, images, tmp_path):
    images(rows(COMMAS), name)
    data = open_data(tmp_path)
    assert data.captions == COMMAS
    line = f"2 captions of {name} hold separators without quotes: read to the end of the line"
    assert data.notes == (line,)


def test_commas_that_belong_to_no_caption_are_an_error(images, tmp_path):
    images("file_name,text,label\na.png,one,x\nb.png,two, three,y\nc.png,four,z\n")
    with pytest.raises(UserError, match=r"line 3 of metadata.csv has 4 cells, the first has 3"):
        open_data(tmp_path)


@pytest.mark.parametrize(
    ("text", "line"), [('a.png,"open\nb.png,two\n', 2), ('a.png,one\nb.png,"two" three\n', 3)]
)
def test_quotes_that_do_not_end_are_an_error(text, line, images, tmp_path):
    images("file_name,text\n" + text)
    with pytest.raises(UserError, match=f"line {line} of metadata.csv begins a row that cannot"):
        open_data(tmp_path)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators(mark, images, tmp_path):
    images(rows(COMMAS, f"file_name{mark}text", mark))
    assert open_data(tmp_path).captions == COMMAS
    images(rows(COMMAS, f"sep={mark}\nfile_name{mark}text", mark))
    assert open_data(tmp_path).captions == COMMAS


@pytest.mark.parametrize("head", ["File_Name,Text", " file name , text ", "FILENAME,Caption"])
def test_names_of_columns(head, images, tmp_path):
    images(rows(["x", "y", "z"], head))
    assert open_data(tmp_path).captions == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-8", b"", False),
        ("utf-8", codecs.BOM_UTF8, False),
        ("utf-16-le", codecs.BOM_UTF16_LE, False),
        ("utf-16-be", codecs.BOM_UTF16_BE, False),
        ("cp1252", b"", True),
    ],
)
@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl", "a.txt"])
def test_encodings(name, encoding, mark, told, images, tmp_path):
    text = "ein Schlo\u00df"
    content = {
        "metadata.csv": rows([text] * 3),
        "metadata.jsonl": "".join(
            json.dumps({"file_name": n, "text": text}, ensure_ascii=False) + "\n" for n in NAMES
        ),
        "a.txt": text,
    }[name]
    (tmp_path / name).write_bytes(mark + content.encode(encoding))
    data = open_data(tmp_path)
    assert data.captions[0] == text
    assert any("Windows-1252" in note for note in data.notes) == told


CELLS = [
    (["one", "two"], "one", "several captions"),
    ([], "", "no caption"),
    (["", "two"], "two", ""),
    ({"en": "one", "de": "eins"}, "one", "only 'en' is read"),
    ({"raw": "one", "tokens": ["o"]}, "one", "only 'raw' is read"),
    ([{"raw": "one"}, {"raw": "two"}], "one", "several captions"),
    (None, "", "no caption"),
    (float("nan"), "", "no caption"),
    (7, "7", ""),
    (0, "0", ""),
    (2.5, "2.5", ""),
    ("  x ", "x", ""),
    ("y" * 200_000, "y" * 200_000, ""),
    ("two\u2028lines\nof text", "two\u2028lines\nof text", ""),
]


@pytest.mark.parametrize(("cell", "caption", "note"), CELLS)
@pytest.mark.parametrize("kind", ["jsonl", "sidecar"])
def test_whatever_stands_for_a_caption(kind, cell, caption, note, images, tmp_path):
    for name, text in zip(NAMES, (cell, "other", "words"), strict=True):
        if kind == "sidecar":
            images(json.dumps({"text": text}), f"{name[0]}.json")
        else:
            with (tmp_path / "metadata.jsonl").open("a", encoding="utf-8") as file:
                row = json.dumps({"file_name": name, "text": text}, ensure_ascii=False)
                file.write(row + "\n")
    data = open_data(tmp_path)
    assert data.captions == [caption, "other", "words"]
    assert note in " ".join(data.notes)
    assert bool(data.notes) == bool(note)


@pytest.mark.parametrize(
    ("cells", "caption", "note"),
    [
        ([["one", "two"]] * 3, "one", "3 images have several captions"),
        ([{"en": "one", "de": "eins"}] * 3, "one", "only 'en' is read"),
        ([1, 2, 3], "1", "numbers alone"),
        (["one", None, ""], "one", "2 of 3 images have no caption"),
    ],
)
def test_captions_in_parquet(cells, caption, note, save, tmp_path):
    contents = [save(name).read_bytes() for name in NAMES]
    table = pa.table({"Image": contents, " Caption": cells})
    parquet.write_table(table, tmp_path / "a.parquet")
    data = open_data(tmp_path / "a.parquet")
    assert data.captions[0] == caption
    assert note in data.notes[0]


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl", "dataset.json"])
def test_captions_that_match_nothing_are_an_error(name, images, tmp_path):
    content = {
        "metadata.csv": "file_name,text\nx/a.png,one\nx/b.png,two\n",
        "metadata.jsonl": '{"file_name": "x/a.png", "text": "one"}\n',
        "dataset.json": '{"labels": [["x/a.png", 1]]}',
    }[name]
    images(content, name)
    with pytest.raises(UserError, match=rf"none of the \d files named in {name}.*'x/a.png'.*a.png"):
        open_data(tmp_path)


@pytest.mark.parametrize("text", ["", "file_name,text\n"])
def test_tables_without_rows_are_named(text, images, tmp_path):
    images(text)
    assert open_data(tmp_path).notes == ("metadata.csv has no rows",)


@pytest.mark.parametrize(
    "text", ["[1, 2]", '[{"file_name": "a.png", "text": "x"}]', "{", "[" * 9999]
)
def test_lines_that_are_no_objects(text, images, tmp_path):
    images(f'{{"file_name": "a.png", "text": "x"}}\n{text}\n', "metadata.jsonl")
    with pytest.raises(UserError, match=r"line 2 of metadata.jsonl is not a JSON object"):
        open_data(tmp_path)


def test_captions_that_are_all_empty_are_none(images, tmp_path):
    images(rows(["", " ", ""]))
    data = open_data(tmp_path)
    assert data.captions is None
    assert not data.spec.captions
    assert data.notes == ("no captions: all of them are empty",)


def test_several_descriptions_of_an_image(images, tmp_path):
    images("file_name,text\na.png,one\na.png,two\nb.png,three\nb.png,three\n")
    images('{"file_name": "a.png", "text": "four", "label": 1}\n', "metadata.jsonl")
    images("five", "c.txt")
    images("", "b.txt")
    data = open_data(tmp_path)
    assert data.captions == ["one", "three", "five"]
    assert "1 images are described more than once, the first counts: a.png" in data.notes


def test_rows_and_files_that_lack_each_other_are_named(images, tmp_path):
    images("file_name,text,width\na.png,one,3\ngone.png,two,4\n")
    assert open_data(tmp_path).notes == (
        "1 files named in metadata.csv do not exist: gone.png",
        "nothing is said of 2 images: b.png, c.png",
        "2 of 3 images have no caption",
        "columns beside the images not read: width",
    )


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("file_name,text,\na.png,one,\nb.png,two,\nc.png,three,\n", None),
        (",file_name,text\n0,a.png,one\n1,b.png,two\n2,c.png,three\n", "(no name)"),
        ("id,file_name,text\n0,a.png,one\n1,b.png,two\n2,c.png,three\n", "id"),
        ('file_name, text\na.png, "one"\n\nb.png, two\n\nc.png, "three"\n\n', None),
    ],
)
def test_columns_without_a_use(text, note, images, tmp_path):
    images(text)
    data = open_data(tmp_path)
    assert data.captions == ["one", "two", "three"]
    assert data.notes == ((f"columns beside the images not read: {note}",) if note else ())


def test_texts_that_are_not_read_are_named(images, tmp_path):
    images("[1, 2", "a.json")
    images("boxes", "a.xml")
    images("words", "b.txt")
    images("x" * (2 << 20), "c.txt")
    notes = open_data(tmp_path).notes
    assert "1 texts that cannot be read: a.json" in notes
    assert "1 texts too large for captions, not read: c.txt" in notes
    assert "3 other files not read: a.json, a.xml, c.txt" in notes


def test_boxes_are_no_captions_in_silence(images, tmp_path):
    for name in "abc":
        images("0 0.5 0.5 0.1 0.2\n1 0.1 0.2 0.3 0.4", f"{name}.txt")
    assert any("numbers alone" in note for note in open_data(tmp_path).notes)


def test_classes_are_called_as_classes_txt_says(images, tmp_path):
    images("file_name,label\na.png,1\nb.png,0\nc.png,1\n")
    images("cat\ndog\n", "classes.txt")
    data = open_data(tmp_path)
    assert data.spec.classes == ("cat", "dog")
    assert data.labels.tolist() == [1, 0, 1]
    assert data.notes == ()


@pytest.mark.parametrize(("label", "classes"), [([0, 1], ("1",)), ([0.2, 0.8], ()), ({"a": 1}, ())])
def test_labels_in_lists(label, classes, images, tmp_path):
    lines = [json.dumps({"file_name": name, "label": label}) for name in NAMES]
    images("\n".join(lines), "metadata.jsonl")
    assert open_data(tmp_path).spec.classes == classes
