"""What may be wrong with data, and what to do about each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from ...core.spec import ImageSpec, TableSpec
from ...core.text import printable
from ...data.inspect.inspect import DataReport
from ...data.split import FEWEST
from ..library.reading import Reading
from .findings import Problem

_SHOWN = 50  # names of a problem
_LARGE = 64  # pixels of a side that a processor learns in minutes
_FEW, _FEW_IN_CLASS = 500, 10
_LEFT_OUT = re.compile(r"columns left out, (?P<why>.*?): (?P<names>.*)", re.DOTALL)
_TOLD = re.compile(r"\d+ unreadable files left out: |columns left out, (?!as asked)")


def problems(report: DataReport, reading: Reading) -> list[Problem]:
    """Of what a report says, all that a person may want to mend."""
    image = isinstance(report.data.spec, ImageSpec)
    of_kind = _of_images(report, reading) if image else _of_table(report)
    found = [*_of_files(report), *of_kind, *_of_amounts(report)]
    return [replace(one, names=[printable(name) for name in one.names]) for one in found]


def other_notes(report: DataReport) -> list[str]:
    """The notes that are no problem."""
    return [note for note in report.notes if not _TOLD.match(note)]


def _of_files(report: DataReport) -> Iterator[Problem]:
    if bad := report.unreadable:
        yield Problem(
            f"{_count(len(bad), 'file')} cannot be read and {_are(len(bad))} left out.",
            "The rest is used. Save such files again as PNG or JPEG, or remove them.",
            [f"{name}: {reason}" for name, reason in bad[:_SHOWN]],
        )
    if groups := report.duplicates:
        extra = sum(len(group) - 1 for group in groups)
        what = "image" if report.kind == "images" else "row"
        yield Problem(
            f"{_count(extra, what)} {_are(extra)} there more than once, in"
            f" {_count(len(groups), 'group')}.",
            "Remove the copies if they are mistakes: one may be learned from while its twin is held"
            " out to judge by, which makes results look better than they are.",
            [_joined(group) for group in groups[:_SHOWN]],
        )


def _of_images(report: DataReport, reading: Reading) -> Iterator[Problem]:
    height, width = report.shape[:2]
    if len(report.sizes) > 1 and not reading.resolution:
        yield Problem(
            f"The images have {len(report.sizes):,} sizes; all are brought to {width}x{height}.",
            "Choose a resolution if that is not the one you want.",
            [f"{size}: {count:,}" for size, count in list(report.sizes.items())[:_SHOWN]],
            "resolution",
        )
    if max(height, width) > _LARGE:
        yield Problem(
            f"Images of {width}x{height} take long to learn without a graphics card.",
            "Choose a resolution of 32 or 64 to begin with.",
            option="resolution",
        )
    if report.data.labels is None and not report.captions:
        yield Problem(
            "There are no classes and no captions, so nothing can be drawn by name.",
            "Models learn without. For classes put the images of each into a folder of its own; for"
            " captions put a .txt beside each image.",
        )


def _of_table(report: DataReport) -> Iterator[Problem]:
    missing = [column for column in report.columns if column.missing]
    if missing:
        learned = isinstance(report.data.spec, TableSpec)
        yield Problem(
            f"Values are missing in {_count(len(missing), 'column')}.",
            "Models learn where values are missing, and leave them out as often. Fill them before"
            " if that is not wanted."
            if learned
            else "Arrays have to be whole: fill the gaps, or save the table as .csv, where they may"
            " stay.",
            [f"{one.name}: {one.missing:,} ({one.share:.1%})" for one in missing[:_SHOWN]],
        )
    if constant := [column.name for column in report.columns if column.constant]:
        yield Problem(
            f"{_count(len(constant), 'column')} never {'change' + 's' * (len(constant) == 1)}.",
            "There is nothing to learn of them; leave them out.",
            constant[:_SHOWN],
            "kinds" if isinstance(report.data.spec, TableSpec) else "",
        )
    for note in report.notes:
        if (found := _LEFT_OUT.match(note)) and found["why"] != "as asked":
            yield Problem(
                f"Columns are left out: {found['why']}.",
                "If one of them does hold something to learn, say what kind of column it is.",
                found["names"].removesuffix(", ...").split(", "),
                "kinds",
            )
    if report.data.labels is None:
        yield Problem(
            "No column gives classes, so nothing can be drawn by class.",
            "Models learn without. If a column holds them, name it.",
            option="label",
        )


def left_out(report: DataReport) -> list[str]:
    """Names of columns that are left out, as far as notes tell them."""
    matches = filter(None, map(_LEFT_OUT.match, report.notes))
    return [name for one in matches for name in one["names"].removesuffix(", ...").split(", ")]


def _of_amounts(report: DataReport) -> Iterator[Problem]:
    what = "image" if report.kind == "images" else "row"
    if report.count < FEWEST:
        yield Problem(
            f"There {_are(report.count)} {_count(report.count, what)} only.",
            f"Models are compared on {FEWEST} at least, a part of which is held out. Add more.",
        )
    elif report.count < _FEW:
        yield Problem(
            f"{_count(report.count, what)} are few: models soon know them by heart.",
            "Add more if there are any, and look at the nearest examples of what is drawn.",
        )
    rare = [f"{name}: {n:,}" for name, n in report.classes.items() if n < _FEW_IN_CLASS]
    if rare and len(rare) < len(report.classes):
        yield Problem(
            f"{_count(len(rare), 'class', 'classes')} {'has' if len(rare) == 1 else 'have'} fewer"
            f" than {_FEW_IN_CLASS} examples.",
            "Add examples to them, or put them together with others.",
            rare[:_SHOWN],
        )


def _count(n: int, what: str, many: str = "") -> str:
    return f"{n:,} {what if n == 1 else many or what + 's'}"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _joined(group: list[str], shown: int = 6) -> str:
    more = f" and {len(group) - shown:,} more" if len(group) > shown else ""
    return ", ".join(group[:shown]) + more
