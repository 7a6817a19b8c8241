"""What files of images may hold: every orientation, depth, number of frames, and damage."""

import io
import struct
from itertools import product

import numpy as np
import pytest
from data.pictures import wide_png, wide_tiff, with_late_chunk
from PIL import Image, ImageDraw

from genlearn.data import open_data
from genlearn.data.prepare.full_depth import loses_depth

WIDE = np.random.default_rng(0).integers(0, 65536, (9, 7, 4), dtype=np.uint16)
CORNERS = ((0, 0, "red"), (50, 0, "lime"), (0, 30, "blue"), (50, 30, "black"))


def sideways():
    """60x40 as it is stored, a colour in each corner."""
    image = Image.new("RGB", (60, 40), (200, 200, 200))
    for x, y, colour in CORNERS:
        ImageDraw.Draw(image).rectangle((x, y, x + 10, y + 10), colour)
    return image


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


@pytest.mark.parametrize("orientation", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("kind", ["jpg", "webp", "png", "avif", "tif"])
def test_images_are_turned_upright(kind, orientation, tmp_path):
    tags = exif(orientation)
    sideways().save(tmp_path / f"a.{kind}", quality=100, **{"exif": tags.tobytes()})
    data = open_data(tmp_path)
    turned = {1: 0, 3: 2, 6: 3, 8: 1}  # quarters, counter-clockwise
    plain = np.asarray(sideways())
    upright = plain[:, ::-1] if orientation == 2 else np.rot90(plain, turned[orientation])
    assert data.values.shape[1:] == upright.shape
    assert data.origin.sizes == {f"{upright.shape[1]}x{upright.shape[0]}": 1}
    assert np.abs(data.values[0].astype(int) - upright).mean() < 5


@pytest.mark.parametrize("kind", ["exif", "xmp"])
def test_orientation_that_png_keeps_behind_the_pixels(kind, tmp_path):
    content = io.BytesIO()
    sideways().save(content, "PNG")
    xmp = b'XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation="6"/>'
    chunk = (b"eXIf", exif(6).tobytes()[6:]) if kind == "exif" else (b"iTXt", xmp)
    (tmp_path / "a.png").write_bytes(with_late_chunk(content.getvalue(), *chunk))
    assert open_data(tmp_path).values.shape == (1, 60, 40, 3)


@pytest.mark.parametrize("kind", ["jpg", "webp", "png"])
@pytest.mark.parametrize(
    "content", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", exif(99).tobytes()]
)
def test_damaged_metadata_leave_the_image_as_it_is(content, kind, tmp_path):
    sideways().save(tmp_path / f"a.{kind}", exif=content)
    assert open_data(tmp_path).values.shape == (1, 40, 60, 3)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("kind", ["png", "<", ">"])
def test_colour_of_16_bits_keeps_them(kind, channels, tmp_path):
    pixels = WIDE[..., :channels]
    content = wide_png(pixels) if kind == "png" else wide_tiff(pixels, kind)
    (tmp_path / ("a.png" if kind == "png" else "a.tif")).write_bytes(content)
    data = open_data(tmp_path)
    np.testing.assert_array_equal(data.values[0], pixels)
    assert data.values.dtype == np.uint16
    assert data.spec.levels == 65536
    assert open_data(tmp_path, resolution=4).values.shape == (1, 4, 4, channels)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(("mode", "dtype"), [("I;16B", ">u2"), ("I;16", "<u2"), ("L", "u1")])
def test_either_order_of_bytes(mode, dtype, orientation, tmp_path):
    grey = WIDE[..., 0].astype(dtype)
    image = Image.frombytes(mode, (7, 9), grey.tobytes())
    image.save(tmp_path / "a.tif", tiffinfo={274: orientation})
    upright = grey if orientation == 1 else np.rot90(grey, 3)
    np.testing.assert_array_equal(open_data(tmp_path).values[0], upright)


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("kind", ["grey", "colour", "pgm", "ppm", "array"])
def test_bits_of_a_sensor_are_the_range(bits, kind, tmp_path):
    pixels = (WIDE >> (16 - bits))[..., 0 if kind in ("grey", "pgm") else slice(3)]
    source = tmp_path
    if kind == "array":
        source = pixels[None]
    elif kind == "grey":
        Image.fromarray(pixels).save(tmp_path / "a.png")
    elif kind == "colour":
        (tmp_path / "a.png").write_bytes(wide_png(pixels))
    else:
        head = b"P5" if kind == "pgm" else b"P6"
        head += f" 7 9 {2**bits - 1}\n".encode()
        (tmp_path / f"a.{kind}").write_bytes(head + pixels.astype(">u2").tobytes())
    data = open_data(source)
    np.testing.assert_array_equal(data.values[0], pixels)
    assert (data.spec.low, data.spec.high, data.spec.levels) == (0, 2**bits - 1, 2**bits)
    assert f"never exceed {2**bits - 1:,}" in data.notes[0]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("kind", "order"),
    # PIL knows no white-is-zero of 16 bits with the high byte first
    [*product(["RGBX", "multiplied", "CMYK"], "<>"), ("white", "<")],
)
def test_16_bits_of_all_kinds_are_kept(kind, order, packed, tmp_path):
    pixels, how = WIDE | 1, {"order": order, "packed": packed}
    colour, alpha = pixels[..., :3].astype(np.uint64), pixels[..., 3:].astype(np.uint64)
    if kind == "RGBX":
        content, expected = wide_tiff(pixels, extra=[0], **how), pixels[..., :3]
    elif kind == "multiplied":
        alpha = alpha | 0x8000
        stored = np.concatenate([colour * alpha // 65535, alpha], -1)
        content, expected = wide_tiff(stored, extra=[1], **how), np.concatenate([colour, alpha], -1)
    elif kind == "CMYK":
        content = wide_tiff(pixels, photometric=5, **how)
        expected = (1 - colour / 65535) * (1 - alpha / 65535) * 65535
    else:
        content = wide_tiff(pixels[..., :1], photometric=0, **how)
        expected = 65535 - pixels[..., 0]
    (tmp_path / "a.tif").write_bytes(content)
    data = open_data(tmp_path)
    assert data.values.dtype == np.uint16
    np.testing.assert_allclose(data.values[0], expected, rtol=0, atol=2)
    assert not any("read as 8" in note for note in data.notes)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [3, 4])
def test_planes_stored_apart_keep_16_bits_where_they_are_not_packed(channels, order, tmp_path):
    pixels, extra = WIDE[..., :channels], [2] * (channels - 3)
    (tmp_path / "a.tif").write_bytes(wide_tiff(pixels, order, extra=extra, apart=True))
    np.testing.assert_array_equal(open_data(tmp_path).values[0], pixels)
    packed = wide_tiff(pixels, order, extra=extra, apart=True, packed=True)
    (tmp_path / "a.tif").write_bytes(packed)
    data = open_data(tmp_path)
    np.testing.assert_array_equal(data.values[0], pixels >> 8)
    assert "more than 8 bits read as 8 in 1 files: a.tif" in data.notes


def test_grey_of_16_bits_keeps_them_beside_its_transparency(tmp_path):
    (tmp_path / "a.png").write_bytes(wide_png(WIDE[..., :2]))
    expected = WIDE[..., [0, 0, 0, 1]]
    np.testing.assert_array_equal(open_data(tmp_path).values[0], expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_hidden_colour_of_16_bits_is_hidden(channels, tmp_path):
    pixels = WIDE[..., :channels].copy()
    pixels[4, 3] = hidden = np.arange(1000, 1000 + channels)
    early = [(b"tRNS", hidden.astype(">u2").tobytes())]
    (tmp_path / "a.png").write_bytes(wide_png(pixels, early=early))
    data = open_data(tmp_path)
    expected = np.full((9, 7), 65535)
    expected[4, 3] = 0
    np.testing.assert_array_equal(data.values[0, ..., 3], expected)
    np.testing.assert_array_equal(data.values[0, ..., :3], pixels.repeat(3 // channels, -1))


def test_the_hidden_colour_of_8_bits_is_hidden_beside_16(tmp_path):
    (tmp_path / "a.png").write_bytes(wide_png(WIDE[..., :3]))
    Image.new("RGB", (7, 9), (1, 2, 3)).save(tmp_path / "b.png", transparency=(1, 2, 3))
    data = open_data(tmp_path)
    assert (data.values[1] == 65535).all()
    assert "transparent pixels put on white, in 1 of 2 images" in data.notes


@pytest.mark.parametrize("kind", ["jp2", "j2k", "avif"])
def test_bits_that_are_lost_are_named(kind, tmp_path):
    Image.new("RGB", (24, 24), "red").save(tmp_path / f"a.{kind}")
    assert not any("read as 8" in note for note in open_data(tmp_path).notes)
    content = bytearray((tmp_path / f"a.{kind}").read_bytes())
    image = Image.open(io.BytesIO(content))
    if kind == "avif":
        content[content.index(b"av1C") + 6] |= 0x40
    else:
        sizes = content.index(b"\xff\x4f\xff\x51") + 4
        for channel in range(3):
            content[sizes + 38 + 3 * channel] = 11
    image.fp = io.BytesIO(content)
    assert loses_depth(image)


def test_16_bits_of_three_colours_together_are_not_lost(tmp_path):
    head = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 66, 0, 0, 54, 40, 2, 1, 1, 16, 0, 4, 0, 0, 0, 0)
    (tmp_path / "a.bmp").write_bytes(head + struct.pack("<2H", 0x7FFF, 0x001F))
    assert not any("read as 8" in note for note in open_data(tmp_path).notes)


def test_bits_that_pil_has_lost_are_named(tmp_path):
    for channels in (2, 3):
        image = Image.open(io.BytesIO(wide_png(WIDE[..., :channels])))
        assert "more than 8 bits read as 8 in 1 files: item 0" in open_data([image]).notes


@pytest.mark.parametrize("kind", ["gif", "tif", "webp", "png", "avif"])
def test_further_frames_are_named(kind, noise, save, tmp_path):
    save("still.png")
    first, *others = [noise("RGB", (8, 8), i) for i in range(4)]
    first.save(tmp_path / f"a.{kind}", save_all=True, append_images=others)
    data = open_data(tmp_path)
    assert len(data) == 2
    assert f"only the first frame is read of 1 files of several: a.{kind} 4" in data.notes


@pytest.mark.parametrize(
    ("modes", "note", "channels"),
    [
        (["RGBA", "RGBA"], "opaque throughout: kept without transparency", 3),
        (["RGBA", "RGB"], "opaque throughout: kept without transparency", 3),
        (["LA", "LA"], "opaque throughout: kept without transparency", 1),
    ],
)
def test_opaque_is_not_called_transparent(modes, note, channels, noise, tmp_path):
    for i, mode in enumerate(modes):
        image = noise("L" if mode == "LA" else "RGB", (8, 8), i).convert(mode)
        image.save(tmp_path / f"{i}.png")
    data = open_data(tmp_path)
    assert data.notes == (note,)
    assert data.spec.shape[0] == channels


@pytest.mark.parametrize("mode", ["CMYK", "LAB", "HSV"])
def test_other_colours_become_rgb(mode, noise, tmp_path):
    image = noise("RGB", (8, 8), 1)
    if mode == "HSV":
        data = open_data([image.convert("HSV")])
    else:
        lab = mode == "LAB"
        colours = Image.fromarray(np.asarray(image), "LAB") if lab else image.convert("CMYK")
        colours.save(tmp_path / "a.tif")
        data = open_data(tmp_path)
    assert data.values.shape == (1, 8, 8, 3)


KINDS = {
    "png": "PNG", "jpg": "JPEG", "bmp": "BMP", "gif": "GIF", "webp": "WEBP", "tif": "TIFF",
    "ppm": "PPM", "jp2": "JPEG2000", "avif": "AVIF", "tga": "TGA", "ico": "ICO", "pcx": "PCX",
    "qoi": "QOI", "dds": "DDS",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_files_of_every_kind_are_named(kind, noise, tmp_path):
    content = io.BytesIO()
    noise("RGB", (64, 64), 1).save(content, KINDS[kind])
    (tmp_path / f"good.{kind.upper()}").write_bytes(content.getvalue())
    for share in (0, 1, 2):
        cut = content.getvalue()[: len(content.getvalue()) * share // 3]
        (tmp_path / f"{share}.{kind}").write_bytes(cut)
    data = open_data(tmp_path)
    assert data.names == [f"good.{kind.upper()}"]
    assert [name for _, name, _ in data.origin.bad] == [f"{share}.{kind}" for share in (0, 1, 2)]


@pytest.mark.parametrize("kind", ["EPS", "PDF", "SGI"])
def test_a_suffix_does_not_choose_the_decoder(kind, save, noise, tmp_path, monkeypatch):
    def run(*args, **options):
        raise AssertionError("another program was started")

    monkeypatch.setattr("subprocess.check_call", run)
    save("good.png")
    noise("RGB", (8, 8), 1).save(tmp_path / "lie.png", kind)
    noise("RGB", (8, 8), 1).save(tmp_path / "jpeg.png", "JPEG")
    data = open_data(tmp_path)
    assert data.names == ["good.png", "jpeg.png"]
    assert data.origin.bad == [(2, "lie.png", "not an image that can be read")]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_extreme_proportions(size, save, tmp_path):
    save("a.png", size=size)
    save("b.jpg", size=size)
    assert open_data(tmp_path, resolution=8).values.shape == (2, 8, 8, 3)
    assert max(open_data(tmp_path).values.shape[1:3]) <= 128
