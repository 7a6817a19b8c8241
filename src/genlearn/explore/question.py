"""What is asked of a run, and what is shown in answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import UserError
from ..core.image_grid import grid_zoom, shown_size
from ..core.spec import ImageSpec
from .sheet import Array, Sheet

LARGEST = 2048  # pixels of a side of a picture
LARGEST_FRAME, MOST_FRAMES = 768, 60  # pixels of a side of a film, and its frames
_GAP = 2


@dataclass(frozen=True, eq=False)
class Shown:
    """Sheets one below another, and what they are, in a line; a film of the last one that moves
    goes ``back`` again where it leads nowhere."""

    sheets: tuple[Sheet, ...]
    about: str
    back: bool = False


@dataclass(frozen=True, eq=False)
class Question:
    """Of one or several runs by ``models``: how many (``number``) and how many moments
    (``columns``) of what ``seed`` names are to be shown, as a picture or as a ``film``; None for as
    many as look well. ``read`` gives the first examples of the data that was named (``has_data``)
    or that the first run knows; ``tell`` hears of what is left out."""

    models: dict[str, Any]
    read: Callable[[int], Array] = field(repr=False)
    tell: Callable[[str], None] = field(repr=False)
    has_data: bool = False
    number: int | None = None
    columns: int | None = None
    seed: int = 0
    film: bool = False

    @property
    def name(self) -> str:
        """Of the first run."""
        return next(iter(self.models))

    @property
    def model(self) -> Any:
        """Of the first run."""
        return self.models[self.name]

    def able(self, does: str, *abilities: type[Any]) -> tuple[Any, ImageSpec]:
        """The model and the spec of its images. Raises `UserError` where it has none of the
        ``abilities``, which what it ``does`` tells, or learned from a table."""
        check_images(self.name, self.model)
        if not isinstance(self.model, abilities):
            raise UserError(
                f"{self.name} is of model {type(self.model).__name__}, which is not one that"
                f" {does}; see `genlearn models`"
            )
        return self.model, self.model.spec_

    def room(self, wanted: int, spec: ImageSpec, what: str) -> int:
        """``wanted`` images of a side, or as many as a picture of limited size holds; which is
        told."""
        largest = LARGEST_FRAME if self.film else LARGEST
        side = max(shown_size(spec)) * grid_zoom(*shown_size(spec)) + _GAP
        held = max(2, largest // side)
        if 2 * side > largest:
            self.tell(f"{what}: images of this size are shown smaller than they are")
        if wanted > held:
            self.tell(f"{what}: {held} of {wanted} are shown, which {largest:,} pixels hold")
        return min(wanted, held)

    def moments(self, still: int, moving: int, spec: ImageSpec) -> int:
        """How many moments are shown, by default so many of a picture and of a film."""
        if not self.film:
            return self.room(self.columns or still, spec, "moments")
        wanted = self.columns or moving
        if wanted > MOST_FRAMES:
            self.tell(f"moments: {MOST_FRAMES} of {wanted} are shown; a film holds no more")
        return min(wanted, MOST_FRAMES)


def counted(n: int, what: str) -> str:
    """``n`` of them, in words."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def check_images(name: str, model: Any) -> None:
    """Raise `UserError` where the model learned from something else, and say what shows that."""
    if isinstance(model.spec_, ImageSpec):
        return
    raise UserError(
        f"{name} learned from no images, and what is shown here is pictures; of a table, `genlearn"
        " evaluate` shows real beside sampled columns, `genlearn interpolate` the way between two"
        " rows, `genlearn encode` and `decode` the codes, `genlearn diffuse` the steps to noise"
    )
