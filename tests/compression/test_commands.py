"""`genlearn compress` and `genlearn decompress`, on files and runs."""

import numpy as np
import pytest
from in_process import done, told
from PIL import Image, ImageOps

import genlearn as gl
from genlearn.compression import container
from genlearn.compression.decompress import decompress
from genlearn.core.errors import UserError


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGBA"))


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("run", ["vae", "vq"])
def test_a_folder_comes_back_under_its_names_with_every_pixel(place, tmp_path, capsys, run):
    done("compress", place / run, place / "pictures", "-o", tmp_path / "x.glc")
    said = capsys.readouterr().out
    assert "12 images" in said
    assert "bits per pixel" in said
    assert "PNG of the same pixels" in said
    done("decompress", tmp_path / "x.glc", "-o", tmp_path / "back")
    assert "12 images, exactly as they were" in capsys.readouterr().out
    assert files(tmp_path / "back") == files(place / "pictures")
    for name in files(place / "pictures"):
        np.testing.assert_array_equal(
            pixels(tmp_path / "back" / name), pixels(place / "pictures" / name)
        )
    small = sum(path.stat().st_size for path in (place / "pictures").rglob("*.png"))
    assert (tmp_path / "x.glc").stat().st_size < small


@pytest.mark.parametrize("run", ["vae", "rgb"])
def test_files_of_any_kind_come_back_or_are_kept_as_they_are(place, odd, tmp_path, capsys, run):
    done("compress", place / run, odd, "-o", tmp_path / "x.glc")
    told_ = capsys.readouterr().err
    assert "broken.png" in told_ or "..." in told_
    done("decompress", tmp_path / "x.glc", "-o", tmp_path / "back")
    assert len(files(tmp_path / "back")) == len(files(odd))
    for name in files(odd) - {"broken.png"}:
        path = next(
            place_
            for place_ in (
                tmp_path / "back" / f"{name}.png",
                tmp_path / "back" / name,
                (tmp_path / "back" / name).with_suffix(".png"),
            )
            if place_.exists()
        )
        np.testing.assert_array_equal(pixels(path), pixels(odd / name), err_msg=name)
        with Image.open(path) as back, Image.open(odd / name) as before:
            assert getattr(back, "n_frames", 1) == getattr(before, "n_frames", 1)
            if before.mode != "P":
                assert back.mode == before.mode, name
    assert (tmp_path / "back/broken.png").read_bytes() == (odd / "broken.png").read_bytes()


@pytest.mark.parametrize("run", ["vae", "vq"])
def test_lossy_gives_what_the_run_makes_of_images(place, tmp_path, run):
    sizes = {}
    for quality in (0, 100):
        out = tmp_path / f"{quality}.glc"
        done(
            "compress", place / run, place / "grey.npy", "--lossy", "--quality", quality, "-o", out
        )
        done("decompress", out, "-o", tmp_path / str(quality))
        sizes[quality] = out.stat().st_size
    model, given = gl.load(place / run), np.load(place / "grey.npy")
    back = np.stack(
        [pixels(tmp_path / "100" / f"{number:06d}.png")[..., 0] for number in range(len(given))]
    )
    assert np.abs(back.astype(int) - model.reconstruct(given)).mean() < 1
    assert sizes[0] <= sizes[100] < given.size


def test_numbers_that_are_zero_throughout_are_left_out(place):
    from genlearn.compression import compress
    from genlearn.compression.images import Images

    model, values = gl.load(place / "vae"), np.load(place / "grey.npy")
    everything, nothing = (compress._code(model, values, error) for error in (1e-3, 1e9))
    assert everything.places == (1, model.latent_dim_)
    assert nothing.places == (1, 1)  # one is always kept
    images = Images(values, [], b"\0")
    head, parts = container.unpack(compress.compress_lossy(model, images, 0).content)
    assert head.places[1] <= model.latent_dim_
    assert decompress(model, head, parts).pixels.shape == (*values.shape, 1)
    np.testing.assert_array_equal(
        nothing.decode(nothing.numbers(values)), model.decode_exactly(np.zeros((48, 16)))
    )


def test_arrays_and_named_sets_are_numbered(place, tmp_path):
    done("compress", place / "rgb", place / "colour.npy", "-o", tmp_path / "x.glc")
    done("decompress", tmp_path / "x.glc", "-o", tmp_path / "x")
    given = np.load(place / "colour.npy")
    for number in (0, 23):
        np.testing.assert_array_equal(
            pixels(tmp_path / "x" / f"{number:06d}.png")[..., :3], given[number]
        )


def test_a_folder_of_nothing_that_fits_is_kept_and_what_is_no_image_is_named(
    place, tmp_path, capsys
):
    given = tmp_path / "given"
    given.mkdir()
    Image.new("L", (3, 3), 7).save(given / "caf\udce9.png")
    (given / "notes.txt").write_text("about them")
    done("compress", place / "vae", given, "-o", tmp_path / "x.glc")
    told_ = capsys.readouterr().err
    assert "notes.txt" in told_
    assert "3x3 pixels" in told_
    done("decompress", tmp_path / "x.glc", "-o", tmp_path / "x")
    (back,) = (tmp_path / "x").iterdir()
    assert pixels(back).shape == (3, 3, 4)
    assert "leave it out" in told(
        capsys, "compress", place / "vae", given, "--key", "a", "-o", tmp_path / "y.glc"
    )


def test_splits_are_all_compressed_unless_one_is_named(place, tmp_path, capsys):
    for split in ("train", "test"):
        (tmp_path / "set" / split).mkdir(parents=True)
        for number, values in enumerate(np.load(place / "grey.npy")[:3]):
            Image.fromarray(values).save(tmp_path / "set" / split / f"{number}.png")
    done("compress", place / "vae", tmp_path / "set", "-o", tmp_path / "all.glc")
    assert "6 images" in capsys.readouterr().out
    done("compress", place / "vae", tmp_path / "set", "--split", "test", "-o", tmp_path / "t.glc")
    assert "3 images" in capsys.readouterr().out


def test_one_image_is_a_file(place, tmp_path):
    one = place / "pictures/class0/im 0.png"
    done("compress", place / "vae", one, "-o", tmp_path / "x.glc")
    assert (tmp_path / "x.glc").stat().st_size < 200
    done("decompress", tmp_path / "x.glc", "-o", tmp_path / "x")
    np.testing.assert_array_equal(pixels(tmp_path / "x/im 0.png"), pixels(one))


def test_another_run_is_refused_and_the_own_is_found_elsewhere(place, tmp_path, capsys):
    out = tmp_path / "x.glc"
    done("compress", place / "vae", place / "pictures", "-o", out)
    line = told(capsys, "decompress", out, "-o", tmp_path / "x", "--run", place / "vq")
    assert "another run" in line
    assert str(place / "vae") in line
    assert "--run" in line
    assert not (tmp_path / "x").exists()
    (place / "vae").rename(place / "moved")
    try:
        assert "--run" in told(capsys, "decompress", out, "-o", tmp_path / "x")
        done("decompress", out, "-o", tmp_path / "x", "--run", place / "moved")
    finally:
        (place / "moved").rename(place / "vae")


def test_nothing_is_replaced_unless_asked(place, tmp_path, capsys):
    out = tmp_path / "x.glc"
    done("compress", place / "vae", place / "pictures", "-o", out)
    assert "already" in told(capsys, "compress", place / "vae", place / "pictures", "-o", out)
    done("compress", place / "vae", place / "pictures", "-o", out, "--overwrite")
    done("decompress", out, "-o", tmp_path / "x")
    (tmp_path / "x/class0/im 0.png").write_bytes(b"mine")
    assert "already" in told(capsys, "decompress", out, "-o", tmp_path / "x")
    assert (tmp_path / "x/class0/im 0.png").read_bytes() == b"mine"
    done("decompress", out, "-o", tmp_path / "x", "--overwrite")
    assert "is read" in told(capsys, "compress", place / "vae", out, "-o", out, "--overwrite")


@pytest.mark.parametrize(
    "name", ["../out.png", "/etc/out.png", "a/../../b.png", "", "a\0.png", "x" * 300]
)
def test_names_that_lead_out_of_the_folder_are_refused(place, tmp_path, capsys, name):
    out = tmp_path / "x.glc"
    done("compress", place / "vae", place / "pictures", "-o", out)
    head, parts = container.unpack(out.read_bytes())
    evil = container.Parts([name, *parts.names[1:]], parts.codes, parts.pixels, parts.files)
    out.write_bytes(container.pack(head, evil))
    assert "no name in a folder" in told(capsys, "decompress", out, "-o", tmp_path / "x/y")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("quality", ["1e9", "nan", "-1", "much"])
def test_mistakes_get_a_line(place, tmp_path, capsys, quality):
    told(
        capsys, "compress", place / "vae", place / "pictures", "--lossy", "--quality", quality,
        "-o", tmp_path / "x.glc",
    )  # fmt: skip
    assert not (tmp_path / "x.glc").exists()


def test_what_does_not_suit_the_run_is_said(place, tmp_path, capsys):
    out = tmp_path / "x.glc"
    line = told(capsys, "compress", place / "rgb", place / "grey.npy", "-o", out)
    assert "9x12 pixels and 1 channel" in line
    assert "--lossy" in line
    done("fit", "gmm", place / "grey.npy", "--out", tmp_path / "gmm", "--components", "2")
    assert "compresses" in told(capsys, "compress", tmp_path / "gmm", place / "grey.npy", "-o", out)
    line = told(capsys, "compress", place / "vae", place / "grey.npy", "--quality", "5", "-o", out)
    assert "--lossy" in line
    assert "compress" in told(capsys, "decompress", place / "grey.npy", "-o", tmp_path / "y")


def test_a_machine_that_decodes_otherwise_refuses(place, monkeypatch):
    """One level of one expected pixel is enough; nothing is given then."""
    from genlearn.compression import compress
    from genlearn.compression.images import Images

    model, values = gl.load(place / "vae"), np.load(place / "grey.npy")[:20]
    images = Images(values[..., None], [], b"\0")
    chosen = compress._code(model, values, 30.0)
    monkeypatch.setattr(compress, "cheapest", lambda *_: chosen)
    made = compress.compress_lossless(model, images)
    head, parts = container.unpack(made.content)
    assert made.codes
    assert head.code == "numbers"
    np.testing.assert_array_equal(decompress(model, head, parts).pixels, images.pixels)
    exact = type(model).decode_exactly

    def otherwise(self, codes):
        decoded = exact(self, codes)
        decoded[3, 4, 5] ^= 1
        return decoded

    monkeypatch.setattr(type(model), "decode_exactly", otherwise)
    with pytest.raises(UserError, match="computes otherwise"):
        decompress(model, head, parts)
