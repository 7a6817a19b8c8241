"""How much may be sent, and how often something may be tried."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_USUAL = 1 << 20  # bytes of a body
_REMEMBERED = 4096  # who tried


@dataclass(frozen=True)
class BodyLimit:
    """``app``, which gets bodies of so many bytes at most; ``larger``: of paths that end so."""

    app: ASGIApp
    larger: Mapping[str, int]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, most, got = scope["path"], _USUAL, 0
        for end, size in self.larger.items():
            most = size if path.endswith(end) else most
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        too_long = f"more than {most:,} bytes were sent, which is the most here\n"
        if not announced.isdigit() or len(announced) > 15 or int(announced) > most:
            await PlainTextResponse(too_long, 413)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > most:
                raise HTTPException(413, too_long)
            return message

        await self.app(scope, counted, send)


@dataclass
class Attempts:
    """At most ``most`` in ``seconds``, by who tries and by all together ten times that."""

    most: int
    seconds: float
    now: Callable[[], float] = time.monotonic
    _tried: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)

    def allowed(self, who: str) -> bool:
        """Whether ``who`` may try, which counts."""
        return self._allowed("", 10 * self.most) and self._allowed(f"of {who}", self.most)

    def _allowed(self, key: str, most: int) -> bool:
        now = self.now()
        recent = [at for at in self._tried.pop(key, []) if now - at < self.seconds]
        good = len(recent) < most
        self._tried[key] = [*recent, now] if good else recent
        while len(self._tried) > _REMEMBERED:
            self._tried.popitem(last=False)
        return good
