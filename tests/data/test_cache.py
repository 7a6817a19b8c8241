import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from genlearn.core.disk import flock
from genlearn.core.errors import UserError
from genlearn.data import dataset, open_data
from genlearn.data.prepare import cache


def entries(folder):
    return list((folder / "prepared").iterdir())


def test_preparing_happens_once(save, tmp_path, cache):
    for name in ("a.png", "b.png"):
        save(name)
    said = []
    first = open_data(tmp_path, tell=said.append)
    again = open_data(tmp_path, tell=said.append)
    assert said == [f"preparing 2 images of {tmp_path} (once)"]
    assert first.fingerprint == again.fingerprint
    assert len(entries(cache)) == 1


def test_changed_files_and_options_are_prepared_anew(save, tmp_path, cache):
    save("a.png")
    before = open_data(tmp_path).fingerprint
    save("a.png", seed=5, size=(9, 9))
    assert open_data(tmp_path).fingerprint != before
    assert open_data(tmp_path, resolution=4).values.shape == (1, 4, 4, 3)
    assert open_data(tmp_path, resolution=4, binarise="threshold").spec.binarise == "threshold"
    assert len(entries(cache)) == 3


@pytest.mark.parametrize("harm", ["cut", "no values", "no facts", "bad facts"])
def test_a_damaged_entry_is_rebuilt(harm, save, tmp_path, cache):
    save("a.png")
    before = open_data(tmp_path).fingerprint
    (entry,) = entries(cache)
    values, facts = entry / "values.npy", entry / "prepared.json"
    content = values.read_bytes()
    values.unlink()
    if harm != "no values":
        values.write_bytes(content[:-10] if harm == "cut" else content)
    if harm == "no facts":
        facts.unlink()
    if harm == "bad facts":
        facts.write_text("{")
    assert open_data(tmp_path).fingerprint == before
    assert [path.name for path in entries(cache)] == [entry.name]


def test_an_interrupted_preparation_leaves_nothing(save, tmp_path, cache):
    save("a.png")

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_data(tmp_path, progress=interrupt)
    assert entries(cache) == []
    assert len(open_data(tmp_path)) == 1


def test_a_cache_that_cannot_be_written(save, tmp_path, monkeypatch):
    save("pictures/a.png")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GENLEARN_CACHE", str(tmp_path / "file" / "cache"))
    data = open_data(tmp_path / "pictures")
    assert len(data) == 1
    assert data.notes[-1].startswith("prepared data is not kept")


def test_two_processes_at_once(save, tmp_path, cache):
    for i in range(20):
        save(f"{i}.png")
    program = (
        f"from genlearn.data import open_data; print(open_data({str(tmp_path)!r}).fingerprint)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    prints = {process.communicate()[0] for process in running}
    assert len(prints) == 1
    assert all(process.returncode == 0 for process in running)
    assert len(entries(cache)) == 1


def test_on_a_disk_without_locks_the_loser_of_a_race_takes_the_winners_entry(cache, monkeypatch):
    def build(folder: Path) -> None:
        (folder / "x").write_text("mine")
        if not rivals:
            rivals.append(1)
            place, _ = entry_of(build)
            assert (place / "x").read_text() == "mine"

    def entry_of(build):
        return genlearn_cache.entry("key", build, lambda folder: (folder / "x").is_file())

    monkeypatch.setattr(flock, "fcntl", None)
    monkeypatch.setattr("genlearn.core.disk.locks._UNSURE", set())
    rivals: list[int] = []
    with pytest.warns(UserWarning, match="without locks"):
        place, note = entry_of(build)
    assert (place / "x").read_text() == "mine"
    assert note is None
    assert [path.name for path in entries(cache)] == ["key"]


def test_a_second_one_waits_and_says_so_and_builds_nothing(cache):
    def build(folder: Path) -> None:
        built.append(1)
        begun.set()
        assert may_end.wait(10)
        (folder / "x").write_text("mine")

    def enter(tell):
        place, _ = genlearn_cache.entry("key", build, lambda folder: True, tell)
        assert (place / "x").read_text() == "mine"

    def told(line):
        said.append(line)
        may_end.set()

    begun, may_end, built, said = threading.Event(), threading.Event(), [], []
    first = threading.Thread(target=enter, args=(said.append,))
    first.start()
    assert begun.wait(10)
    enter(told)
    first.join()
    assert built == [1]
    (line,) = said
    assert "waiting for" in line
    assert "prepares the same data" in line
    assert [path.name for path in entries(cache)] == ["key"]


@pytest.mark.parametrize("harm", ["cut", "flipped", "missing", "added"])
def test_any_file_of_an_entry_that_is_not_as_it_was_written_is_told(cache, harm):
    def build(folder: Path) -> None:
        (folder / "a").write_bytes(bytes(1000))
        (folder / "b").write_bytes(bytes(1000))

    def enter():
        return genlearn_cache.entry("key", build, lambda folder: True, said.append)[0]

    said: list[str] = []
    file = enter() / "b"
    enter()
    assert said == [], "a whole one is taken"
    content = bytearray(file.read_bytes())
    content[500] ^= 1
    file.unlink()
    if harm != "missing":
        file.write_bytes({"cut": content[:-1], "flipped": content, "added": content + b"0"}[harm])
    assert enter().joinpath("b").read_bytes() == bytes(1000)
    (line,) = said
    assert "damaged (b is" in line
    enter()
    assert len(said) == 1


def test_what_a_killed_process_left_of_an_entry_is_removed(cache):
    left = cache / "prepared/.tmp-key-old/entry"
    left.mkdir(parents=True)
    genlearn_cache.entry("key", lambda folder: None, lambda folder: True)
    assert [path.name for path in entries(cache)] == ["key"]


def test_without_a_home_prepared_data_is_temporary(save, tmp_path, monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    save("pictures/a.png")
    monkeypatch.delenv("GENLEARN_CACHE", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    data = open_data(tmp_path / "pictures")
    assert len(data) == 1
    assert data.notes[-1].startswith("prepared data is not kept: there is no home")


def test_what_is_too_large_for_the_disk_is_told_before_it_is_written(tmp_path, monkeypatch):
    """Else the process dies of a signal as soon as it writes to what is only mapped."""
    monkeypatch.setattr(dataset, "_IN_MEMORY_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(UserError, match=r"no room left in .*set TMPDIR"):
        dataset.scratch((1 << 50,), np.uint8)
    rows = dataset.scratch((5, 3), np.int16)
    rows[:] = 7
    assert (np.asarray(rows) == 7).all()


def test_keys_depend_on_every_part():
    assert genlearn_cache.key_of((1, "a")) != genlearn_cache.key_of((1, "b"))
    assert np.array(len(genlearn_cache.key_of(()))) == 32


genlearn_cache = cache
