"""What is in a set of data: counts, sizes, range, classes, and all that may be wrong with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.spec import Binarise, ImageSpec
from ..dataset import Dataset, Provenance, blocks
from ..open.opening import read
from ..open.options import Progress, Tell, make_options, silent
from .columns import ColumnSummary, summaries
from .duplicates import duplicates

if TYPE_CHECKING:
    from PIL import Image

_SHOWN = 5
_WIDEST = 12
_COLUMNS = 40


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """``low`` and ``high`` are the least and greatest value there is; ``spec`` tells the range that
    a model will assume.

    ``sizes`` and ``modes`` count the image files as they were before preparing; ``unreadable`` are
    (name, reason); each of ``duplicates`` is a group of names, or of indices where examples have no
    names.
    """

    data: Dataset = field(repr=False)
    count: int
    kind: str
    shape: tuple[int, ...]
    dtype: str
    low: float
    high: float
    levels: int | None
    sizes: dict[str, int]
    modes: dict[str, int]
    classes: dict[str, int]
    captions: int
    caption_examples: list[str]
    unreadable: list[tuple[str, str]]
    duplicates: list[list[str]]
    columns: list[ColumnSummary]
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """The report, one fact a line."""
        return [
            *self._what(),
            *self._about(),
            *self._trouble(),
            *(f"note: {note}" for note in self.notes),
        ]

    def to_json(self) -> dict[str, Any]:
        """All facts as plain values."""
        plain = replace(self, data=None)  # type: ignore[arg-type]
        facts = {key: value for key, value in asdict(plain).items() if key != "data"}
        return {**facts, "spec": self.data.spec.to_json(), "fingerprint": self.data.fingerprint}

    def contact_sheet(self) -> Image.Image:
        """A picture of the data: examples, by class where there are classes, or a histogram of each
        column."""
        from .contact_sheet import contact_sheet

        return contact_sheet(self.data)

    def _what(self) -> list[str]:
        if self.kind == "table":
            return [
                f"{self.count:,} rows of {self.shape[0]} columns, {self.dtype}",
                *_some([c.line() for c in self.columns], _COLUMNS),
            ]
        h, w, c = (*self.shape, 1)[:3]
        colours = {1: "grey", 3: "RGB", 4: "RGBA"}.get(c, f"{c} channels")
        levels = f"{self.levels:,} levels" if self.levels else "continuous"
        return [
            f"{self.count:,} images of {w}x{h}, {colours}, {self.dtype}, values {self.low:g} to"
            f" {self.high:g}, {levels}"
        ]

    def _about(self) -> list[str]:
        lines = [
            f"{title}: {_counts(counter)}"
            for title, counter in (("sizes", self.sizes), ("modes", self.modes))
            if len(counter) > 1
        ]
        if self.classes:
            lines.append(f"{len(self.classes)} classes: {_counts(self.classes)}")
        if self.captions:
            lines.append(f"{self.captions:,} captions: {'; '.join(self.caption_examples)}")
        return lines

    def _trouble(self) -> list[str]:
        lines = [f"unreadable: {name} ({reason})" for name, reason in self.unreadable]
        groups = [f"the same: {', '.join(_some(group, _SHOWN))}" for group in self.duplicates]
        extra = sum(len(group) - 1 for group in self.duplicates)
        return [
            *lines,
            *([f"{extra:,} duplicates in {len(groups):,} groups"] if groups else []),
            *_some(groups, _SHOWN),
        ]


def inspect_data(
    source: Any,
    *,
    labels: Any = None,
    split: str | None = None,
    resolution: int | tuple[int, int] | None = None,
    label: str | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    key: str | None = None,
    kinds: dict[str, str] | None = None,
    binarise: Binarise = "none",
    tell: Tell = silent,
    progress: Progress | None = None,
) -> DataReport:
    """A report on ``source``; the arguments are those of `open_data`. Missing values are reported,
    not an error."""
    if isinstance(source, Dataset):
        return report(source)
    options = make_options(
        resolution,
        label,
        binarise,
        tell,
        progress,
        lenient=True,
        header=header,
        delimiter=delimiter,
        decimal=decimal,
        key=key,
        kinds=kinds,
    )
    return report(read(source, labels, split, options))


def report(data: Dataset) -> DataReport:
    """The report on data that is open."""
    image = isinstance(data.spec, ImageSpec)
    origin = data.origin or Provenance({}, {}, [])
    columns = [] if image else summaries(data)
    low, high = (
        _extent(data) if image else (min(c.low for c in columns), max(c.high for c in columns))
    )
    return DataReport(
        data=data,
        count=len(data),
        kind="images" if image else "table",
        shape=data.spec.user_shape,
        dtype=data.spec.dtype,
        low=low,
        high=high,
        levels=data.spec.levels if isinstance(data.spec, ImageSpec) else None,
        sizes=origin.sizes,
        modes=origin.modes,
        classes=_classes(data),
        captions=sum(map(bool, data.captions or [])),
        caption_examples=[text for text in data.captions or [] if text][:_SHOWN],
        unreadable=[(name, reason) for _, name, reason in origin.bad],
        duplicates=duplicates(data),
        columns=columns,
        notes=data.notes,
    )


def _extent(data: Dataset) -> tuple[float, float]:
    ends = [(np.nanmin(block).item(), np.nanmax(block).item()) for block in blocks(data.values)]
    return float(min(low for low, _ in ends)), float(max(high for _, high in ends))


def _classes(data: Dataset) -> dict[str, int]:
    counts = np.bincount(
        data.labels if data.labels is not None else [], minlength=len(data.spec.classes)
    )
    return dict(zip(data.spec.classes, counts.tolist(), strict=False))


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(_some([f"{name} {count:,}" for name, count in counter.items()], _WIDEST))


def _some(lines: list[str], most: int) -> list[str]:
    return lines if len(lines) <= most else [*lines[:most], f"... and {len(lines) - most:,} more"]
