"""Listening: the studio's address, its token, and the browser."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import uvicorn

from ..core.disk.atomic import LOCK
from ..core.disk.locks import Lock
from .app import create_app
from .library.library import OWN
from .memory import keep_what_is_there
from .serving.listening import bound, config_of
from .settings import LOOPBACK, Settings, own_addresses

_CONNECTIONS = 16_384
_GRACE = 2  # seconds in which answers end


def serve(settings: Settings, tell: Callable[[str], None], *, browser: bool = False) -> None:
    """Serve the studio of ``settings`` until it is interrupted; ``tell`` hears where it is.
    ``browser``: whether one is opened there. Raises `UserError` where it cannot listen."""
    server, link = prepared(settings, tell)
    _allow_connections()
    keep_what_is_there()
    if browser:
        threading.Timer(0.5, webbrowser.open, [link]).start()
    server.listen()


def _allow_connections() -> None:
    """A room may have more phones than a process is usually allowed open files."""
    try:
        import resource
    except ImportError:  # Windows counts them in another way
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS if hard == resource.RLIM_INFINITY else min(_CONNECTIONS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server(uvicorn.Server):
    """On the socket ``listening``, which was bound before the application was made, since that has
    to know its port. Those who wait for events are told that it ends, and what it ``held`` is let
    go."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, held: ExitStack) -> None:
        super().__init__(config)
        self.listening, self.held = listening, held

    def listen(self) -> None:
        """Answer until `should_exit`."""
        self.run(sockets=[self.listening])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app: Any = self.config.app
        app.state.ending.set()
        await super().shutdown(sockets)
        self.held.close()


def prepared(settings: Settings, tell: Callable[[str], None]) -> tuple[Server, str]:
    """The server, whose socket listens already, and the link that lets its owner in. Raises
    `UserError` where another studio works in the folder: it would run the same jobs."""
    listening = bound(
        settings.address,
        settings.port,
        "is a studio running already? give another by --port, or 0 for any that is free",
    )
    held = ExitStack()
    lock = Lock(settings.folder / OWN / LOCK, f"the studio's folder {settings.folder}")
    try:
        held.enter_context(lock)
    except BaseException:
        listening.close()
        raise
    settings = replace(settings, port=listening.getsockname()[1])
    app = create_app(settings)
    token = app.state.studio.sessions.token
    link = f"http://{LOOPBACK}:{settings.port}/login?token={token}"
    tell(f"studio of {settings.folder}: {link}")
    for address in own_addresses() if settings.share else ():
        tell(f"from elsewhere: http://{address}:{settings.port}/login?token={token}")
    tell("whoever has this link may do all that the studio can; Ctrl-C ends it")
    return Server(config_of(app, _GRACE), listening, held), link
