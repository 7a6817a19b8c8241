"""Opening an image: from a path, bytes or a PIL image, by formats that are read for what they hold.

PIL knows formats that start other programs (EPS runs Ghostscript), that hold no pixels of their own
or that it only recognises. A suffix says nothing about the content, so the content is offered to
those formats alone that `SUFFIXES` stands for. A decoder that meets a bad file fails in many ways;
all of them become one `Unreadable` with a reason.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

# Those of `SUFFIXES`; PIL's plugin for JPEG reads MPO too.
_FORMATS = (
    *("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM"),
    *("JPEG2000", "AVIF", "TGA", "ICO", "PCX", "QOI", "DDS"),
)


class Unreadable(Exception):
    """A file that no image can be read from; its text is the reason, in a few words."""


Payload = Path | bytes | Image.Image | Unreadable


@contextmanager
def open_image(payload: Payload) -> Iterator[Image.Image]:
    """The image in ``payload``, its pixels not decoded yet; where that is `Unreadable`, its source
    has found that out already. Raises `Unreadable` for whatever goes wrong inside, too."""
    try:
        with _open(payload) as image:
            yield image
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable("too many pixels") from None
    except UnidentifiedImageError:
        raise Unreadable(
            "empty" if _is_empty(payload) else "not an image that can be read"
        ) from None
    except PermissionError:
        raise Unreadable("permission denied") from None
    except FileNotFoundError:
        raise Unreadable("missing") from None
    except MemoryError:
        raise Unreadable("too large for memory") from None
    # Decoders of damaged data raise whatever they stumble over: OSError, SyntaxError, ValueError,
    # struct.error, ZeroDivisionError...
    except Exception as error:
        raise Unreadable(_reason(error)) from None


@contextmanager
def _open(payload: Payload) -> Iterator[Image.Image]:
    if isinstance(payload, Unreadable):
        raise payload
    if isinstance(payload, Image.Image):
        yield payload.copy()
        return
    if isinstance(payload, Path) and not stat.S_ISREG(payload.stat().st_mode):
        raise Unreadable("not a regular file")  # reading a pipe or a device would never end
    # Not by its name: PIL maps a file that it knows the name of, and turns such TIFFs wrongly.
    content = io.BytesIO(payload) if isinstance(payload, bytes) else payload.open("rb")
    with content, Image.open(content, "r", _FORMATS) as image:
        yield image


def _is_empty(payload: Payload) -> bool:
    if isinstance(payload, Path):
        return payload.stat().st_size == 0
    return isinstance(payload, bytes) and not payload


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    short = any(sign in text.lower() for sign in ("truncated", "unexpected end", "not enough"))
    return "truncated" if short else f"damaged: {text[:80]}"
