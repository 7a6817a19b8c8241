"""The pages of data: what can be chosen, what was found, what is wrong and how that is mended."""

import io
import os
from urllib.parse import quote

import pytest
from PIL import Image
from uploading import FLOWERS, looked, png, send

import genlearn as gl
from genlearn.data.open.opening import open_data
from genlearn.studio.library.places import id_of
from genlearn.studio.library.reading import Reading, reading_arguments, remember, remembered


def test_folder_of_images_becomes_a_set_with_classes_problems_and_their_mends(client, studio):
    files = [(f"pets/{'cats' if i % 2 else 'dogs'}/{i}.png", png(i)) for i in range(30)]
    files += [
        ("pets/cats/twin.png", png(1)),
        ("pets/cats/large.png", png(99, 24)),
        ("pets/cats/page.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"),
        ("pets/notes.docx", b"PK"),
    ]
    answer = send(client, files)
    assert answer.status_code == 201
    assert answer.json()["left"] == ["pets/notes.docx"]
    page = answer.json()["page"]
    first = client.get(page).text
    assert "pets/notes.docx" in first
    assert f"/train?data={page.removeprefix('/data/')}" in first
    found = looked(client, page)
    for words in (
        "32 images of 16x16, grey",
        "in 2 classes",
        "1 file cannot be read",
        "page.png: not an image",
        "more than once",
        "2 sizes",
        "#reading-resolution",
    ):
        assert words in found, words
    assert found in client.get(page).text  # and stays
    sheet = client.get(f"{page}/sheet.png")
    assert sheet.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(sheet.content)).format == "PNG"
    assert "/thumbnail.png" in client.get("/data").text
    assert client.get(f"{page}/thumbnail.png").status_code == 200
    place = studio.settings.folder / "data" / "pets"
    (place / "cats" / "new.png").write_bytes(png(77))
    assert "Being looked at" in client.get(page).text  # it has changed
    assert "33 images" in looked(client, page)


def test_links_out_of_the_folder_are_neither_listed_nor_served(client, studio, tmp_path):
    (tmp_path / "secret.csv").write_text(FLOWERS)
    folder = studio.settings.folder
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "links").symlink_to(tmp_path)
    (folder / "mixed").mkdir()
    (folder / "mixed" / "a.csv").symlink_to(tmp_path / "secret.csv")
    studio.library.forget()
    assert "link" not in client.get("/data").text.partition("<h1>")[2]
    for name in ("link.csv", "links", "links/secret.csv", "mixed/a.csv"):
        assert client.get(f"/data/{id_of(name)}").status_code == 404
        assert client.post(f"/data/{id_of(name)}/look").status_code == 404


def test_tables_show_rows_and_histograms_and_are_read_as_was_chosen(client, studio):
    page = send(client, [("beds.csv", FLOWERS.encode())]).json()["page"]
    source = studio.library.source(page.removeprefix("/data/"))
    found = looked(client, page)
    assert "90 rows of 3 columns" in found
    assert 'aria-label="Distribution of length"' in found
    assert "First rows" in found
    assert "No column gives classes" in found
    assert reading_arguments(studio.library, source) == []
    chosen = {"label": "kind", "header": "yes", "kind:width": "leave", "kind:length": ""}
    answer = client.post(f"{page}/reading", data=chosen)
    assert answer.headers["hx-redirect"] == page
    found = looked(client, page)
    assert "in 3 classes" in found
    assert "90 rows of 1 columns" in found
    flags = ["--label", "kind", "--column-kind", "width=leave", "--header"]
    assert reading_arguments(studio.library, source) == flags
    data = open_data(source.path, **remembered(studio.library, source).options)
    assert data.spec.classes == ("x", "y", "z")
    assert studio.inspector.spec(source).classes == ("x", "y", "z")
    client.post(f"{page}/reading", data={"label": "colour"})
    found = looked(client, page)
    assert "has no such column" in found
    assert "Look again" in found
    assert 'value="colour"' in found  # to be mended at once
    client.post(f"{page}/reading", data={})
    assert reading_arguments(studio.library, source) == []
    assert "No column gives classes" in looked(client, page)


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolution": "0"},
        {"resolution": "64x"},
        {"header": "perhaps"},
        {"decimal": "x"},
        {"label": "x" * 300},
        {"kind:a": "b\0"},
    ],
)
def test_options_that_nothing_can_be_read_by_are_refused(client, studio, wrong):
    source = studio.library.source(id_of("digits"))
    assert client.post(f"/data/{source.id}/reading", data=wrong).status_code == 400
    assert remembered(studio.library, source) == Reading()


def test_damaged_choices_are_as_none(studio):
    source = studio.library.source(id_of("digits"))
    remember(studio.library, source, Reading(resolution="4"))
    assert reading_arguments(studio.library, source) == ["--resolution", "4"]
    (studio.library.own / "data" / f"{source.id}.json").write_text('{"resolution": "-1"}')
    assert reading_arguments(studio.library, source) == []


def test_captions_are_found_by_words_and_paged(client):
    words = ["a red boat", "a <b>blue</b> boat", "Grüße aus Köln"]
    files = [(f"talk/{i}.png", png(i)) for i in range(60)]
    files += [(f"talk/{i}.txt", f"{words[i % 3]} {i}".encode()) for i in range(60)]
    page = send(client, files).json()["page"]
    assert "60 with captions" in looked(client, page)
    first = client.get(f"{page}/captions").text
    assert "60 captions, 1 to 24 shown" in first
    assert "a &lt;b&gt;blue&lt;/b&gt; boat 1" in first
    assert "<b>blue" not in first
    assert f"{page}/captions?q=&amp;start=24" in first
    last = client.get(f"{page}/captions?start=48").text
    assert "49 to 60 shown" in last
    assert "20 of 60 captions have these words" in client.get(f"{page}/captions?q=RED+boat").text
    assert "20 of 60" in client.get(f"{page}/captions?q={quote('KÖLN')}").text
    assert "0 of 60" in client.get(f"{page}/captions?q=zebra").text
    assert client.get(f"{page}/captions?start=-1").status_code == 404
    example = client.get(f"{page}/example.png?i=59")
    assert Image.open(io.BytesIO(example.content)).size == (16, 16)
    assert client.get(f"{page}/example.png?i=60").status_code == 404


def test_names_that_are_no_text_are_shown_as_far_as_they_are(client, studio):
    name = os.fsdecode(b"odd \xff.csv")
    (studio.settings.folder / name).write_text(FLOWERS)
    studio.library.forget()
    assert r"odd \xff.csv" in client.get("/data").text
    assert "90 rows of 3 columns" in looked(client, f"/data/{id_of(name)}")


@pytest.fixture
def link(client):
    """A studio over the same folder that listens; the link that lets in."""
    with gl.studio(client.app.state.studio.settings.folder, browser=False) as studio:
        yield studio.url


def test_upload_with_a_browser_ends_on_the_page_of_the_set(open_tab, link, tmp_path):
    for i in range(20):
        (tmp_path / f"{i}.png").write_bytes(png(i, 16 if i else 24))
    tab = open_tab(link, 390)
    tab.goto(link.partition("/login")[0] + "/data")
    tab.set_input_files("#files", [str(path) for path in sorted(tmp_path.iterdir())])
    assert "20 files" in tab.inner_text("#chosen-words")
    tab.fill("#name", "squares")
    tab.click("#send")
    tab.wait_for_selector("h1:has-text('data/squares')")
    tab.wait_for_selector(".sheet", timeout=120_000)
    tab.click("a[href='#reading-resolution']")
    assert tab.evaluate("document.activeElement.id") == "reading-resolution"
    tab.fill("#reading-resolution", "8")
    tab.click("text=Read it so")
    tab.wait_for_selector(".lead:has-text('of 8x8')", timeout=120_000)
    assert not tab.told
