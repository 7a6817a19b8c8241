"""Browsers and judges of a studio as clients with a connection and an address each."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Browser:
    """One connection that stays open, with its cookies and the page's token."""

    port: int
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Answer:
        host = f"127.0.0.1:{self.port}"
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n"
        if method == "POST":
            head += f"Origin: http://{host}\r\nX-CSRF-Token: {self.token}\r\n"
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        began = time.perf_counter()
        try:
            lines, content = await self._exchange(head.encode() + b"\r\n" + body)
        except (OSError, asyncio.IncompleteReadError):  # closed while it was idle, as browsers know
            self.leave()
            lines, content = await self._exchange(head.encode() + b"\r\n" + body)
        seconds = time.perf_counter() - began
        headers = [line.partition(": ") for line in lines[1:]]
        for name, _, value in headers:
            if name.lower() == "set-cookie":
                key, _, cookie = value.partition(";")[0].partition("=")
                self.cookies[key] = cookie
        fields = {key.lower(): value for key, _, value in headers}
        return Answer(int(lines[0].split()[1]), fields, content, seconds)

    async def _exchange(self, request: bytes) -> tuple[list[str], bytes]:
        """The lines of the head of an answer, and what it holds."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(
                "127.0.0.1", self.port, local_addr=(self.address, 0)
            )
        assert self.reader
        self.writer.write(request)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = next((int(x[15:]) for x in lines if x.lower().startswith("content-length:")), 0)
        return lines, await self.reader.readexactly(length)

    def leave(self) -> None:
        """Close the connection."""
        if self.writer:
            self.writer.close()
            self.writer = None

    async def page(self, path: str) -> Answer:
        """A page, whose token is taken."""
        answer = await self.ask("GET", path)
        if found := re.search(rb'name="csrf" content="([0-9a-f]*)"', answer.content):
            self.token = found[1].decode()
        return answer


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes
    seconds: float


@dataclass
class Judge:
    """``kept``: what was acknowledged, by place; ``looked``: seconds that each picture took."""

    browser: Browser
    code: str
    id: str = ""
    next: int = 0
    kept: dict[int, int] = field(default_factory=dict)
    looked: dict[int, float] = field(default_factory=dict)

    async def post(self, what: str, **fields: Any) -> Answer:
        body = json.dumps(fields).encode()
        return await self.browser.ask("POST", f"/room/{self.code}/{what}", body, "application/json")

    async def look(self, place: int) -> None:
        answer = await self.browser.ask("GET", f"/room/{self.code}/shown/{place}")
        self.looked[place] = answer.seconds

    async def answer(self) -> float:
        """Answer what is next; seconds until it is known to be kept."""
        value = random.getrandbits(1)
        answer = await self.post("answer", place=self.next, answer=value, ms=1000)
        if answer.status != 200:
            raise AssertionError(f"{answer.status}: {answer.content!r}")
        self.kept[self.next] = value
        self.next += 1
        return answer.seconds
