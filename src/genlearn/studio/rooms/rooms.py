"""The rooms of a studio, and those that are being made ready."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

from starlette.exceptions import HTTPException

from ...core.disk.durable import remove
from ...core.errors import UserError
from ..security.limits import Attempts
from .room import Room

# no letter that is taken for a digit, or for another: a code is read from a wall, too
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz0"
_LENGTH = 16
_CODE = re.compile(rf"[{_LETTERS}]{{{_LENGTH}}}")


def new_code() -> str:
    """80 random bits: whoever has it may judge in the room."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


@dataclass
class Making:
    """A room that is being made ready: what is done now, so much of the whole, and what went wrong,
    if anything did."""

    code: str
    title: str
    doing: str = "waiting"
    done: int = 0
    steps: int = 1
    problem: str = ""
    ready: bool = False


@dataclass
class Rooms:
    """Those in the folder ``place``, by their codes. ``entries`` and ``misses``: how often one
    address may come in, and may ask for a room that is none."""

    place: Path
    entries: Attempts = field(default_factory=lambda: Attempts(120, 60.0))
    misses: Attempts = field(default_factory=lambda: Attempts(20, 60.0))
    making: dict[str, Making] = field(default_factory=dict)
    _rooms: dict[str, Room] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, code: str) -> Room | None:
        """The room, if it has been asked for before; reads nothing."""
        return self._rooms.get(code)

    def room(self, code: str) -> Room:
        """The room ``code``; reads it where that was not done yet. Raises a 404 where there is
        none, `UserError` where it is damaged."""
        if not _CODE.fullmatch(code) or not (self.place / code).is_dir():
            raise HTTPException(404)
        with self._lock:
            if code not in self._rooms:
                self._rooms[code] = Room(self.place / code)
            return self._rooms[code]

    def all(self) -> list[Room]:
        """The latest first; damaged ones are left out."""
        found = []
        for folder in self.place.iterdir() if self.place.is_dir() else ():
            try:
                found.append(self.room(folder.name))
            except (HTTPException, UserError, OSError):
                continue
        return sorted(found, key=lambda room: room.about.created, reverse=True)

    def remove(self, code: str) -> None:
        """Remove a closed room with all its answers. Raises a 404 where there is none, `UserError`
        where it is open."""
        room = self.room(code)
        if room.open:
            raise UserError(f"{room.about.title} is open; close it before it is removed")
        with self._lock:
            del self._rooms[code]
            remove(room.folder)
