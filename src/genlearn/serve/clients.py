"""Clients that leave: what nobody waits for is not asked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

T = TypeVar("T")


class Gone(Exception):
    """The client has left."""


async def while_there(request: Request, question: Coroutine[Any, Any, T]) -> T:
    """The answer to ``question``, which is cancelled where the client of ``request``, whose body
    was read, leaves before. Raises `Gone` then."""
    asking, leaving = asyncio.create_task(question), asyncio.create_task(_left(request))
    try:
        await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            raise Gone
        return asking.result()
    finally:
        asking.cancel()
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
