"""Files are decoded by a process with limits, which takes nothing with it when it ends."""

import io
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from uploading import FLOWERS, looked, png, send

from genlearn.core.errors import UserError
from genlearn.studio.inspection.process import Task, Workshop
from genlearn.studio.library.places import id_of
from genlearn.studio.library.reading import Reading


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
