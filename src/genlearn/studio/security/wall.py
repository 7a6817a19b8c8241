"""The wall before all routes.

Every request passes it in this order, and falls at the first of these: it is HTTP; its Host is one
that this studio goes by (a page elsewhere that has a name point here is refused: DNS rebinding); a
change comes from a page of this studio (Origin, where "null" is none); and its path is open to
everybody, or to judges, or a cookie says that the owner asks, and for a change the page's token is
with it. What a route does about its own visitors is on top of that, never instead.

Paths are those of ``scope["path"]``, which routes are found by too.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .sessions import Role, Session, Sessions

ROOMS = "/room/"  # where judges are
_OPEN = ("/login", "/favicon.ico")
_OPEN_BELOW = ("/static/",)
_SAFE = frozenset({"GET", "HEAD"})
_METHODS = _SAFE | {"POST"}
CSRF_HEADER = "x-csrf-token"


@dataclass(frozen=True)
class Wall:
    """``app`` behind the wall; ``hosts`` are the names that the studio goes by."""

    app: ASGIApp
    sessions: Sessions
    hosts: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why the request is not answered; None where it is."""
        request = HTTPConnection(scope)
        return self._misdirected(request) or self._unauthorised(request)

    def _misdirected(self, request: HTTPConnection) -> Response | None:
        """That it is none for this studio, or from elsewhere."""
        host, method = request.headers.getlist("host"), request.scope["method"]
        if len(host) != 1 or host[0].lower() not in self.hosts:
            return _told(421, "the studio does not go by this name; open the address it printed")
        if method not in _METHODS:
            return _told(405, "the studio answers GET and POST")
        if method not in _SAFE and not self._from_here(request):
            return _told(403, "changes are asked for by the studio's own pages alone")
        return None

    def _unauthorised(self, request: HTTPConnection) -> Response | None:
        """That who asks may not."""
        path = request.scope["path"]
        if path in _OPEN or path.startswith(_OPEN_BELOW):
            return None
        role: Role = "judge" if path.startswith(ROOMS) else "owner"
        session = request.scope["session"] = self.sessions.read(request, role)
        if session is None:
            return self._without_session(request, role)
        if request.scope["method"] not in _SAFE and not self._knows_csrf(request, session):
            return _told(403, "this page is of an earlier start of the studio; load it again")
        return None

    def _without_session(self, request: HTTPConnection, role: Role) -> Response | None:
        safe = request.scope["method"] in _SAFE
        if role == "judge":  # the room's link lets in, which is a GET
            return None if safe else _told(403, "open the link of the room first")
        if safe and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", 303)
        return _told(401, "log in first")

    def _from_here(self, request: HTTPConnection) -> bool:
        origin = request.headers.getlist("origin")
        return len(origin) == 1 and origin[0] in {
            f"{scheme}://{request.headers['host'].lower()}" for scheme in ("http", "https")
        }

    def _knows_csrf(self, request: HTTPConnection, session: Session) -> bool:
        given = request.headers.get(CSRF_HEADER, "")
        return hmac.compare_digest(given.encode(), self.sessions.csrf(session).encode())


def _told(status: int, why: str) -> Response:
    return PlainTextResponse(why + "\n", status)
