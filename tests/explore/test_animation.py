"""Films: GIF by Pillow, MP4 where there is an ffmpeg."""

import stat
import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from genlearn.core.errors import UserError
from genlearn.explore.animation import ffmpeg, gif, mp4


def film(channels=1, side=21):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (4, side, side, channels), np.uint8)
    return [Image.fromarray(np.broadcast_to(one, (side, side, 3)).copy()) for one in pixels]


def test_greys_come_back_as_they_are():
    frames = film()
    with Image.open(BytesIO(gif(frames))) as back:
        assert back.n_frames == 4
        for number, frame in enumerate(frames):
            back.seek(number)
            np.testing.assert_array_equal(np.asarray(back.convert("RGB")), np.asarray(frame))


def test_colours_are_near():
    frames = film(channels=3)
    with Image.open(BytesIO(gif(frames))) as back:
        assert back.n_frames == 4
        off = np.asarray(back.convert("RGB")).astype(int) - np.asarray(frames[0])
        assert np.abs(off).mean() < 30


def test_white_stays_white_among_colours_that_are_nearly_white():
    near = np.random.default_rng(0).integers(245, 256, (64, 64, 3), np.uint8)
    near[:8, :8] = 255
    with Image.open(BytesIO(gif([Image.fromarray(near)]))) as back:
        assert (np.asarray(back.convert("RGB"))[:8, :8] == 255).all()


@pytest.fixture
def no_ffmpeg(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    return tmp_path


def program(place, body):
    place.joinpath("ffmpeg").write_text(f"#!{sys.executable}\n{body}\n")
    place.joinpath("ffmpeg").chmod(stat.S_IRWXU)


def test_without_ffmpeg_there_is_one_line(no_ffmpeg):
    with pytest.raises(UserError, match=r"neither ffmpeg nor imageio-ffmpeg.*\.gif"):
        ffmpeg()


def test_ffmpeg_is_given_whole_frames_of_even_sides(no_ffmpeg):
    program(
        no_ffmpeg,
        "import sys; n = len(sys.stdin.buffer.read()); a = sys.argv;"
        " print(a[a.index('-s') + 1], n, end='')",
    )
    assert mp4(film()) == f"22x22 {(4 + 9) * 22 * 22 * 3}".encode()


def test_what_ffmpeg_fails_by_is_told(no_ffmpeg):
    program(no_ffmpeg, "import sys; sys.stdin.buffer.read(); sys.exit('no such codec')")
    with pytest.raises(UserError, match=r"no such codec.*\.gif"):
        mp4(film())
