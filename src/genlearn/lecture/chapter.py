"""A chapter: what it needs, whether it suits the data, and what it draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.errors import UserError
from ..core.registry import Registry, objects_in
from ..evaluate.report.markup import Html
from .figures import Figure
from .trainings.training import Training

if TYPE_CHECKING:
    from .course import Course


@dataclass
class Drawn:
    """What a chapter has found: figures that stand before its question and those that answer it,
    and ``facts`` that its text speaks of. ``quiz``: the reader's own test, as markup."""

    shown: Sequence[Figure] = ()
    revealed: Sequence[Figure] = ()
    facts: dict[str, str] = field(default_factory=dict)
    quiz: Html | None = None


@dataclass(frozen=True)
class Chapter:
    """A chapter of the lecture, ``number`` of twelve; ``key`` names its strings.

    ``trainings`` says what it needs of the runs that are trained for such data. ``unsuited``
    names the string that tells why the data do not suit, "" where they do.
    """

    number: int
    key: str
    draw: Callable[[Course], Drawn]
    trainings: Callable[[Course], Iterator[Training]]
    unsuited: Callable[[Course], str] = lambda course: ""


def _own() -> dict[str, Callable[[], Chapter]]:
    return objects_in("genlearn.lecture.chapters", "CHAPTER")


REGISTRY: Registry[Chapter] = Registry("lecture chapter", _own)


def chapters() -> list[Chapter]:
    """All of them, in order."""
    return sorted(REGISTRY.all().values(), key=lambda chapter: chapter.number)


def chosen(numbers: Sequence[int]) -> list[Chapter]:
    """Those of these numbers; all, where there are none. Raises `UserError` for a number that no
    chapter has."""
    known = {chapter.number: chapter for chapter in chapters()}
    for number in numbers:
        if number not in known:
            raise UserError(
                f"chapter {number} was asked for; there are {min(known)} to {max(known)}"
            )
    return [known[number] for number in sorted(set(numbers) or known)]
