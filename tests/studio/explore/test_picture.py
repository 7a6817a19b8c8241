"""A picture that somebody brings, and what a model makes of it."""

import base64
import struct
import zlib

import numpy as np
import pytest
from helpers import blobs
from studio_exploring import HEIGHT, WIDTH, frames, model_of, png, run_of


def test_a_picture_is_brought_to_the_size_of_the_data(owner, at, bring, mapped):
    pixels = np.full((50, 40, 3), (250, 250, 250), np.uint8)
    found = bring("vae", png(pixels)).json()
    assert found["note"] == (
        "The picture was cropped to its middle, brought from 40 x 50 to 9 x 12 pixels, turned to"
        " grey."
    )
    assert (frames(at("vae", "/pictured", of=found["of"])) == 250).all()
    model = model_of(owner, "vae")
    expected = model.reconstruct(np.full((1, HEIGHT, WIDTH), 250, np.uint8)).astype(int)
    shown = frames(at("vae", "/reconstructed", of=found["of"])).astype(int)
    assert np.abs(shown - expected).max() <= 1
    dark = bring("vae", png(pixels), invert="yes").json()
    assert (frames(at("vae", "/pictured", of=dark["of"])) == 5).all()
    mapped("vae")
    near = at("vae", "/near", of="data:6").json()
    assert near[0] == 6
    assert len(frames(at("vae", "/examples", rows=",".join(map(str, near))))) == 12


def bomb(side=60_000):
    """A PNG of a few bytes that says it is of billions of pixels."""

    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
        (png(blobs(1)[0])[:60], "truncated"),
        (bomb(), "too many pixels"),
        (b"", "empty"),
    ],
)
def test_what_is_no_picture_is_told_in_a_line(bring, owner, content, why):
    owner.headers["accept"] = "*/*"
    told = bring("vae", content, status=400).text
    assert why in told
    assert len(told.splitlines()) == 1


def test_a_picture_that_takes_too_long_is_given_up(bring, monkeypatch):
    monkeypatch.setattr("genlearn.studio.serving.pictures._SECONDS", 0.001)
    assert "took longer than" in bring("vae", png(blobs(1)[0]), status=400).text


def test_pictures_that_were_not_brought_are_told(at):
    for of in (
        "",
        "picture:0000000000000000",
        "picture:../../x",
        "data:48",
        "data:x",
        "/etc/passwd",
    ):
        at("vae", "/reconstructed", status=400, of=of)


def test_noise_is_added_and_removed(at):
    noisy, clean = frames(at("flow", "/denoised", of="data:1", noise=0.2)).astype(int)
    assert noisy.std() > 20
    assert clean.shape == noisy.shape
    at("flow", "/denoised", status=400, of="data:1", noise=2)


def masked(mask):
    return base64.b64encode(np.packbits(mask).tobytes()).decode()


def test_what_is_marked_is_drawn_anew_and_nothing_else(owner, at):
    place = f"/runs/{run_of(owner, 'flow').id}/explore/inpainted"
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2:7, 3:8] = True
    fields = {"of": "data:1", "mask": masked(mask), "count": "3", "seed": "1"}
    found = frames(owner.post(place, data=fields))
    before = frames(at("flow", "/pictured", of="data:1"))
    assert (found[:, ~mask] == before[:, ~mask]).all()
    assert (found[0] != found[1]).any()
    for text in ("", masked(mask)[:4], "§", masked(np.zeros_like(mask))):
        assert owner.post(place, data={**fields, "mask": text}).status_code == 400
