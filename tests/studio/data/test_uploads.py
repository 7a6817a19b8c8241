"""Uploads are received whole or not at all, and lie in their own folder."""

import anyio
from uploading import FLOWERS, LIMIT, form, png, send

from genlearn.studio.library.uploads import Upload
from genlearn.studio.settings import PORT


def kept(studio):
    """All that lies in the folder of uploads, but marks."""
    place = studio.settings.folder / "data"
    files = (path for path in place.rglob("*") if path.is_file() and path.name != ".upload.json")
    return sorted(path.relative_to(place).as_posix() for path in files)


def unfinished(studio):
    return list((studio.settings.folder / "data").glob(".*"))


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
    assert all(place in (path, *path.parents) for path in new - {place.parent})
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
