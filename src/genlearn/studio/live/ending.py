"""The end of the studio, told to those who wait for its events."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class UntilTheEnd:
    """``app``, to which each request that was received whole seems to end with ``ending``: a stream
    of events then ends by itself, and need not be cut off."""

    app: ASGIApp
    ending: asyncio.Event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self.ending)
        await self.app(scope, exchange.receive, exchange.send)
        await exchange.complete()


@dataclass
class _Exchange:
    """A request and its answer; ``asked``: it was received whole; ``open``: the answer was begun,
    and has not ended."""

    receiving: Receive
    sending: Send
    ending: asyncio.Event
    asked: bool = field(default=False)
    open: bool = field(default=False)

    async def receive(self) -> Message:
        message = await (self._first() if self.asked else self.receiving())
        self.asked = message["type"] == "http.request" and not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        self.open = message["type"] == "http.response.start" or message.get("more_body", False)
        await self.sending(message)

    async def complete(self) -> None:
        """The end of an answer that the end of the studio has cut short."""
        if self.open and self.ending.is_set():
            await self.sending({"type": "http.response.body", "body": b"", "more_body": False})

    async def _first(self) -> Message:
        """What comes, or that nothing will any more."""
        comes = asyncio.ensure_future(self.receiving())
        ends = asyncio.ensure_future(self.ending.wait())
        try:
            await asyncio.wait({comes, ends}, return_when=asyncio.FIRST_COMPLETED)
            return comes.result() if comes.done() else {"type": "http.disconnect"}
        finally:
            comes.cancel()
            ends.cancel()
