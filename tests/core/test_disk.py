"""One writer for each place, files that are whole, and room that is asked for."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading

import pytest

from genlearn.core.disk import durable, flock
from genlearn.core.disk.atomic import atomic_file, atomic_folder, sole_writer, write_bytes
from genlearn.core.disk.durable import create_new, remove, remove_unfinished, temporary_beside
from genlearn.core.disk.locks import Lock
from genlearn.core.disk.room import check_room, reserve
from genlearn.core.errors import UserError

HOLD = """
import sys
from genlearn.core.disk.locks import Lock
from pathlib import Path
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock in ``tmp_path``/run."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "run/.lock")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_writes(tmp_path, holder):
    with pytest.raises(UserError, match=rf"run is being written by .*\({holder.pid}, since .*-c"):
        Lock(tmp_path / "run/.lock").__enter__()


def test_a_killed_holder_holds_nothing(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "run/.lock").exists(), "what it left is there"
    with Lock(tmp_path / "run/.lock") as lock:
        assert lock.there
    assert not (tmp_path / "run").exists() or not (tmp_path / "run/.lock").exists()


def test_one_that_waits_is_told_once_and_gets_it(tmp_path, holder):
    told = []

    def let_go(line):
        told.append(line)
        holder.stdin.close()

    with Lock(tmp_path / "run/.lock", wait=True, told=let_go) as lock:
        assert lock.there
    (line,) = told
    assert str(holder.pid) in line


def test_a_folder_that_was_made_for_a_lock_goes_with_it(tmp_path):
    with Lock(tmp_path / "a/b/.lock"):
        assert (tmp_path / "a/b/.lock").exists()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    with Lock(tmp_path / "mine/.lock"):
        pass
    assert (tmp_path / "mine").is_dir()


def test_shared_ones_keep_others_out_until_the_last(tmp_path):
    place = tmp_path / ".lock"
    with Lock(place, shared=True):
        with Lock(place, shared=True):
            pass
        assert place.exists()
        with pytest.raises(UserError, match="this process already"), Lock(place):
            pass
    with Lock(place):
        pass
    assert not place.exists()


def test_it_knows_when_its_place_was_removed(tmp_path):
    with Lock(tmp_path / ".lock") as lock:
        (tmp_path / ".lock").unlink()
        assert not lock.there
        with Lock(tmp_path / ".lock"):
            assert not lock.renewed()
            assert not lock.renewed(), "another has it, and keeps it"
        assert lock.renewed()
        assert lock.there


def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    context, end = multiprocessing.get_context("fork"), threading.Event()
    with Lock(tmp_path / ".lock"):
        child = context.Process(target=end.wait)
        child.start()
    with Lock(tmp_path / ".lock"):
        child.kill()
    child.join()


def test_a_disk_without_locks_is_told_once_and_living_processes_are_believed(
    tmp_path, monkeypatch, holder
):
    monkeypatch.setattr(flock, "fcntl", None)
    monkeypatch.setattr("genlearn.core.disk.locks._UNSURE", set())
    taken = rf"is being written by another process \({holder.pid}, since"
    with pytest.raises(UserError, match=taken), Lock(tmp_path / "run/.lock"):
        pass
    left = (tmp_path / "run/.lock").read_text()
    holder.kill()
    holder.wait()
    (tmp_path / "run/.lock").write_text(left)
    with pytest.warns(UserWarning, match="without locks"), Lock(tmp_path / "run/.lock") as first:
        assert not first.sure
    elsewhere = json.loads(left) | {"host": "elsewhere", "process": os.getppid()}
    (tmp_path / "run/.lock").parent.mkdir(exist_ok=True)
    for text in (json.dumps(elsewhere), "", '{"process": 1e999}', "[" * 99999):
        (tmp_path / "run/.lock").write_text(text)
        with Lock(tmp_path / "run/.lock"):
            pass
        (tmp_path / "run").mkdir(exist_ok=True)


def test_no_lines_of_two_processes_are_mixed(tmp_path):
    """Names of what is not whole differ even where process numbers do not, as in two containers."""
    assert temporary_beside(tmp_path / "a") != temporary_beside(tmp_path / "a")
    os.close(create_new(tmp_path / "x"))
    with pytest.raises(FileExistsError):
        create_new(tmp_path / "x")


def test_what_a_killed_process_left_goes_and_what_is_being_written_stays(tmp_path):
    left = temporary_beside(tmp_path / "a.txt")
    left.write_text("half")
    other = temporary_beside(tmp_path / "b.txt")
    other.write_text("of another name")
    with atomic_file(tmp_path / "a.txt") as file:
        file.write(b"first")
        writing = {path.name for path in tmp_path.glob(".a.txt.*")}
        write_bytes(tmp_path / "a.txt", b"second")
        assert {path.name for path in tmp_path.glob(".a.txt.*")} == writing
    assert (tmp_path / "a.txt").read_bytes() == b"first"
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt", other.name}
    with sole_writer(tmp_path):
        assert not other.exists()


def test_a_folder_is_replaced_whole(tmp_path):
    for content in ("old", "new"):
        with atomic_folder(tmp_path / "place") as folder:
            (folder / content).write_text(content)
    assert [path.name for path in tmp_path.iterdir()] == ["place"]
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["new"]


def test_a_file_and_its_folder_are_synced_before_it_is_believed(tmp_path, monkeypatch):
    events, sync, replace = [], os.fsync, os.replace

    def synced(file):
        events.append(("sync", os.path.realpath(f"/proc/self/fd/{file}")))
        sync(file)

    def replaced(old, new):
        events.append(("replace", str(new)))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    write_bytes(tmp_path / "a", b"content")
    (first, temporary), second, third = events
    assert first == "sync"
    assert "/.a." in temporary
    assert [second, third] == [("replace", str(tmp_path / "a")), ("sync", str(tmp_path))]


def test_removal_never_follows_a_link(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    remove(tmp_path / "link")
    remove(tmp_path / "link")
    assert (tmp_path / "mine/file").read_text() == "precious"
    assert not (tmp_path / "link").is_symlink()
    remove_unfinished(tmp_path)
    assert durable.UNFINISHED


def test_room_is_asked_for(tmp_path):
    with pytest.raises(UserError, match=r"no room left in .*: it takes 1\.13e\+03 TB, and .* free"):
        check_room(tmp_path, 1 << 50, "it", "free some")
    with (tmp_path / "file").open("wb") as file:
        reserve(file.fileno(), 5000, tmp_path, "it", "free some")
    assert (tmp_path / "file").stat().st_blocks * 512 >= 5000
