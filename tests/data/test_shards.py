"""Data prepared in shards: equal to what one process makes; killed, mixed up, damaged."""

import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import genlearn as gl
from genlearn.cli.main import run
from genlearn.core.errors import UserError
from genlearn.data import inspect_data, open_data
from genlearn.data.shards import merge as merging
from genlearn.data.shards.merge import NotSettled, merge_shards
from genlearn.data.shards.units import deal


def encoded(image):
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def write_tar(path, members):
    with tarfile.open(path, "w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def webdataset(folder, noise, tars=3, count=7):
    """Tars as webdataset writes them: key.png, key.cls, key.txt."""
    folder.mkdir()
    for t in range(tars):
        members = []
        for i in range(count):
            members += [
                (f"{t}{i:03d}.png", encoded(noise("RGB", (4, 4), 100 * t + i))),
                (f"{t}{i:03d}.cls", str((t + i) % 3).encode()),
                (f"{t}{i:03d}.txt", f"picture {i} of {t}".encode()),
            ]
        write_tar(folder / f"data-{t:03d}.tar", members)
    return folder


def prepared(data, out, shards=1, *flags):
    """``data`` in ``out``, by so many shards, those that must be done again done again."""
    if shards == 1:
        assert run(["prepare", str(data), "--out", str(out), *flags], True) == 0
        return out
    for again in range(2):
        for i in range(shards):
            shard = f"{i + 1}/{shards}"
            assert (
                run(["prepare", str(data), "--out", str(out), "--shard", shard, *flags], True) == 0
            )
        if again:
            merge_shards(out)
        else:
            with suppress(NotSettled):
                merge_shards(out)
    return out


def assert_same(one, other, notes=True):
    assert (one.spec, one.digest, one.fingerprint) == (other.spec, other.digest, other.fingerprint)
    np.testing.assert_array_equal(one.values, other.values)
    assert (one.labels is None) == (other.labels is None)
    for a, b in ((one.labels, other.labels), (one.captions, other.captions)):
        assert (a is None) == (b is None)
        assert a is None or list(a) == list(b)
    assert (one.names and list(one.names)) == (other.names and list(other.names))
    if notes:
        assert sorted(one.notes) == sorted(other.notes)
        assert one.origin == other.origin


def assert_same_files(one, other):
    """But for nothing at all."""
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.parametrize("shards", [2, 3, 8])
def test_shards_of_archives_are_what_one_process_makes(shards, noise, tmp_path):
    data = webdataset(tmp_path / "data", noise)
    whole = prepared(data, tmp_path / "whole")
    assert_same_files(whole, prepared(data, tmp_path / "out", shards))
    assert_same(open_data(whole), open_data(data))
    assert open_data(whole).captions[8] == "picture 1 of 1"
    assert inspect_data(whole).to_json() == inspect_data(data).to_json()


def test_images_of_all_kinds_are_settled_over_all_shards(save, tmp_path):
    """The first half is grey and small, the second has colour, transparency, and damage."""
    for i in range(6):
        save(f"in/a/{i}.png", "L", (6, 6), seed=i)
    for i in range(9):
        save(f"in/b/{i}.png", "RGB" if i % 2 else "RGBA", (8, 5), seed=i)
    (tmp_path / "in/b/3.png").write_bytes(b"no image")
    (tmp_path / "in/c").mkdir()
    (tmp_path / "in/c/0.png").write_bytes(b"")
    (tmp_path / "in/notes.doc").write_text("x")
    whole = prepared(tmp_path / "in", tmp_path / "whole")
    assert_same_files(whole, prepared(tmp_path / "in", tmp_path / "out", 3))
    assert_same(open_data(whole), open_data(tmp_path / "in"))
    assert open_data(whole).spec.classes == ("a", "b", "c")
    sized = prepared(tmp_path / "in", tmp_path / "sized", 2, "--resolution", "4")
    assert_same(open_data(sized), open_data(tmp_path / "in", resolution=4))


def test_colour_that_is_none_is_found_over_all_shards(save, tmp_path):
    for i in range(8):
        grey = Image.open(save(f"in/{i}.png", "L", (6, 6), seed=i))
        grey.convert("RGB").save(tmp_path / f"in/{i}.png")
    shards = prepared(tmp_path / "in", tmp_path / "out", 2)
    assert_same(open_data(shards), open_data(tmp_path / "in"))
    assert open_data(shards).spec.shape == (1, 6, 6)


def test_classes_are_told_by_the_folders_of_all_archives(noise, tmp_path):
    """Of which each has one class, and does not know it."""
    (tmp_path / "in").mkdir()
    for t, name in enumerate(("cat", "dog", "cow")):
        members = [(f"{name}/{i}.png", encoded(noise("L", (4, 4), 9 * t + i))) for i in range(3)]
        write_tar(tmp_path / f"in/{t}.tar", members)
    data = open_data(prepared(tmp_path / "in", tmp_path / "out", 2))
    assert_same(data, open_data(tmp_path / "in"))
    assert data.spec.classes == ("cat", "cow", "dog")


def test_what_webdataset_says_in_json(noise, tmp_path):
    (tmp_path / "in").mkdir()
    for t in range(2):
        members = []
        for i in range(3):
            said = {"caption": f"{t} {i}", "label": i + 5 * t, "width": 4}
            members.append((f"{i}.png", encoded(noise("RGB", (4, 4), 9 * t + i))))
            members.append((f"{i}.json", json.dumps(said).encode()))
        write_tar(tmp_path / f"in/{t}.tar", members)
    data = open_data(prepared(tmp_path / "in", tmp_path / "out", 2))
    assert_same(data, open_data(tmp_path / "in"), notes=False)
    assert data.spec.classes == ("0", "1", "2", "5", "6", "7")
    assert data.captions[3] == "1 0"
    assert "0.tar: columns beside the images not read: width" in data.notes


def test_labels_that_some_archives_lack_are_left_out(noise, tmp_path):
    data = webdataset(tmp_path / "data", noise, 2)
    write_tar(data / "more.tar", [("x.png", encoded(noise("RGB", (4, 4), 7)))])
    found = open_data(prepared(data, tmp_path / "out", 3))
    assert (found.labels, found.captions[-1]) == (None, "")
    assert any("labels left out: 1 of 3 parts have none: more.tar" in n for n in found.notes)
    assert any("1 of 3 parts have no captions: more.tar" in n for n in found.notes)


def test_tables_and_arrays(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.normal(size=50), "b": list("xyxyx") * 10, "label": [0, 1] * 25})
    table.to_csv(tmp_path / "t.csv", index=False)
    np.save(tmp_path / "i.npy", rng.integers(0, 256, (20, 5, 5), dtype=np.uint8))
    for name in ("t.csv", "i.npy"):
        out = prepared(tmp_path / name, tmp_path / f"{name}-out", 3)
        again, data = open_data(out), open_data(tmp_path / name)
        assert (again.spec, again.fingerprint) == (data.spec, data.fingerprint)
        np.testing.assert_array_equal(again.values, data.values)


def test_tables_of_images(noise, tmp_path):
    (tmp_path / "in").mkdir()
    for part in range(3):
        cells = [encoded(noise("RGB", (4, 4), 10 * part + i)) for i in range(5)]
        pd.DataFrame({"image": cells, "label": [part, 10, 9, 2, 1]}).to_parquet(
            tmp_path / f"in/{part}.parquet"
        )
    data, again = (
        open_data(tmp_path / "in"),
        open_data(prepared(tmp_path / "in", tmp_path / "o", 2)),
    )
    assert (again.spec, again.digest) == (data.spec, data.digest)
    np.testing.assert_array_equal(again.labels, data.labels)


def test_a_model_learns_the_same_from_it(noise, tmp_path):
    data = webdataset(tmp_path / "data", noise)
    out = prepared(data, tmp_path / "out", 2)
    weights = []
    for source in (data, out):
        model = gl.Flow(size="tiny", steps=2, batch_size=4, condition="label").fit(str(source))
        weights.append(model.sample(2, seed=3))
    np.testing.assert_array_equal(*weights)


def test_a_killed_shard_goes_on_where_it_was(noise, tmp_path):
    data, out = webdataset(tmp_path / "data", noise, tars=8), tmp_path / "out"
    command = [sys.executable, "-m", "genlearn", "prepare", str(data), "--out", str(out)]
    child = subprocess.Popen([*command, "--shard", "1/2"], stderr=subprocess.DEVNULL)
    while child.poll() is None and not [*out.glob("shard-1-of-2/piece-*")]:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert [*out.glob("shard-1-of-2/piece-*")]
    assert_same_files(prepared(data, tmp_path / "whole"), prepared(data, out, 2))


def test_a_killed_merge_goes_on(noise, tmp_path, monkeypatch):
    data, out = webdataset(tmp_path / "data", noise), tmp_path / "out"
    for i in (1, 2):
        assert run(["prepare", str(data), "--out", str(out), "--shard", f"{i}/2"], True) == 0
    copied, copy = [], merging._copy

    def stop(rows, file, shape):
        copied.append(rows)
        if len(copied) == 2:
            file.write(b"half")
            raise KeyboardInterrupt
        copy(rows, file, shape)

    monkeypatch.setattr(merging, "_copy", stop)
    with pytest.raises(KeyboardInterrupt):
        merge_shards(out)
    assert [rows.exists() for rows in copied] == [False, True]  # nothing is held twice
    with pytest.raises(UserError, match="not put together yet"):
        open_data(out)
    monkeypatch.setattr(merging, "_copy", copy)
    merge_shards(out)
    merge_shards(out)
    assert_same_files(prepared(data, tmp_path / "whole"), out)


def test_what_does_not_belong_together_is_refused(noise, tmp_path, capsys):
    data, out = webdataset(tmp_path / "data", noise), tmp_path / "out"

    def asked(*words):
        code = run(["prepare", *map(str, words)], False)
        return code, capsys.readouterr().err

    assert "holds no shards" in asked(tmp_path, "--merge")[1]
    assert asked(data, "--out", out, "--shard", "2/3")[0] == 0
    assert "lacks shard 1, 3 of 3" in asked(out, "--merge")[1]
    assert "one of 3 shards, not of 4" in asked(data, "--out", out, "--shard", "1/4")[1]
    told = asked(data, "--out", out, "--shard", "1/3", "--resolution", "2")[1]
    assert "resolution is None, not [2, 2]" in told
    other = webdataset(tmp_path / "other", noise, count=8)
    assert "data-000.tar holds other files" in asked(other, "--out", out, "--shard", "1/3")[1]
    (other / "data-002.tar").unlink()
    assert "data-002.tar is in one of them alone" in asked(other, "--out", out, "--shard", "1/3")[1]
    assert "no --out" in asked(data)[1]
    assert "from 1" in asked(data, "--out", out, "--shard", "0/3")[1]
    assert "--merge takes the folder" in asked(out, "--merge", "--out", "x")[1]


def test_a_shard_that_is_not_finished_is_named(noise, tmp_path):
    data, out = webdataset(tmp_path / "data", noise), tmp_path / "out"
    assert run(["prepare", str(data), "--out", str(out), "--shard", "1/1"], True) == 0
    shutil.rmtree(out / "shard-1-of-1/piece-000001-1-of-1")
    with pytest.raises(UserError, match="not finished, 2 of 3 pieces"):
        merge_shards(out)


def test_a_prepared_folder_says_what_it_was_prepared_for(noise, tmp_path):
    out = prepared(webdataset(tmp_path / "data", noise), tmp_path / "out")
    with pytest.raises(UserError, match="prepared otherwise, as 4x4; leave it out"):
        open_data(out, resolution=2)
    assert len(open_data(out, resolution=4)) == 21
    assert open_data(out, binarise="threshold").spec.binarise == "threshold"
    told = json.loads((out / "prepared.json").read_text())
    (out / "values.npy").write_bytes(b"x" * (out / "values.npy").stat().st_size)
    with pytest.raises(UserError, match=r"damaged \(values.npy is not as it was written\)"):
        open_data(out)
    assert told["count"] == 21


@pytest.mark.parametrize(("units", "shards"), [(1, 1), (1, 5), (3, 2), (3, 7), (100, 7)])
def test_every_example_is_dealt_out_once_in_order(units, shards):
    pieces = [piece for shard in range(shards) for piece in deal(units, shard, shards)]
    numbers = [(p.unit, i) for p in pieces for i in range(*p.stretch(11).indices(11))]
    assert numbers == [(unit, i) for unit in range(units) for i in range(11)]
    sizes = [len(deal(units, shard, shards)) for shard in range(shards)]
    assert max(sizes) - min(sizes) <= 1
