"""Archives: all of a folder, and members that are odd, hostile or damaged."""

import copy
import gzip
import io
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from genlearn.core.errors import UserError
from genlearn.data import open_data, splits


def png(image):
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def image(noise):
    """The file of a picture of noise, by its number."""
    return lambda i: png(noise("RGB", (4, 4), i))


def pack(path, members):
    """An archive of (name, content), its kind by its suffix; names stay as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members:
                archive.writestr(zipfile.ZipInfo(name), content)
        return
    kind = {".tar": "w", ".tgz": "w:gz", ".gz": "w:gz", ".xz": "w:xz", ".bz2": "w:bz2"}
    with tarfile.open(path, kind[path.suffix]) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize("kinds", [("zip",) * 3, ("tar", "tgz", "tar.xz"), ("zip", "tar", "zip")])
def test_every_archive_of_a_folder_is_read(kinds, image, noise, tmp_path):
    for part, kind in enumerate(kinds):
        members = [(f"{i}.png", image(10 * part + i)) for i in range(3)]
        pack(tmp_path / f"part{part}.{kind}", [*members, ("1.txt", f"text {part}".encode())])
    data = open_data(tmp_path)
    assert data.names[4] == f"part1.{kinds[1]}/1.png"
    assert (len(data), data.labels) == (9, None)
    assert data.captions[1::3] == ["text 0", "text 1", "text 2"]
    for part in range(3):
        for i in range(3):
            pixels = np.asarray(noise("RGB", (4, 4), 10 * part + i))
            np.testing.assert_array_equal(data.values[3 * part + i], pixels)


def test_archives_have_splits_and_classes(image, tmp_path):
    for split, count in (("train", 2), ("test", 1)):
        for part in range(count):
            members = [(f"{c}/{part}.png", image(part)) for c in "ab"]
            pack(tmp_path / f"{split}-{part}.zip", members)
    pack(tmp_path / "more.zip", [("a/9.png", image(9))])
    (tmp_path / "labels.csv").write_text("id,x\n1,2\n")
    assert splits(tmp_path) == ["train", "test"]
    data = open_data(tmp_path)
    assert (len(data), data.spec.classes, data.labels.tolist()) == (4, ("a", "b"), [0, 1, 0, 1])
    assert "1 files belong to no split, not read: more.zip" in data.notes
    assert "1 other files not read: labels.csv" in data.notes


def test_archives_beside_images_are_named(image, save, tmp_path):
    for name in ("train/a.png", "test/a.png"):
        save(name)
    pack(tmp_path / "train.zip", [("a.png", image(1))])
    data = open_data(tmp_path)
    assert data.names == ["train/a.png"]
    assert data.notes == ("1 other files not read: train.zip",)


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_one_bad_archive_costs_itself(kind, image, tmp_path):
    pack(tmp_path / f"a.{kind}", [("a.png", image(1))])
    (tmp_path / f"b.{kind}").write_bytes(b"hello")
    data = open_data(tmp_path)
    assert len(data) == 1
    assert any(f"b.{kind} cannot be unpacked" in note for note in data.notes)


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("set\\cat\\1.png", "set/cat/1.png"),
        ("../../1.png", "1.png"),
        ("/etc/1.png", "etc/1.png"),
        ("./a/./1.png", "a/1.png"),
        ("caf\u00e9, \u201cx\u201d\n%20.png", "caf\u00e9, \u201cx\u201d\n%20.png"),
        ("1.PNG", "1.PNG"),
    ],
)
def test_names_of_members(name, shown, kind, image, tmp_path):
    pack(tmp_path / f"a.{kind}", [(name, image(1))])
    assert open_data(tmp_path / f"a.{kind}").names == [shown]


def test_windows_separators_make_classes(image, tmp_path):
    pack(tmp_path / "a.zip", [(f"set\\{c}\\{i}.png", image(i)) for c in "ab" for i in range(2)])
    assert open_data(tmp_path / "a.zip").labels.tolist() == [0, 0, 1, 1]


@pytest.mark.filterwarnings("ignore:Duplicate name")  # of zipfile, when the test packs it
@pytest.mark.parametrize("kind", ["zip", "tar", "tgz"])
def test_of_equal_names_the_last_counts(kind, image, noise, tmp_path):
    members = [("a.png", image(1)), ("b.png", image(2)), ("a.png", image(3))]
    pack(tmp_path / f"a.{kind}", members)
    data = open_data(tmp_path / f"a.{kind}")
    assert sorted(data.names) == ["a.png", "b.png"]
    found = data.values[data.names.index("a.png")]
    np.testing.assert_array_equal(found, np.asarray(noise("RGB", (4, 4), 3)))
    assert data.notes == (f"names that a.{kind} holds twice, of which the last counts: a.png",)


@pytest.mark.parametrize("kind", ["zip", "tar", "tgz"])
def test_what_asks_for_too_much_is_not_unpacked(kind, image, tmp_path, monkeypatch):
    monkeypatch.setattr("genlearn.data.folders.zip_tree.IMAGE_BYTES", 100_000)
    monkeypatch.setattr("genlearn.data.folders.tar_tree.IMAGE_BYTES", 100_000)
    pack(tmp_path / f"a.{kind}", [("bomb.png", bytes(1 << 20)), ("good.png", image(1))])
    data = open_data(tmp_path / f"a.{kind}")
    assert data.names == ["good.png"]
    assert data.origin.bad == [(0, "bomb.png", "asks for 1.0 MB, not unpacked")]


@pytest.mark.parametrize("name", ["metadata.csv", "a.txt"])
@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_texts_that_ask_for_too_much(name, kind, image, tmp_path, monkeypatch):
    for place in ("open.file_tree", "folders.tar_tree", "folders.zip_tree"):
        monkeypatch.setattr(f"genlearn.data.{place}.TEXT_BYTES", 3 << 20)
    pack(tmp_path / f"a.{kind}", [("a.png", image(1)), (name, bytes(4 << 20))])
    if kind == "zip" and name == "a.txt":
        notes = open_data(tmp_path / "a.zip").notes
        assert "1 texts too large for captions, not read: a.txt" in notes
        return
    with pytest.raises(UserError, match=r"asks? for (4.0|more than 3.0) MB"):
        open_data(tmp_path / f"a.{kind}")


def damage(path, name, offset, value):
    """Change a number (2 bytes) in what a zip file says of a member, in both places it does so."""
    content = bytearray(path.read_bytes())
    for sign, place in ((b"PK\3\4", offset), (b"PK\1\2", offset + 2)):
        at = content.index(sign)
        while content[at + (30 if sign == b"PK\3\4" else 46) :][: len(name)] != name.encode():
            at = content.index(sign, at + 1)
        content[at + place : at + place + 2] = struct.pack("<H", value)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (6, 1, "locked by a password"),
        (8, 97, "packed in a way that cannot be read"),
        (14, 7, "damaged in the archive"),  # its checksum
    ],
)
def test_one_bad_member_costs_itself(offset, value, reason, image, tmp_path):
    pack(tmp_path / "a.zip", [("bad.png", image(1)), ("good.png", image(2))])
    damage(tmp_path / "a.zip", "bad.png", offset, value)
    data = open_data(tmp_path / "a.zip")
    assert data.names == ["good.png"]
    assert data.origin.bad == [(0, "bad.png", reason)]


def test_a_locked_archive(image, tmp_path):
    pack(tmp_path / "a.zip", [("a.png", image(1))])
    damage(tmp_path / "a.zip", "a.png", 6, 1)
    with pytest.raises(UserError, match="locked by a password"):
        open_data(tmp_path / "a.zip")


@pytest.mark.parametrize("kind", ["tar", "tgz", "tar.xz"])
def test_a_tar_that_ends_early_keeps_what_it_has(kind, noise, tmp_path):
    path = tmp_path / f"a.{kind}"
    pack(path, [(f"{i}.png", png(noise("RGB", (64, 64), i))) for i in range(4)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 5 // 8])
    data = open_data(path)
    assert data.names[0] == "0.png"
    assert 1 <= len(data) < 4
    assert any(f"a.{kind} ends too early" in note for note in data.notes)


def test_links_and_devices_in_a_tar_are_named(image, tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (
            ("a.png", tarfile.REGTYPE),
            ("hard.png", tarfile.LNKTYPE),
            ("soft.png", tarfile.SYMTYPE),
            ("pipe.png", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "a.png" if kind == tarfile.LNKTYPE else "/etc/passwd"
            info.size = len(image(1)) if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(image(1)))
    data = open_data(tmp_path / "a.tar")
    assert data.names == ["a.png"]
    links = "links and devices in a.tar, not followed: hard.png, soft.png, pipe.png"
    assert data.notes == (links,)


def test_archives_in_archives_are_named(image, tmp_path):
    pack(tmp_path / "b.zip", [("b.png", image(2))])
    inner = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "b.zip").unlink()
    pack(tmp_path / "a.zip", [("a.png", image(1)), ("b.zip", inner), ("c/.DS_Store", b"")])
    data = open_data(tmp_path)
    assert "1 other files not read: b.zip" in data.notes
    pack(tmp_path / "a.zip", [("b.zip", inner)])
    with pytest.raises(UserError, match="holds 1 files but no images"):
        open_data(tmp_path / "a.zip")


def test_many_moderate_members_announce_too_much_together(image, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.png", image(1))
        for info in archive.filelist:
            info.file_size = 200 << 20
    with pytest.raises(UserError, match=r"a\.zip has .* kB and announces more than 16\.\d GB"):
        open_data(tmp_path / "a.zip")
    (tmp_path / "a.tar").write_bytes(info_of("a.png", 17 << 30))
    with pytest.raises(UserError, match=r"a\.tar has .* kB and announces more than 17\.0 GB"):
        open_data(tmp_path / "a.tar")


def info_of(name, size):
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf()


def test_members_that_lie_over_one_another_are_refused(image, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("0.png", image(1))
        for number in range(1, 50):
            again = copy.copy(archive.filelist[0])
            again.filename = f"{number}.png"
            archive.filelist.append(again)
    with pytest.raises(UserError, match="lie over one another"):
        open_data(tmp_path / "a.zip")


def test_many_large_members_wait_in_small_chunks(monkeypatch):
    from genlearn.data.prepare.image_source import ImageBatchSource

    monkeypatch.setattr("genlearn.data.prepare.image_source._CHUNK_BYTES", 1000)
    source = ImageBatchSource(
        place="", names=["x"] * 100, payloads=lambda: (bytes(300) for _ in range(100)), key=None
    )
    chunks = list(source.chunks())
    assert [start for start, _ in chunks] == list(range(0, 100, 4))
    assert sum(len(part) for _, part in chunks) == 100


def test_a_packed_idx_file_is_unpacked_as_far_as_it_announces(tmp_path, cache):
    head = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 3, 4)
    (tmp_path / "a.idx.gz").write_bytes(gzip.compress(head + bytes(64 << 20)))
    with pytest.raises(UserError, match="damaged"):
        open_data(tmp_path / "a.idx.gz")
    assert sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) < 4 << 20
    head = struct.pack(">BBBBIII", 0, 0, 8, 3, 1 << 31, 1 << 20, 4)
    (tmp_path / "b.idx.gz").write_bytes(gzip.compress(head))
    with pytest.raises(UserError, match=r"asks for .* GB, more than is free"):
        open_data(tmp_path / "b.idx.gz")


@pytest.mark.parametrize("name", ["a\nb.png", "a\x1b[31mb.png"])
def test_names_do_not_break_lines(name, image, tmp_path):
    members = [(name, b""), ("good.png", image(1)), (name + ".txt", b"")]
    pack(tmp_path / "a.zip", members)
    notes = open_data(tmp_path / "a.zip").notes
    assert len(notes) == 2
    assert all(note.isprintable() for note in notes)
