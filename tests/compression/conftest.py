"""Small runs, and a folder of images of many kinds."""

import numpy as np
import pytest
from helpers import blobs
from in_process import FAST, done
from PIL import Image


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with images and runs that learned them."""
    folder = tmp_path_factory.mktemp("compression")
    np.save(folder / "grey.npy", blobs(48))
    np.save(folder / "colour.npy", blobs(24, channels=3))
    for name, model, data in (
        ("vae", "vae", "grey"),
        ("vq", "vqvae", "grey"),
        ("rgb", "autoencoder", "colour"),
    ):
        source = str(folder / f"{data}.npy")
        done("fit", model, source, "--out", folder / name, *FAST)
    pictures = folder / "pictures"
    for number, pixels in enumerate(blobs(12, seed=5)):
        path = pictures / f"class{number % 2}" / f"im {number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


@pytest.fixture(scope="session")
def odd(place):
    """One file of each kind that images come in, grey ones of the runs' size unless said."""
    folder, plain = place / "odd", blobs(1, seed=9)[0]
    folder.mkdir()
    grey, colour = Image.fromarray(plain), Image.fromarray(blobs(1, channels=3, seed=9)[0])
    clear = grey.copy()
    clear.putalpha(Image.fromarray(plain))
    solid = grey.convert("RGBA")
    turned = Image.Exif()
    turned[0x0112] = 6
    grey.save(folder / "a.png")
    grey.save(folder / "a.jpg")
    grey.save(folder / "A.bmp")
    grey.convert("1").save(folder / "bits.png")
    grey.convert("RGB").save(folder / "grey as colour.png")
    grey.convert("P").save(folder / "palette.png")
    solid.save(folder / "solid.png")
    clear.save(folder / "clear.png")
    colour.save(folder / "colour.webp", lossless=True)
    grey.resize((5, 5)).save(folder / "small.png")
    grey.rotate(90, expand=True).save(folder / "turned.png", exif=turned)
    Image.fromarray(plain.astype(np.uint16) * 257).save(folder / "deep.png")
    grey.save(folder / "frames.gif", save_all=True, append_images=[grey.rotate(180)])
    (folder / "broken.png").write_bytes(b"\x89PNG no more")
    return folder
