"""What a set of image files is to become, told by their headers: the most common size and the
richest kind of pixels.

Between sizes that are equally common the larger wins. A longer side of more than 128 is scaled
down, because that is where training on two cores ends; whoever wants more asks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...core.errors import UserError
from ..folders.names import some
from .image_decode import DecodeTarget, ImageHeader, PixelKind, Size, read_header
from .open_image import Payload, Unreadable

_LONGEST = 128
_SHOWN = 5

Bad = tuple[int, str, str]


@dataclass(frozen=True)
class HeaderStatistics:
    """How often each size (height, width), each of PIL's modes and each kind of pixels occurs among
    the readable files. ``frames``: (index, count) of those that hold several; ``loses_depth``: how
    many hold more bits than are read."""

    sizes: Counter[Size] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[PixelKind] = field(default_factory=Counter)
    bad: list[tuple[int, str]] = field(default_factory=list)
    frames: list[tuple[int, int]] = field(default_factory=list)
    loses_depth: list[int] = field(default_factory=list)

    def add(self, start: int, looks: Iterable[ImageHeader | str]) -> None:
        """Count a chunk whose first file has the index ``start``."""
        for i, look in enumerate(looks, start):
            if isinstance(look, str):
                self.bad.append((i, look))
            else:
                self.sizes[look.size] += 1
                self.modes[look.mode] += 1
                self.kinds[look.kind] += 1
                if look.frames > 1:
                    self.frames.append((i, look.frames))
                if look.loses_depth:
                    self.loses_depth.append(i)

    def target(self, size: Size | None) -> DecodeTarget:
        """What to decode to, with ``size`` where it was asked for."""
        common = max(self.sizes, key=lambda hw: (self.sizes[hw], hw[0] * hw[1], hw))
        return DecodeTarget(_richest(self.kinds), size or _limited(common))


def look_at(chunk: tuple[int, list[Payload]]) -> tuple[int, list[ImageHeader | str]]:
    """The index of the first, and a glance at each, or the reason why there is none."""
    return chunk[0], [_look(payload) for payload in chunk[1]]


def check_readable(bad: list[Bad], count: int, place: str) -> None:
    """Raise `UserError` where no one of ``count`` files in ``place`` can be read."""
    if len(bad) == count:
        raise UserError(
            f"none of the {len(bad)} image files in {place} can be read: {list_bad(bad)}"
        )


def list_bad(bad: list[Bad]) -> str:
    """Names and reasons, the first few of them."""
    return some([f"{name} ({reason})" for _, name, reason in bad], _SHOWN)


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


def content_notes(survey: HeaderStatistics, names: Sequence[str]) -> list[str]:
    """Lines on what of the files is not read: further frames, and bits beyond the eighth."""
    frames, deep = survey.frames, survey.loses_depth
    notes = []
    if frames:
        shown = some([f"{names[i]} {count}" for i, count in frames])
        notes.append(f"only the first frame is read of {len(frames)} files of several: {shown}")
    if deep:
        notes.append(
            f"more than 8 bits read as 8 in {len(deep)} files: {some([names[i] for i in deep])}"
        )
    return notes


def _look(payload: Payload) -> ImageHeader | str:
    try:
        return read_header(payload)
    except Unreadable as error:
        return str(error)


def _richest(kinds: Counter[PixelKind]) -> PixelKind:
    return PixelKind(max(kind.channels for kind in kinds), max(kind.bits for kind in kinds))


def _limited(size: Size) -> Size:
    h, w = size
    scale = min(1.0, _LONGEST / max(h, w))
    return max(1, round(h * scale)), max(1, round(w * scale))


def _show(size: Size) -> str:
    return f"{size[1]}x{size[0]}"
