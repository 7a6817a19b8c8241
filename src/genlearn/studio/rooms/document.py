"""What a room is: what it shows in which order, and to whom it tells what."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from ...core.disk.checked import read_document, write_document
from ...core.errors import UserError
from ...turing.trials import Kind, Trials

Tells = Literal["end", "each", "never"]
TELLS: dict[Tells, str] = {
    "end": "at the end",
    "each": "after each answer",
    "never": "not at all",
}
_NAME = "room.json"


class RoomDocument(msgspec.Struct, kw_only=True):
    """``truths``: (source, right answer) of each trial in the order drawn, the ``practice`` ones
    first, as in `Trial`. ``limit``: seconds that an image is shown, None for as long as it takes.
    ``tells``: when judges learn how they did. ``height`` and ``width`` of one image, ``length`` the
    bytes of a trial's picture. ``note`` says which images are the real ones."""

    code: str
    title: str
    kind: Kind
    sources: list[str]
    practice: int
    truths: list[tuple[int, int | None]]
    limit: float | None
    tells: Tells
    seed: int
    created: float
    height: int
    width: int
    length: int
    note: str
    open: bool = True

    @property
    def each(self) -> int:
        """How many images a trial shows."""
        return 2 if self.kind == "pair" else 1

    @property
    def controls(self) -> int:
        """How many pairs are of two real images."""
        return sum(right is None for _, right in self.truths)

    @property
    def counted(self) -> int:
        """How many trials are no practice, controls among them."""
        return len(self.truths) - self.practice

    @staticmethod
    def truths_of(trials: Trials) -> list[tuple[int, int | None]]:
        """As the document keeps them."""
        return [(trial.source, trial.answer) for trial in trials.trials]

    @staticmethod
    def read(folder: Path) -> RoomDocument:
        """That of the room in ``folder``. Raises `UserError` where it is damaged."""
        try:
            return msgspec.convert(read_document(folder / _NAME), RoomDocument)
        except msgspec.ValidationError:
            raise UserError("the room's document is damaged; remove the room") from None

    def write(self, folder: Path) -> None:
        """Keep it there."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        write_document(folder / _NAME, fields)
