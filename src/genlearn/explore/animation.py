"""Films as bytes: GIF by Pillow, MP4 by ffmpeg where there is one.

Equal frames give equal bytes: colours are chosen from all frames together and not dithered, and
ffmpeg is asked for bit-exact files without metadata.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from ..core.errors import UserError, first_line

_FRAME, _REST = 150, 1500  # milliseconds of a frame, and of the last one
_WHITE = 255  # its place in a palette
_SAMPLED = 64  # pixels of a side of a frame from which colours are chosen


def gif(frames: Sequence[Image.Image]) -> bytes:
    """An endless GIF."""
    shown, content = _in_few_colours([frame.convert("RGB") for frame in frames]), BytesIO()
    times = [_FRAME] * (len(shown) - 1) + [_REST]
    shown[0].save(
        content,
        "GIF",
        save_all=True,
        append_images=shown[1:],
        duration=times,
        loop=0,
        optimize=False,
    )
    return content.getvalue()


def mp4(frames: Sequence[Image.Image]) -> bytes:
    """An MP4 (H.264). Raises `UserError` where no ffmpeg is installed, or it fails."""
    last = max(1, _REST // _FRAME)
    even = [_even(frame.convert("RGB")) for frame in [*frames, *[frames[-1]] * (last - 1)]]
    width, height = even[0].size
    command = [
        *(ffmpeg(), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{width}x{height}", "-r", f"1000/{_FRAME}", "-i", "pipe:0", "-threads", "1"),
        *("-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p", "-map_metadata", "-1"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact"),
        *("-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "pipe:1"),
    ]
    done = subprocess.run(
        command, input=b"".join(frame.tobytes() for frame in even), capture_output=True, check=False
    )
    if done.returncode or not done.stdout:
        why = first_line(RuntimeError(done.stderr.decode(errors="replace").strip() or "no output"))
        raise UserError(f"ffmpeg made no .mp4 ({why}); name a .gif, which needs no ffmpeg")
    return done.stdout


def ffmpeg() -> str:
    """The program. Raises `UserError` where there is none."""
    if found := shutil.which("ffmpeg"):
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe  # type: ignore[import-not-found]

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise UserError(
            "an .mp4 was asked for, and neither ffmpeg nor imageio-ffmpeg is installed; install one"
            " (pip install imageio-ffmpeg), or name a .gif, which needs neither"
        ) from None


def _in_few_colours(frames: list[Image.Image]) -> list[Image.Image]:
    """``frames`` with one palette: greys as they are, others by the 256 that suit all best."""
    if all((np.ptp(np.asarray(frame), axis=2) == 0).all() for frame in frames):
        return [frame.convert("L") for frame in frames]
    small = [frame.resize((_SAMPLED, _SAMPLED), Image.Resampling.NEAREST) for frame in frames]
    sheet = Image.new("RGB", (_SAMPLED, _SAMPLED * len(small)))
    for row, frame in enumerate(small):
        sheet.paste(frame, (0, row * _SAMPLED))
    colours = sheet.quantize(_WHITE, Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*colours, *[255] * (3 * (_WHITE + 1) - len(colours))])
    return [_reduced(frame, palette) for frame in frames]


def _reduced(frame: Image.Image, palette: Image.Image) -> Image.Image:
    """``frame`` in the colours of ``palette``; Pillow's search for the nearest one is rough, and
    white is to stay white."""
    few = frame.quantize(palette=palette, dither=Image.Dither.NONE)
    white = (np.asarray(frame) == 255).all(2)
    exact = Image.fromarray(np.where(white, _WHITE, np.asarray(few)).astype(np.uint8))
    few.paste(exact)
    return few


def _even(frame: Image.Image) -> Image.Image:
    """``frame`` with sides that can be halved, which H.264 takes."""
    width, height = (side + side % 2 for side in frame.size)
    canvas = Image.new("RGB", (width, height), "white")
    canvas.paste(frame)
    return canvas
