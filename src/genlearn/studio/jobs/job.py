"""One command to run, and how it stands."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["waiting", "running", "pausing", "paused", "done", "failed", "removed"]
OPEN_STATES: frozenset[State] = frozenset({"waiting", "running", "pausing"})


class Job(msgspec.Struct, kw_only=True):
    """``arguments`` of `genlearn`; ``title`` for people; ``kind`` is the command, and ``place`` the
    folder it writes to, from the studio's. Times are seconds since 1970; ``budget`` the seconds
    that it was given, if any; ``said`` its last words."""

    id: str
    kind: str
    title: str
    arguments: list[str]
    place: str = ""
    budget: float | None = None
    state: State = "waiting"
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    code: int | None = None
    process: int | None = None
    said: str = ""

    @property
    def open(self) -> bool:
        """Whether it runs or is going to."""
        return self.state in OPEN_STATES
