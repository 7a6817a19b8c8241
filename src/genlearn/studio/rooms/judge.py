"""One who judges: in which order, and what was answered so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...core.seeding import random_rows
from .journal import Lot

LONGEST_NAME = 60
OLD = Lot.of_old()


@dataclass(frozen=True)
class Given:
    """An answer, 0 or 1, after so many seconds; ``lot`` tells when it is on the disk."""

    answer: int
    seconds: float
    lot: Lot = OLD


@dataclass
class Judge:
    """``order``: the trial at each place; ``given``: the answers by trial; ``lot`` tells
    when it is on the disk that this judge began."""

    id: str
    name: str
    order: list[int]
    lot: Lot = OLD
    given: dict[int, Given] = field(default_factory=dict)

    @property
    def next(self) -> int:
        """The first place that has no answer; one after the last where all have."""
        places = enumerate(self.order)
        return next((place for place, trial in places if trial not in self.given), len(self.order))

    @property
    def finished(self) -> bool:
        return self.next == len(self.order)


def order_of(seed: int, id: str, practice: int, trials: int) -> list[int]:
    """The order in which the judge ``id`` sees the ``trials``: those for practice as drawn, the
    others in an order of the judge's own.

    So no answer can be copied from a neighbour's screen; and what practice and fatigue do falls on
    all images alike, where one order for all would make the last images of the room seem harder
    or easier than they are. The statistics know answers by judge and trial, in whatever order.
    """
    own = random_rows(seed, trials - practice, trials - practice, "room", id)
    return [*range(practice), *(practice + int(row) for row in own)]


def clean_name(name: str) -> str:
    """``name`` in one line of no great length, without what does not print."""
    return "".join(one for one in " ".join(name.split()) if one.isprintable())[:LONGEST_NAME]
