import json

import numpy as np
import pytest
from PIL import Image

from genlearn.core.errors import UserError
from genlearn.core.spec import ImageSpec
from genlearn.data import open_data, splits


def test_flat_folder(save, tmp_path):
    paths = [save(f"{i}.png", seed=i) for i in range(3)]
    data = open_data(tmp_path)
    np.testing.assert_array_equal(data.values, np.stack([Image.open(path) for path in paths]))
    assert isinstance(data.values, np.memmap)
    assert not data.values.flags.writeable
    assert data.user(slice(0, 2)).flags.writeable
    assert (data.names, data.labels, data.captions, data.notes) == (
        ["0.png", "1.png", "2.png"],
        None,
        None,
        (),
    )
    assert data.fingerprint == open_data(np.array(data.values)).fingerprint


def test_many_files_are_decoded_by_many_workers(save, tmp_path, noise):
    for i in range(300):
        save(f"{i:03}.png", "L", (4, 3), seed=i)
    (tmp_path / "150.png").write_bytes(b"")
    seen = []
    data = open_data(tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert data.values.shape == (299, 3, 4)
    assert seen[-1] == (300, 300)
    np.testing.assert_array_equal(data.values[-1], np.asarray(noise("L", (4, 3), 299)))


def test_class_folders(save, tmp_path):
    for name in ("cat/1.png", "cat/deeper/2.jpg", "dog/1.png"):
        save(f"pets/{name}")
    data = open_data(tmp_path)
    assert data.spec.classes == ("cat", "dog")
    assert data.labels.tolist() == [0, 0, 1]


def test_train_and_test_folders(save, tmp_path):
    for name in ("train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png"):
        save(name)
    assert splits(tmp_path) == ["train", "test", "val"]
    assert open_data(tmp_path).names == ["train/a/1.png", "train/b/2.png"]
    assert open_data(tmp_path).spec.classes == ("a", "b")
    assert open_data(str(tmp_path), split="validation").names == ["val/a/3.png"]
    assert open_data(tmp_path, split="test").labels is None
    with pytest.raises(UserError, match="split='tset' was given; did you mean 'test'"):
        open_data(tmp_path, split="tset")


def test_images_beside_sub_folders_have_no_classes(save, tmp_path):
    for name in ("1.png", "a/1.png", "b/1.png"):
        save(name)
    data = open_data(tmp_path)
    assert data.labels is None
    assert data.notes == ("no classes: some images lie outside the sub-folders",)


def test_metadata_csv(save, tmp_path):
    for i in range(4):
        save(f"{i}.png", seed=i)
    lines = [
        "file_name,text,label",
        '1.png,"one, two",x',
        "0.png,zero,y",
        "2.png,,x",
        "3.png,three,y",
        "9.png,gone,x",
    ]
    (tmp_path / "metadata.csv").write_text("\n".join(lines))
    data = open_data(tmp_path)
    assert data.captions == ["zero", "one, two", "", "three"]
    assert data.spec.captions
    assert data.spec.classes == ("x", "y")
    assert data.labels.tolist() == [1, 0, 0, 1]
    assert data.notes == (
        "1 files named in metadata.csv do not exist: 9.png",
        "1 of 4 images have no caption",
    )


def test_metadata_that_leaves_images_out(save, tmp_path):
    for name in ("a.png", "b.png"):
        save(name)
    (tmp_path / "metadata.jsonl").write_text(
        json.dumps({"file_name": "b.png", "text": "b", "label": 3}) + "\n"
    )
    data = open_data(tmp_path)
    assert data.captions == ["", "b"]
    assert data.labels is None
    assert any("labels left out" in note for note in data.notes)
    with pytest.raises(UserError, match="label='kind' was given"):
        open_data(tmp_path, label="kind")


def test_captions_in_sidecar_files(save, tmp_path):
    for name in ("a.png", "b.png"):
        save(name).with_suffix(".txt").write_text(f"picture {name}\n")
    assert open_data(tmp_path).captions == ["picture a.png", "picture b.png"]


@pytest.mark.parametrize("text", ["name,text\na.png,x", "file_name,text\n,x"])
def test_bad_metadata(text, save, tmp_path):
    save("a.png")
    (tmp_path / "metadata.csv").write_text(text)
    with pytest.raises(UserError, match="file_name"):
        open_data(tmp_path)


def test_bad_files_are_named_and_left_out(save, tmp_path):
    good = save("good.png")
    save("last.jpg", "RGB", (64, 64))
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:100])
    jpeg = (tmp_path / "last.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    data = open_data(tmp_path, resolution=8, labels=range(7))
    reasons = {name: reason for _, name, reason in data.origin.bad}
    assert data.names == ["good.png", "last.jpg"]
    assert data.labels.tolist() == [4, 5]
    assert reasons.pop("cut.png").startswith(("truncated", "damaged"))
    assert reasons == {
        "cut.jpg": "truncated",
        "empty.png": "empty",
        "gone.png": "missing",
        "text.jpg": "not an image that can be read",
    }
    assert data.notes[0].startswith("5 unreadable files left out: cut.jpg (truncated)")


def test_a_decompression_bomb_is_a_bad_file(save, tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for name, side in (("fine.png", 8), ("bomb.png", 12), ("worse.png", 20)):
        save(name, "L", (side, side))
    data = open_data(tmp_path)
    assert data.names == ["fine.png"]
    assert [reason for _, _, reason in data.origin.bad] == ["too many pixels"] * 2


def test_all_files_unreadable(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(
        UserError, match=r"none of the 1 image files in .* can be read: a.png \(empty\)"
    ):
        open_data(tmp_path)


def test_sizes_the_most_common_wins_and_the_rest_is_fitted(save, tmp_path):
    for i, size in enumerate([(8, 6), (8, 6), (20, 10), (5, 30)]):
        save(f"{i}.png", size=size)
    data = open_data(tmp_path)
    assert data.values.shape == (4, 6, 8, 3)
    assert data.notes == (
        "resized from 3 sizes to 8x6, centre-cropped where the proportions differ",
    )
    assert open_data(tmp_path, resolution=5).values.shape == (4, 5, 5, 3)
    assert open_data(tmp_path, resolution=(3, 7)).values.shape == (4, 3, 7, 3)


def test_large_images_are_scaled_down(save, tmp_path):
    save("a.png", size=(400, 200))
    save("b.png", size=(300, 100))
    assert open_data(tmp_path).values.shape == (2, 64, 128, 3)


@pytest.mark.parametrize(
    ("modes", "shape", "dtype"),
    [
        (["L", "L"], (), "uint8"),
        (["1", "L"], (), "uint8"),
        (["RGB", "L"], (3,), "uint8"),
        (["P", "P"], (3,), "uint8"),
        (["RGBA", "RGBA"], (4,), "uint8"),
        (["RGBA", "RGB"], (3,), "uint8"),
        (["I;16", "L"], (), "uint16"),
        (["I;16", "RGB"], (3,), "uint16"),
    ],
)
def test_kinds_of_pixels(modes, shape, dtype, save, tmp_path):
    for i, mode in enumerate(modes):
        if mode == "I;16":
            Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000).save(
                tmp_path / f"{i}.png"
            )
        else:
            save(f"{i}.png", mode)
    data = open_data(tmp_path)
    assert data.values.shape == (2, 8, 8, *shape)
    assert data.values.dtype == dtype
    assert bool(data.notes) == (len(set(modes)) > 1 and modes != ["1", "L"])


def test_wide_grey_keeps_its_levels(tmp_path):
    pixels = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000
    Image.fromarray(pixels).save(tmp_path / "a.png")
    data = open_data(tmp_path)
    np.testing.assert_array_equal(data.values[0], pixels)
    assert isinstance(data.spec, ImageSpec)
    assert (data.spec.high, data.spec.levels) == (65535, 65536)


def test_transparency_is_put_on_white(tmp_path):
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[2:, :, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    Image.fromarray(np.full((4, 4, 4), 255, np.uint8)).save(tmp_path / "b.png")
    data = open_data(tmp_path)
    assert "transparent pixels put on white" in data.notes[0] or "grey" in data.notes[0]
    assert data.values[0, 0, 0] == 255
    assert data.values[0, 3, 0] == 0


def test_colour_that_is_grey_throughout(save, tmp_path, noise):
    noise("L", (8, 8), 1).convert("RGB").save(tmp_path / "a.png")
    data = open_data(tmp_path)
    assert data.values.shape == (1, 8, 8)
    assert data.notes == ("stored with colour channels but grey throughout: kept as grey",)


def test_black_and_white_has_two_levels(save, tmp_path):
    for name in ("a.png", "b.png"):
        save(name, "1")
    spec = open_data(tmp_path).spec
    assert isinstance(spec, ImageSpec)
    assert (spec.low, spec.high, spec.levels) == (0, 255, 2)


def test_cameras_note_which_side_is_up(tmp_path, noise):
    image = noise("RGB", (8, 4), 1)
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif, quality=100)
    data = open_data(tmp_path)
    assert data.values.shape == (1, 8, 4, 3)
    turned = np.asarray(Image.open(tmp_path / "a.jpg")).transpose(1, 0, 2)[:, ::-1]
    np.testing.assert_array_equal(data.values[0], turned)


def test_print_colours_become_screen_colours(tmp_path, noise):
    noise("RGB", (8, 8), 1).convert("CMYK").save(tmp_path / "a.jpg")
    assert open_data(tmp_path).values.shape == (1, 8, 8, 3)


def test_resizing_does_not_alias(tmp_path):
    stripes = np.tile(np.array([0, 255], np.uint8), (128, 64))
    Image.fromarray(stripes).save(tmp_path / "a.png")
    inner = open_data(tmp_path, resolution=32).values[0, 4:-4, 4:-4]
    assert np.abs(inner.astype(int) - 127).max() < 12


def test_a_single_file_is_one_example(save):
    assert open_data(save("a.png")).values.shape == (1, 8, 8, 3)


def test_links_in_a_circle_do_not_hang(save, tmp_path):
    save("a/1.png")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert len(open_data(tmp_path)) == 1


def test_hidden_and_strange_files(save, tmp_path):
    save("a.png")
    save(".thumbs/a.png")
    save("__MACOSX/._a.png")
    (tmp_path / "LICENSE").write_text("mine")
    assert open_data(tmp_path).notes == (
        "1 other files not read: LICENSE",
        "hidden or the system's own, not read: .thumbs, __MACOSX",
    )
