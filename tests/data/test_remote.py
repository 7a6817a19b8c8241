"""Data at addresses: from a server of this machine, with and without ranges, and from memory."""

import functools
import http.server
import re
import threading
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pytest
from data.test_shards import assert_same, assert_same_files, encoded, prepared, webdataset

from genlearn.cli.main import run
from genlearn.core.errors import UserError
from genlearn.data import inspect_data, open_data
from genlearn.data.remote import fetching
from genlearn.data.remote.addresses import expanded, is_address
from genlearn.data.shards import shard as shards


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder; those of ``fails`` fail so many times, ``cut`` are sent short."""

    fails, cut = {}, set()

    def do_GET(self):
        name = self.path.rpartition("/")[2]
        if self.fails.get(name):
            self.fails[name] -= 1
            self.send_error(503)
        elif name in self.cut:
            self.send_response(200)
            self.send_header("Content-Length", "99999")
            self.end_headers()
            self.wfile.write(b"short")
            self.close_connection = True
        elif match := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")):
            content = Path(self.translate_path(self.path)).read_bytes()
            first, last = map(int, match.groups())
            part = content[first : last + 1]
            self.send_response(206)
            self.send_header(
                "Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}"
            )
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part)
        else:
            super().do_GET()

    def log_message(self, *about):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """The address of ``tmp_path / "web"``."""
    (tmp_path / "web").mkdir()
    monkeypatch.setattr(Handler, "fails", {})
    monkeypatch.setattr(Handler, "cut", set())
    monkeypatch.setattr(fetching, "_WAIT", 0.01)
    handler = functools.partial(Handler, directory=str(tmp_path / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_shards_behind_braces_are_what_the_files_are(server, noise, tmp_path, cache, monkeypatch):
    data = webdataset(tmp_path / "web/data", noise)
    Handler.fails["data-001.tar"] = 2
    at_once = []
    write = shards._write

    def watched(*args):
        at_once.append(len(list((cache / "fetched").rglob("*.tar"))))
        write(*args)

    with monkeypatch.context() as patched:
        patched.setattr(shards, "_write", watched)
        out = prepared(f"{server}/data/data-{{000..002}}.tar", tmp_path / "out", 2)
    assert_same(open_data(out), open_data(data))
    assert at_once == [1, 1, 1]
    assert not (cache / "fetched").exists()


def test_a_folder_that_a_server_lists(server, noise, tmp_path):
    data = webdataset(tmp_path / "web/data", noise)
    (data / "README.md").write_text("x")
    found = open_data(f"{server}/data/")
    assert_same(found, open_data(data))
    assert [*found.captions][:2] == ["picture 0 of 0", "picture 1 of 0"]
    assert inspect_data(f"{server}/data/").count == 21


def test_a_list_of_addresses(server, noise, tmp_path):
    data = webdataset(tmp_path / "web/data", noise)
    lines = ["# three", "data/data-000.tar", f"{server}/data/data-{{001..002}}.tar", ""]
    (tmp_path / "web/list.txt").write_text("\n".join(lines))
    assert_same(open_data(f"{server}/list.txt"), open_data(data))
    for line in ("file:///etc/passwd", "../up.tar", "zip::http://x/y.tar", "/etc/x\nlocal://a.tar"):
        (tmp_path / "web/list.txt").write_text(line)
        with pytest.raises(UserError, match=r"no address that is read|files above it|not there"):
            open_data(f"{server}/list.txt")


def test_what_cannot_be_had_is_named(server, noise, tmp_path, capsys):
    data = webdataset(tmp_path / "web/data", noise)
    for address, told in (
        ("data/data-{000..003}.tar", "/data/data-003.tar is not there"),
        ("nothing/", "/nothing/ holds no files that can be listed"),
        ("data/data-{2..0}.tar", "names nothing"),
    ):
        command = ["prepare", f"{server}/{address}", "--out", str(tmp_path / "a")]
        assert run(command, False) == 2
        assert told in capsys.readouterr().err
    Handler.fails["data-001.tar"] = 99
    with pytest.raises(UserError, match=r"data-001.tar cannot be fetched, asked 3 times \(.*503"):
        open_data(f"{server}/data/data-{{000..002}}.tar")
    Handler.fails.clear()
    Handler.cut.add("data-001.tar")
    with pytest.raises(UserError, match=r"data-001.tar cannot be fetched, asked 3 times"):
        open_data(f"{server}/data/data-{{000..002}}.tar")
    Handler.cut.clear()
    (data / "data-002.tar").write_bytes(b"no archive")
    with pytest.raises(UserError, match=r"http://.*/data-002.tar cannot be unpacked"):
        open_data(f"{server}/data/data-{{000..002}}.tar")


def test_tables_in_memory(noise, tmp_path):
    """Several of numbers are read together, several of images one by one."""
    for part in range(2):
        cells = [encoded(noise("L", (4, 4), 10 * part + i)) for i in range(4)]
        images = pd.DataFrame({"image": cells, "label": [part, 2, 3, 4]})
        numbers = pd.DataFrame({"a": [1.5, part, 2], "b": ["x", "y", str(part)]})
        for kind, frame in (("images", images), ("numbers", numbers)):
            (tmp_path / kind).mkdir(exist_ok=True)
            frame.to_parquet(tmp_path / kind / f"{part}.parquet")
    memory = fsspec.filesystem("memory")
    memory.put(str(tmp_path / "images"), "/images", recursive=True)
    memory.put(str(tmp_path / "numbers"), "/numbers", recursive=True)
    for kind in ("images", "numbers"):
        found, data = open_data(f"memory://{kind}"), open_data(tmp_path / kind)
        assert (found.spec, found.digest or found.fingerprint) == (
            data.spec,
            found.digest and (data.digest or found.digest),
        )
        np.testing.assert_array_equal(found.values, data.values)
    assert open_data(f"memory://{kind}/{{0,1}}.parquet").spec == found.spec


def test_a_folder_of_images_is_fetched_in_groups(noise, tmp_path, monkeypatch):
    memory = fsspec.filesystem("memory")
    for i in range(7):
        place = f"photos/{'ab'[i % 2]}/{i}"
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{place}.png").write_bytes(encoded(noise("RGB", (4, 4), i)))
        (tmp_path / f"{place}.txt").write_text(f"number {i}")
    memory.put(str(tmp_path / "photos"), "/photos", recursive=True)
    monkeypatch.setattr("genlearn.data.remote.source._TOGETHER", 2)
    found = open_data("memory://photos")
    assert (found.spec, found.fingerprint) == (
        (data := open_data(tmp_path / "photos")).spec,
        data.fingerprint,
    )
    memory.pipe("/photos/metadata.csv", b"file_name,text\n")
    with pytest.raises(UserError, match=r"metadata.csv beside its images"):
        open_data("memory://photos")


def test_what_addresses_and_braces_are(noise, tmp_path):
    assert is_address("https://host/a.tar")
    assert is_address("S3://bucket/a")
    for text in ("digits", "a/b", "file:///etc/passwd", "C://x", "https://", 3, "zip::s3://a/b"):
        assert not is_address(text)
    assert expanded("a-{08..11}.{x,y}")[:3] == ["a-08.x", "a-08.y", "a-09.x"]
    for text in ("{0..99999999}", "{}", "{a}", "{000..999}{000..999}{0..9}"):
        with pytest.raises(UserError):
            expanded(text)
    data = webdataset(tmp_path / "data", noise)
    assert len(open_data(f"{data}/data-{{000..001}}.tar")) == 14
    assert_same_files(
        prepared(f"{data}/data-{{000..002}}.tar", tmp_path / "out", 2),
        prepared(data, tmp_path / "whole"),
    )
    with pytest.raises(UserError, match=r"1 of 4 files are not there"):
        open_data(f"{data}/data-{{000..003}}.tar")


@pytest.mark.parametrize("address", ["s3://bucket/a.tar", "gs://bucket/a.tar"])
def test_a_package_that_is_not_there_is_named(address, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    monkeypatch.setitem(__import__("sys").modules, "gcsfs", None)
    with pytest.raises(UserError, match=r"needs a package that is not there.*pip install"):
        open_data(address)
