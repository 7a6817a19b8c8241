"""Which image a name means that is written in a table beside it: compared as people mean it, and
never guessed."""

import unicodedata

import pytest

from genlearn.data import open_data


def nfd(text):
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("pics\\1.png", "pics/1.png"),
        (".\\pics\\1.png", "pics/1.png"),
        ("./pics//1.png", "pics/1.png"),
        ("other/../pics/1.png", "pics/1.png"),
        ("caf\u00e9.png", nfd("caf\u00e9.png")),
        (nfd("caf\u00e9.png"), "caf\u00e9.png"),
        ('"a, ""b"".png"', 'a, "b".png'),
        ('"two\nlines.png"', "two\nlines.png"),
        ("Pics/1.PNG", "pics/1.png"),
        ("my%20dog.png", "my dog.png"),
        ("100%25.png", "100%25.png"),
    ],
)
def test_names_that_mean_an_image(written, name, save, tmp_path):
    save(name)
    save("other.png")
    (tmp_path / "metadata.csv").write_text(f"file_name,text\n{written},words\nother.png,x\n")
    data = open_data(tmp_path)
    assert data.captions[data.names.index(name)] == "words"


def test_stems_in_another_unicode_form(save, tmp_path):
    save(nfd("caf\u00e9.png"))
    (tmp_path / "caf\u00e9.txt").write_text("words")
    assert open_data(tmp_path).captions == ["words"]


def test_names_that_may_mean_two_images_are_not_guessed(save, tmp_path):
    for name in ("a.png", "A.PNG", "c.png"):
        save(name)
    (tmp_path / "metadata.csv").write_text("file_name,text\na.PNG,words\nc.png,x\n")
    data = open_data(tmp_path)
    assert data.captions == ["", "", "x"]
    assert "1 files named in metadata.csv do not exist: a.PNG" in data.notes


@pytest.mark.parametrize("path", ["pics\\a.png", "./pics/a.png", "pics%2Fa.png"])
def test_paths_in_tables(path, save, tmp_path):
    save("pics/a.png")
    save("pics/" + nfd("caf\u00e9.png"))
    content = f"Path,Caption\n{path},one\npics/caf\u00e9.png,two\n"
    (tmp_path / "list.csv").write_text(content, encoding="utf-8")
    data = open_data(tmp_path / "list.csv")
    assert len(data) == 2
    assert data.captions == ["one", "two"]
