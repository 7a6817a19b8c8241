import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genlearn.data import open_data
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


def test_the_loser_of_a_race_takes_the_winners_entry(cache):
    def build(folder: Path) -> None:
        (folder / "x").write_text("mine")
        if not rivals:
            rivals.append(1)
            place, _ = entry_of(build)
            assert (place / "x").read_text() == "mine"

    def entry_of(build):
        return genlearn_cache.entry("key", build, lambda folder: (folder / "x").is_file())

    rivals: list[int] = []
    place, note = entry_of(build)
    assert (place / "x").read_text() == "mine"
    assert note is None
    assert [path.name for path in entries(cache)] == ["key"]


def test_keys_depend_on_every_part():
    assert genlearn_cache.key_of((1, "a")) != genlearn_cache.key_of((1, "b"))
    assert np.array(len(genlearn_cache.key_of(()))) == 32


genlearn_cache = cache
