"""Data: uploads are received whole or not at all, looked into by a process with limits, and shown
with what is wrong and how that is mended."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from urllib.parse import quote

import anyio
import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from genlearn.core.errors import UserError
from genlearn.data.open.opening import open_data
from genlearn.studio.app import create_app
from genlearn.studio.inspection.process import Task, Workshop
from genlearn.studio.library.places import id_of
from genlearn.studio.library.reading import Reading, reading_arguments, remember, remembered
from genlearn.studio.library.uploads import Upload
from genlearn.studio.security.sessions import Session
from genlearn.studio.server import prepared
from genlearn.studio.settings import PORT, Settings

HERE = f"http://127.0.0.1:{PORT}"
LIMIT = 3 << 20
FLOWERS = "length,width,kind\n" + "".join(f"{i % 7}.5,{i % 5},{'xyz'[i % 3]}\n" for i in range(90))


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The owner of a studio that stands empty at first."""
    app = create_app(Settings(tmp_path_factory.mktemp("data"), upload_bytes=LIMIT))
    studio = app.state.studio
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        assert client.get("/login", params={"token": studio.sessions.token}).status_code == 303
        text = client.cookies[f"genlearn-owner-{PORT}"]
        csrf = studio.sessions.csrf(Session("owner", text.split(".")[1]))
        client.headers |= {"origin": HERE, "x-csrf-token": csrf, "accept": "text/html"}
        yield client


@pytest.fixture
def studio(client):
    client.app.state.studio.library.forget()
    return client.app.state.studio


def png(number=0, size=16):
    """A grey square with a brighter corner that is another for each ``number``."""
    pixels = np.full((size, size), 40, np.uint8)
    pixels[: size // 2, : size // 2] = 60 + number
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def form(files, name=""):
    """A multipart body as browsers write it; names may be any bytes."""
    parts = [(b'name="name"', name.encode())]
    parts += [(b'name="files"; filename="%s"' % sent, content) for sent, content in files]
    lines = [
        b"--edge\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"
        for head, content in parts
    ]
    return b"".join(lines) + b"--edge--\r\n"


def send(client, files, name="", **more):
    files = [(sent.encode() if isinstance(sent, str) else sent, content) for sent, content in files]
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    return client.post("/data/upload", content=form(files, name), headers=headers, **more)


def looked(client, page):
    """The part of a set's page that says what was found, waited for."""
    client.post(f"{page}/look")
    until = time.monotonic() + 120
    while "Being looked at" in (text := client.get(f"{page}/look").text):
        assert time.monotonic() < until, text
        time.sleep(0.05)
    return text


def kept(studio):
    """All that lies in the folder of uploads, but marks."""
    place = studio.settings.folder / "data"
    files = (path for path in place.rglob("*") if path.is_file() and path.name != ".upload.json")
    return sorted(path.relative_to(place).as_posix() for path in files)


def unfinished(studio):
    return list((studio.settings.folder / "data").glob(".*"))


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


HOSTILE = [
    "../../climb.png",
    "/absolute.png",
    "C:\\Windows\\drive.png",
    "..\\..\\back.png",
    "nul\0byte.png",
    "a/.hidden/in.png",
    ".dot.png",
    "con.png",
    "x" * 300 + ".png",
    "Same.png",
    "same.PNG",
    "s/Cats/1.png",
    "s/cats/1.png",
    "<img src=x onerror=alert(1)>.png",
    "run.exe",
    "",
]


def test_names_from_a_browser_lead_nowhere(client, studio):
    before = set(studio.settings.folder.parent.rglob("*"))
    answer = send(client, [(name, png(i)) for i, name in enumerate(HOSTILE)], "../../evil")
    assert answer.status_code == 201
    place = studio.settings.folder / "data" / "_.._evil"
    new = set(studio.settings.folder.parent.rglob("*")) - before
    assert all(place in (path, *path.parents) for path in new)
    names = sorted(name.removeprefix("_.._evil/") for name in kept(studio) if "evil" in name)
    assert names == sorted(
        [
            "climb.png",
            "absolute.png",
            "drive.png",
            "back.png",
            "nul_byte.png",
            "_con.png",
            "x" * 116 + ".png",
            "Same.png",
            "same-2.PNG",
            "Cats/1.png",
            "Cats/1-2.png",
            "_img src=x onerror=alert(1)_.png",
        ]
    )
    assert answer.json()["left"] == ["a/.hidden/in.png", ".dot.png", "run.exe"]


def test_sets_of_one_name_are_numbered_and_never_mixed(client, studio):
    pages = [send(client, [("flowers.csv", FLOWERS.encode())]).json()["page"] for _ in range(2)]
    assert pages[0] != pages[1]
    assert {"flowers/flowers.csv", "flowers-2/flowers.csv"} <= set(kept(studio))


def test_nothing_stays_of_what_was_refused(client, studio):
    before = kept(studio)
    long = [("long.png", b"x" * LIMIT)]
    assert send(client, long).status_code == 413
    chunks = (form([(b"long.png", b"x" * LIMIT)])[i : i + 65536] for i in range(0, LIMIT, 65536))
    headers = {"content-type": "multipart/form-data; boundary=edge"}
    answer = client.post("/data/upload", content=chunks, headers=headers)  # of unknown length
    assert answer.status_code == 413 or "cut short" in answer.text
    assert send(client, []).status_code == 400
    assert send(client, [("a.exe", b"MZ")]).status_code == 400
    whole = form([(b"a.png", png())])
    for body in (whole[:-20], b"", b"nonsense", whole.replace(b"form-data", b"x" * 9000)):
        answer = client.post("/data/upload", content=body, headers=headers)
        assert answer.status_code == 400, body[:40]
    assert client.post("/data/upload", content=b"x").status_code == 400
    assert kept(studio) == before
    assert not unfinished(studio)


def test_too_many_files_are_refused(client, studio, monkeypatch):
    monkeypatch.setattr("genlearn.studio.library.uploads.MOST_FILES", 20)
    answer = send(client, [(f"{i}.png", b"x") for i in range(21)])
    assert answer.status_code == 400
    assert ".zip" in answer.text
    assert not unfinished(studio)


def test_cut_connection_leaves_nothing(client, studio):
    body = form([(b"a.png", png()), (b"b.png", png())])
    heard = iter(
        [
            {"type": "http.request", "body": body[:200], "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    headers = {**client.headers, "content-type": "multipart/form-data; boundary=edge"}
    headers |= {
        "host": f"127.0.0.1:{PORT}",
        "cookie": "; ".join(f"{key}={value}" for key, value in client.cookies.items()),
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/data/upload",
        "raw_path": b"/data/upload",
        "query_string": b"",
        "headers": [(key.lower().encode(), value.encode()) for key, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", PORT),
    }
    seen = []

    async def receive():
        if not seen:
            seen.append(None)
        else:  # between two pieces the folder is there
            seen.append(len(unfinished(studio)))
        return next(heard)

    async def tell(message):
        pass

    anyio.run(client.app, scope, receive, tell)
    assert seen == [None, 1]
    assert not unfinished(studio)


def test_what_a_killed_studio_left_is_removed_by_the_next_upload(client, studio):
    left = studio.settings.folder / "data" / ".upload-0123.part"
    left.mkdir(parents=True, exist_ok=True)
    (left / "half.png").write_bytes(b"x")
    busy = Upload.begin(studio.settings.folder, 0)
    assert not left.exists()
    assert send(client, [("one.png", png())]).status_code == 201
    assert unfinished(studio) == [busy.folder]  # another one that is still written
    busy.discard()
    assert not unfinished(studio)


def test_full_disk_is_told_before_anything_is_written(client, studio, monkeypatch):
    monkeypatch.setattr("genlearn.studio.library.uploads._SPARE", 1 << 60)
    answer = send(client, [("a.png", png())])
    assert answer.status_code == 400
    assert "no room left" in answer.text
    assert not unfinished(studio)


def test_bombs_are_named_and_left_out(client):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for i in range(5):
            archive.writestr(f"{i}.png", png(i))
        with archive.open("bomb.png", "w") as member:
            for _ in range(258):
                member.write(bytes(1 << 20))
        huge = png(7).replace(b"\0\0\0\x10\0\0\0\x10", b"\0\xff\0\0\0\xff\0\0", 1)
        archive.writestr("huge.png", huge)
    page = send(client, [("bombs.zip", content.getvalue())]).json()["page"]
    found = looked(client, page)
    assert "5 images of 16x16" in found
    assert "bomb.png: asks for 258.0 MB, not unpacked" in found
    assert "huge.png" in found


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


def test_one_inspection_is_shared_and_asking_by_get_begins_none(client, studio):
    source = studio.library.source(id_of("digits"))
    for path in ("", "/look", "/captions", "/sheet.png", "/thumbnail.png", "/example.png"):
        client.get(f"/data/{source.id}{path}")
    assert source.id not in studio.inspector._looks
    one, other = studio.inspector.begin(source), studio.inspector.begin(source)
    assert one is other
    assert "1,797 images of 8x8" in looked(client, f"/data/{source.id}")


def test_worker_that_dies_is_told_and_the_next_one_works(client, studio, tmp_path):
    shop = studio.inspector.workshop
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    task = Task(str(tmp_path / "flowers.csv"), Reading(), str(tmp_path))

    def kill(event):
        if event.process:
            os.kill(event.process, signal.SIGKILL)

    with pytest.raises(UserError, match="ended by the system"):
        shop.do(task, kill)
    shop.do(task, lambda event: None)
    assert (tmp_path / "found.json").is_file()


def test_worker_that_takes_too_long_is_ended(tmp_path):
    shop = Workshop(tmp_path / "log", limit=0.1)
    began = time.monotonic()
    with pytest.raises(UserError, match="took more than"):
        shop.do(Task("digits", Reading(), str(tmp_path)), lambda event: None)
    assert shop._host.poll() is not None
    assert time.monotonic() - began < 60
    shop.close()


def test_worker_gets_no_more_memory_than_its_limit():
    code = (
        "from genlearn.studio.inspection import limits; limits._MEMORY = 1 << 28;"
        "limits.take_limits()\ntry: bytearray(1 << 29)\nexcept MemoryError: print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


@pytest.fixture
def link(client):
    """A studio over the same folder that listens; the link that lets in."""
    settings = Settings(client.app.state.studio.settings.folder, port=0)
    server, link = prepared(settings, lambda line: None)
    here, other = client.app.state.studio, server.config.app.state.studio
    other.inspector.workshop = here.inspector.workshop  # which has loaded what it needs
    thread = threading.Thread(target=server.run, kwargs={"sockets": [server.config.bound]})
    thread.start()
    yield link
    server.should_exit = True
    thread.join()


def test_upload_with_a_browser_ends_on_the_page_of_the_set(browser, link, tmp_path):
    for i in range(20):
        (tmp_path / f"{i}.png").write_bytes(png(i, 16 if i else 24))
    tab = browser.new_page(viewport={"width": 390, "height": 800})
    told = []
    tab.on("console", lambda message: told.append(message.text))
    tab.on("pageerror", lambda error: told.append(str(error)))
    tab.goto(link)
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
    assert not told
    tab.close()
