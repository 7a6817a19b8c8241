"""Who asks, known by a cookie.

A cookie is signed with a key that the process draws at its start, so that all of them die with it.
The owner gets one for the token that the studio printed; a judge gets one for the link of a room,
which opens that room and nothing else.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response

Role = Literal["owner", "judge"]
_ROLES: tuple[Role, ...] = ("owner", "judge")


@dataclass(frozen=True)
class Session:
    """``name``: random, tells sessions apart; ``room``: the one that a judge is in."""

    role: Role
    name: str
    room: str = ""


class Sessions:
    """Makes sessions and knows them again; ``port`` is part of the cookies' names, since browsers
    tell servers on one machine apart by nothing else."""

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(24)
        self.port = port
        self._key = secrets.token_bytes(32)

    def admits(self, token: str) -> bool:
        """Whether ``token`` is the one that was printed."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def begin(self, response: Response, role: Role, room: str = "", name: str = "") -> Session:
        """A new session, whose cookie goes with ``response``; or the one called ``name`` again,
        whoever has shown that it is theirs."""
        session = Session(role, name or secrets.token_urlsafe(12), room)
        text = f"{session.role}.{session.name}.{session.room}"
        response.set_cookie(
            self._cookie(role), f"{text}.{self._mac(text)}", httponly=True, samesite="lax"
        )
        return session

    def read(self, connection: HTTPConnection, role: Role) -> Session | None:
        """The session in this ``role`` of who asks, if any."""
        text, _, mac = connection.cookies.get(self._cookie(role), "").rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(text).encode()):
            return None
        there, name, room = text.split(".")
        return Session(role, name, room) if there == role else None

    def csrf(self, session: Session) -> str:
        """What a page of ``session`` sends with each change, and no other page knows."""
        return self._mac(f"csrf {session.role} {session.name}")

    def _cookie(self, role: Role) -> str:
        return f"genlearn-{role}-{self.port}"

    def _mac(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()
