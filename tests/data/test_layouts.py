"""Folders as people and systems leave them: which images are read, and what is named."""

import json
import os
import socket

import pytest

from genlearn.core.errors import UserError
from genlearn.data import open_data, splits


@pytest.mark.parametrize(
    "stray",
    ["banner.png", "extra/0.png", "unlabelled/0.png", "unlabelled/deep/0.png", "Docs/logo.JPG"],
)
@pytest.mark.parametrize("root", ["", "set/images/"])
def test_what_lies_beside_the_splits_is_named(root, stray, save, tmp_path):
    for name in ("train/a.png", "test/b.png"):
        save(f"{root}{name}")
    save(stray)
    data = open_data(tmp_path)
    assert data.names == [f"{root}train/a.png"]
    assert data.notes == (f"1 images outside train/, test/ not read: {stray}",)
    assert splits(tmp_path) == ["train", "test"]


def test_a_train_among_vehicles_is_a_class(save, tmp_path):
    for name in ("bus/a.png", "train/b.png", "tram/c.png"):
        save(name)
    assert open_data(tmp_path).spec.classes == ("bus", "train", "tram")
    assert splits(tmp_path) == []


def test_splits_without_a_training_part_are_no_classes(save, tmp_path):
    for name in ("val/a/1.png", "test/b/2.png", "val/b/3.png"):
        save(name)
    data = open_data(tmp_path)
    assert (len(data), data.spec.classes) == (3, ("a", "b"))


@pytest.mark.parametrize("parts", [("trainA", "trainB", "testA", "testB"), ("train_A", "train_B")])
def test_cyclegan_folders(parts, save, tmp_path):
    for part in parts:
        for i in range(2):
            save(f"horses/{part}/{i}.jpg")
    data = open_data(tmp_path)
    assert data.names == [f"horses/{part}/{i}.jpg" for part in parts[:2] for i in range(2)]
    assert data.spec.classes == ("A", "B")
    assert data.labels.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    "parts",
    [
        ("train2017", "val2017"),
        ("train_images", "test_images"),
        ("Training Set", "Test Set"),
        ("training-data", "valid"),
    ],
)
def test_names_of_splits_with_a_year_or_a_word(parts, save, tmp_path):
    for part in parts:
        save(f"{part}/1.png")
    assert open_data(tmp_path).names == [f"{parts[0]}/1.png"]
    assert open_data(tmp_path, split=parts[1].lower()).names == [f"{parts[1]}/1.png"]


def test_splits_within_several_folders(save, tmp_path):
    for name in ("cable/train/good/1.png", "screw/train/good/2.png", "screw/test/bad/3.png"):
        save(name)
    save("cable/test/bad/4.png")
    data = open_data(tmp_path)
    assert data.names == ["cable/train/good/1.png", "screw/train/good/2.png"]
    assert data.spec.classes == ("cable", "screw")
    assert splits(tmp_path) == ["train", "test"]


@pytest.mark.parametrize(
    "name",
    [
        *("__MACOSX", ".thumbnails", "@eaDir", "$RECYCLE.BIN", "System Volume Information"),
        *("lost+found", ".ipynb_checkpoints", ".Trash-1000", "#recycle"),
    ],
)
def test_folders_of_the_system(name, save, tmp_path):
    for part in ("cat/1.png", "dog/2.png", f"{name}/3.png", f"cat/{name}/4.png"):
        save(part)
    data = open_data(tmp_path)
    assert data.names == ["cat/1.png", "dog/2.png"]
    assert data.spec.classes == ("cat", "dog")
    shown = ", ".join(sorted([name, f"cat/{name}"]))
    assert data.notes == (f"hidden or the system's own, not read: {shown}",)


def test_what_is_no_regular_file_is_not_opened(save, tmp_path):
    save("set/a.png")
    os.mkfifo(tmp_path / "set/pipe.png")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(str(tmp_path / "set/socket.png"))
    data = open_data(tmp_path / "set")
    assert data.names == ["a.png"]
    assert data.notes == ("pipes, sockets and devices, not read: pipe.png, socket.png",)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_tables_do_not_open_what_is_no_regular_file(kind, save, tmp_path):
    save("a.png")
    odd = tmp_path / "odd.png"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "folder":
        odd.mkdir()
    (tmp_path / "list.csv").write_text(
        f"path,label\na.png,x\n{'/dev/zero' if kind == 'device' else 'odd.png'},y\na.png,y\n"
    )
    data = open_data(tmp_path / "list.csv")
    assert [reason for _, _, reason in data.origin.bad] == ["not a regular file"]
    assert len(open_data([tmp_path / "a.png", odd if kind != "device" else "/dev/zero"])) == 1


def test_links_are_followed_inside_the_folder_alone(save, tmp_path):
    save("set/in/a.png")
    save("outside/b.png")
    (tmp_path / "set/again.png").symlink_to(tmp_path / "set/in/a.png")
    (tmp_path / "set/out.png").symlink_to(tmp_path / "outside/b.png")
    (tmp_path / "set/outside").symlink_to(tmp_path / "outside")
    (tmp_path / "link").symlink_to(tmp_path / "set")
    for place in ("set", "link"):
        data = open_data(tmp_path / place)
        assert data.names == ["again.png", "in/a.png"]
        assert data.notes == ("links out of the folder, not followed: out.png, outside",)
    (tmp_path / "links").mkdir()
    (tmp_path / "links/x").symlink_to(tmp_path / "outside")
    with pytest.raises(UserError, match="links out of the folder, not followed: x"):
        open_data(tmp_path / "links")


def test_names_that_are_no_utf8_can_be_written(save, tmp_path):
    for name in (b"caf\xe9", b"th\xe9"):
        folder = os.fsdecode(name)
        save(f"{folder}/{os.fsdecode(bytes([0xE9]))}.png")
    data = open_data(tmp_path)
    "".join([*data.names, *data.spec.classes, *data.notes]).encode()
    assert data.spec.classes == ("caf\\xe9", "th\\xe9")


def test_classes_without_an_image_are_named(save, tmp_path):
    for name in ("cat/1.png", "dog/2.png"):
        save(name)
    (tmp_path / "bird/deep").mkdir(parents=True)
    data = open_data(tmp_path)
    assert data.spec.classes == ("cat", "dog")
    assert data.notes == ("1 folders are empty: bird/",)


@pytest.mark.parametrize("name", ["labels.csv", "list_attr.txt", "dataset.json", "a/notes.md"])
def test_files_above_and_beside_the_images_are_named(name, save, tmp_path):
    save("a/img/1.png")
    (tmp_path / name).write_text("{}")
    assert open_data(tmp_path).notes == (f"1 other files not read: {name}",)


@pytest.mark.parametrize("listed", [True, False])
def test_dataset_json_of_stylegan(listed, save, tmp_path):
    names = [f"0000{k}/img{i}.png" for k in range(2) for i in range(2)]
    for name in names:
        save(name)
    labels = [[name, i % 2] for i, name in enumerate(names)] if listed else None
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": labels}))
    data = open_data(tmp_path)
    assert data.notes == ()
    assert (data.labels.tolist() if listed else data.labels) == ([0, 1, 0, 1] if listed else None)
