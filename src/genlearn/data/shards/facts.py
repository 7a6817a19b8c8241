"""What was found in a piece of the images, in numbers that add up: those of all pieces together are
what one look at everything finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..prepare.image_decode import DecodeTarget, PixelKind
from ..prepare.scan_headers import HeaderStatistics
from ..prepare.write_memmap import DecodeStatistics


@dataclass
class ImageFacts:
    """``survey``: what the headers of ``files`` say; ``found``: what decoding them showed. Files
    are numbered from the first of them."""

    files: int = 0
    survey: HeaderStatistics = field(default_factory=HeaderStatistics)
    found: DecodeStatistics = field(default_factory=DecodeStatistics)

    def add(self, other: ImageFacts) -> None:
        """Count files that come behind these."""
        self.add_survey(other.survey)
        other_found = other.found
        moved = [(self.files + i, reason) for i, reason in other_found.bad]
        self.found.add(
            DecodeStatistics(other_found.done, moved, other_found.grey, other_found.opaque)
        )
        self.files += other.files

    def add_survey(self, other: HeaderStatistics) -> None:
        """The same of what the headers say alone."""
        mine, first = self.survey, self.files
        for counter, more in (
            (mine.sizes, other.sizes),
            (mine.modes, other.modes),
            (mine.kinds, other.kinds),
        ):
            counter.update(more)  # type: ignore[arg-type]
        mine.bad.extend((first + i, reason) for i, reason in other.bad)
        mine.frames.extend((first + i, count) for i, count in other.frames)
        mine.loses_depth.extend(first + i for i in other.loses_depth)

    def to_json(self) -> dict[str, Any]:
        survey, found = self.survey, self.found
        return {
            "files": self.files,
            "sizes": [[*size, count] for size, count in survey.sizes.items()],
            "modes": [[mode, count] for mode, count in survey.modes.items()],
            "kinds": [[k.channels, k.bits, count] for k, count in survey.kinds.items()],
            "bad headers": survey.bad,
            "frames": survey.frames,
            "loses_depth": survey.loses_depth,
            "bad": found.bad,
            "grey": found.grey,
            "opaque": found.opaque,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> ImageFacts:
        survey = HeaderStatistics(
            Counter({(h, w): count for h, w, count in told["sizes"]}),
            Counter(dict(told["modes"])),
            Counter({PixelKind(channels, bits): n for channels, bits, n in told["kinds"]}),
            [(i, reason) for i, reason in told["bad headers"]],
            [(i, count) for i, count in told["frames"]],
            told["loses_depth"],
        )
        bad = [(i, reason) for i, reason in told["bad"]]
        found = DecodeStatistics(told["files"], bad, told["grey"], told["opaque"])
        return cls(told["files"], survey, found)

    @classmethod
    def together(cls, parts: Iterable[ImageFacts]) -> ImageFacts:
        """Of all parts, in their order."""
        whole = cls()
        for part in parts:
            whole.add(part)
        return whole


def target_to_json(target: DecodeTarget) -> dict[str, Any]:
    """What images are brought to, in plain values."""
    return {"channels": target.kind.channels, "bits": target.kind.bits, "size": [*target.size]}


def target_from_json(told: dict[str, Any]) -> DecodeTarget:
    """What `target_to_json` told."""
    height, width = told["size"]
    return DecodeTarget(PixelKind(told["channels"], told["bits"]), (height, width))
