"""What a set of image files is to become, told by their headers: the most common size and the
richest kind of pixels.

Between sizes that are equally common the larger wins. A longer side of more than 128 is scaled
down, because that is where training on two cores ends; whoever wants more asks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...core.errors import UserError
from .image_decode import DecodeTarget, ImageHeader, Payload, Size, Unreadable, read_header
from .image_source import ImageBatchSource

_LONGEST = 128
_SHOWN = 5

Bad = tuple[int, str, str]


@dataclass(frozen=True)
class HeaderStatistics:
    """How often each size (height, width), each of PIL's modes and each kind of pixels occurs among
    the readable files."""

    sizes: Counter[Size] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)

    def add(self, start: int, looks: Iterable[ImageHeader | str]) -> None:
        """Count a chunk whose first file has the index ``start``."""
        for i, look in enumerate(looks, start):
            if isinstance(look, str):
                self.bad.append((i, look))
            else:
                self.sizes[look.size] += 1
                self.modes[look.mode] += 1
                self.kinds[look.kind] += 1

    def target(self, size: Size | None) -> DecodeTarget:
        """What to decode to, with ``size`` where it was asked for."""
        common = max(self.sizes, key=lambda hw: (self.sizes[hw], hw[0] * hw[1], hw))
        return DecodeTarget(_richest(self.kinds), size or _limited(common))


def look_at(chunk: tuple[int, list[Payload]]) -> tuple[int, list[ImageHeader | str]]:
    """The index of the first, and a glance at each, or the reason why there is none."""
    return chunk[0], [_look(payload) for payload in chunk[1]]


def check_readable(bad: list[Bad], pictures: ImageBatchSource) -> None:
    """Raise `UserError` where no file of ``pictures`` can be read."""
    if len(bad) == len(pictures.names):
        raise UserError(
            f"none of the {len(bad)} image files in {pictures.place} can be read: {list_bad(bad)}"
        )


def list_bad(bad: list[Bad]) -> str:
    """Names and reasons, the first few of them."""
    shown = ", ".join(f"{name} ({reason})" for _, name, reason in bad[:_SHOWN])
    return shown + (", ..." if len(bad) > _SHOWN else "")


def size_note(survey: HeaderStatistics, target: DecodeTarget) -> str | None:
    """One line on resizing, or None where every image had the wanted size."""
    if set(survey.sizes) == {target.size}:
        return None
    if len(survey.sizes) == 1:
        return f"resized from {_show(next(iter(survey.sizes)))} to {_show(target.size)}"
    return (
        f"resized from {len(survey.sizes)} sizes to {_show(target.size)}, centre-cropped where the"
        " proportions differ"
    )


def _look(payload: Payload) -> ImageHeader | str:
    try:
        return read_header(payload)
    except Unreadable as error:
        return str(error)


def _richest(kinds: Counter[str]) -> str:
    if set(kinds) <= {"L", "I;16"}:
        return "I;16" if "I;16" in kinds else "L"
    return "RGBA" if "RGBA" in kinds else "RGB"


def _limited(size: Size) -> Size:
    h, w = size
    scale = min(1.0, _LONGEST / max(h, w))
    return max(1, round(h * scale)), max(1, round(w * scale))


def _show(size: Size) -> str:
    return f"{size[1]}x{size[0]}"
