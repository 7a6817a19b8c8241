"""Hostile requests to a studio: any route with any method, name, origin, cookie, token and body.

The application is called as a server calls it, so that nothing that a client library would refuse
to send is left out. A request is named by its number: the same number is the same request.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from genlearn.studio.app import create_app
from genlearn.studio.security.sessions import Session
from genlearn.studio.settings import PORT, Settings

SECRET = b"canary-4f1c6b2e"  # what lies outside the studio's folders
_HERE = f"http://127.0.0.1:{PORT}"
_LONGEST = 20.0  # seconds
_KIND = b"content-type"
_HOSTS = (b"evil.example", b"", b"127.0.0.1", b"127.0.0.1:8127.evil.example", b"\xff\xfe", b"[::1")
_ORIGINS = (b"null", b"http://evil.example", b"https://127.0.0.1", b"", b"file://", b"\x00")
_TEXTS = (
    *("", "0", "-1", "1e309", "nan", "9" * 400, "\0", "../../outside/canary.txt", "/etc/passwd"),
    *("%2e%2e%2f", "<script>alert(1)</script>", "{{7*7}}", "=cmd|'/c calc'!A0", "\U0001f600" * 9),
    *("'; drop table x; --", "true", "none", "30s", "10", "digits", "a" * 5000, "\u202egnp.exe"),
    *("http://127.0.0.1:1/", "file:///etc/passwd", "{a,b} {c,d}", "{" * 50, "0,0,0", "[1,2"),
)


@dataclass(frozen=True)
class Answer:
    """What came back: the beginning of the body, or what was raised."""

    status: int
    body: bytes
    error: str = ""


@dataclass
class Studio:
    """A studio of ``folder``, to be attacked; ``outside`` holds the secret."""

    folder: Path
    outside: Path
    routes: list[Route] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outside.mkdir(exist_ok=True)
        (self.outside / "canary.txt").write_bytes(SECRET)
        for name in ("leak", "leak.csv", "runs/leak"):
            (self.folder / name).symlink_to(self.outside)
        self.app = create_app(Settings(self.folder, upload_bytes=1 << 20))
        self.studio = self.app.state.studio
        self.routes = [route for route in self.app.routes if isinstance(route, Route)]
        self.owner = self._cookie("owner")
        self.judge = self._cookie("judge", self._known("rooms")[0])
        self.before = sorted(self.outside.iterdir())

    def _cookie(self, role: Any, room: str = "") -> tuple[bytes, str]:
        answer = Response()
        session: Session = self.studio.sessions.begin(answer, role, room)
        cookie = answer.headers["set-cookie"].split(";")[0]
        return cookie.encode(), self.studio.sessions.csrf(session)

    def _known(self, kind: str) -> list[str]:
        library = self.studio.library
        if kind == "rooms":
            place = library.own / "rooms"
            rooms = [one.name for one in place.iterdir() if one.is_dir()] if place.is_dir() else []
            return rooms or ["none"]
        return [*getattr(library, kind)()] or ["none"]

    def value(self, chance: random.Random, name: str) -> str:
        """For a part of a path: something that is there, or anything."""
        kinds = {"run": "runs", "comparison": "comparisons", "data": "sources", "source": "sources"}
        kinds |= {"room": "rooms", "code": "rooms"}
        if name in kinds and chance.random() < 0.6:
            return chance.choice(self._known(kinds[name]))
        if name == "model" and chance.random() < 0.6:
            return chance.choice(["vae", "flow", "gmm"])
        return chance.choice([text.replace("/", "%2f") for text in _TEXTS])

    def clear(self) -> None:
        """Forget the jobs that were asked for, which nobody is going to run."""
        for job in self.studio.queue.jobs():
            self.studio.queue.remove(job.id)


@dataclass(frozen=True)
class Attempt:
    """The request of a ``number``; ``allowed``: whether who asks may have an answer."""

    scope: dict[str, Any]
    body: bytes
    allowed: bool
    closed: bool

    def wrong(self, answer: Answer, studio: Studio) -> str:
        """What is wrong with the answer, if anything is."""
        if answer.error:
            return answer.error
        if answer.status >= 500 and answer.status != 507:
            return f"{answer.status}: {answer.body[:300]!r}"
        if SECRET in answer.body:
            return "the secret was told"
        if self.closed and not self.allowed and 200 <= answer.status < 300:
            return f"{answer.status} without authorisation"
        if sorted(studio.outside.iterdir()) != studio.before:
            return "something was written outside"
        return ""


def attempt(studio: Studio, number: int) -> Attempt:
    """The request called ``number``."""
    chance = random.Random(number)
    route = chance.choice(studio.routes)
    methods = sorted(route.methods or {"GET"})
    method = chance.choice(methods) if chance.random() < 0.9 else chance.choice(_METHODS)
    path = "".join(_filled(studio, chance, route.path))
    if chance.random() < 0.1:
        path = _bent(chance, path)
    host = f"127.0.0.1:{PORT}".encode() if chance.random() < 0.85 else chance.choice(_HOSTS)
    origin = _HERE.encode() if chance.random() < 0.85 else chance.choice(_ORIGINS)
    who = chance.choices(["owner", "judge", "nobody", "forged"], [7, 1, 1, 1])[0]
    cookie, csrf = {"owner": studio.owner, "judge": studio.judge}.get(who, (b"", ""))
    if who == "forged":
        cookie = studio.owner[0][:-4] + b"0000"
    token = csrf if chance.random() < 0.85 else chance.choice(["", "0" * 64, "\xff"])
    kind, body = _body(chance)
    headers = [(b"host", host), (b"cookie", cookie), (b"content-type", kind)]
    headers += [(b"x-csrf-token", token.encode("latin-1")), (b"content-length", b"%d" % len(body))]
    headers += [(b"origin", origin)] if method == "POST" or chance.random() < 0.1 else []
    headers += [(b"accept", chance.choice([b"text/html", b"*/*", b"", b"image/png"]))]
    headers += [(b"hx-request", b"true")] if chance.random() < 0.3 else []
    trusted = host == f"127.0.0.1:{PORT}".encode()
    changes = method not in ("GET", "HEAD")
    sound = not changes or (origin == _HERE.encode() and token == csrf)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(errors="replace"),
        "query_string": _query(chance),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", PORT),
    }
    closed = not path.startswith(("/login", "/static/", "/room/", "/favicon.ico"))
    return Attempt(scope, body, trusted and who == "owner" and sound, closed)


_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")


def _filled(studio: Studio, chance: random.Random, path: str) -> Iterator[str]:
    """The parts of a route, its parameters filled in."""
    for part in path.replace("}", "{").split("{"):
        name = part.split(":")[0]
        yield part if "/" in part or not part else studio.value(chance, name)


def _bent(chance: random.Random, path: str) -> str:
    return chance.choice(
        [
            path + "/",
            "//" + path,
            path + "/../../outside/canary.txt",
            "/static/.." + path,
            "/login" + path,
            path.upper(),
            path + "\0",
            path + ";x",
            "/static/../../settings.py",
        ]
    )


def _query(chance: random.Random) -> bytes:
    names = [
        "step",
        "run",
        "data",
        "seed",
        "n",
        "q",
        "page",
        "token",
        "x",
        "y",
        "code",
        "t",
        "kind",
    ]
    pairs = [(chance.choice(names), chance.choice(_TEXTS)) for _ in range(chance.randrange(4))]
    text = "&".join(f"{name}={value}" for name, value in pairs)
    return text.encode(errors="replace")


def _body(chance: random.Random) -> tuple[bytes, bytes]:
    names = ["data", "budget", "steps", "more", "name", "runs", "run", "prompt", "seed", "number"]
    names += ["latent_dim", "size", "file", "answer", "trial", "kind", "text", "codes", "mask"]
    pairs = [(chance.choice(names), chance.choice(_TEXTS)) for _ in range(chance.randrange(6))]
    style = chance.randrange(6)
    if style == 0:
        return b"application/json", chance.choice(
            [b"{}", b"[" * 3000, b'{"answer": 1e999}', b"nul"]
        )
    if style == 1:
        return b"multipart/form-data; boundary=x", _multipart(chance, pairs)
    if style == 2:
        return b"application/octet-stream", chance.randbytes(chance.randrange(2000))
    if style == 3:
        return b"multipart/form-data", chance.randbytes(60)
    text = "&".join(f"{name}={value}" for name, value in pairs)
    return b"application/x-www-form-urlencoded", text.encode(errors="replace")


def _multipart(chance: random.Random, pairs: list[tuple[str, str]]) -> bytes:
    files = ["../../outside/x.png", "/etc/x.png", "a.png", "x.zip", "con", "\0.png", "a" * 300]
    parts = [f'form-data; name="{name}"\r\n\r\n{value}' for name, value in pairs]
    for _ in range(chance.randrange(3)):
        name = chance.choice(files)
        parts.append(f'form-data; name="files"; filename="{name}"\r\n\r\n\x89PNG\r\n{name * 3}')
    text = "".join(f"--x\r\nContent-Disposition: {part}\r\n" for part in parts)
    return (text + chance.choice(["--x--\r\n", "--x", ""])).encode(errors="replace")


async def send(studio: Studio, one: Attempt) -> Answer:
    """The answer to it; of a stream without an end, the beginning."""
    sent: list[dict[str, Any]] = []
    done = asyncio.Event()
    bodies = [{"type": "http.request", "body": one.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if bodies:
            return bodies.pop()
        await done.wait()
        return {"type": "http.disconnect"}

    async def collect(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            stream = b"text/event-stream" in dict(sent[0].get("headers", ())).get(_KIND, b"")
            if stream or not message.get("more_body"):
                done.set()

    try:
        async with asyncio.timeout(_LONGEST):
            call = asyncio.ensure_future(studio.app(dict(one.scope), receive, collect))
            ends = asyncio.ensure_future(done.wait())
            await asyncio.wait({call, ends}, return_when=asyncio.FIRST_COMPLETED)
            done.set()
            await call
            await ends
    except TimeoutError:
        return Answer(0, b"", f"no answer in {_LONGEST:g} s")
    except Exception as error:
        return Answer(500, b"", f"{type(error).__name__}: {error}")
    status = next((m["status"] for m in sent if m["type"] == "http.response.start"), 0)
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return Answer(status, body)
