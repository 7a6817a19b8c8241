"""Listening, until it is interrupted."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn

from ..studio.memory import keep_what_is_there
from ..studio.serving.listening import bound, config_of
from .app import Service

_GRACE = 10  # seconds in which answers end


def serve(service: Service, host: str, port: int, tell: Callable[[str], None]) -> None:
    """Answer at ``host`` and ``port`` (0: any that is free), which ``tell`` hears. Raises
    `UserError` where it cannot be listened to."""
    remedy = "give another by --host and --port, or port 0 for any that is free"
    listening = bound(host, port, remedy)
    where = f"http://{host}:{listening.getsockname()[1]}"
    tell(f"{where}: {', '.join(service.questions.names)}; {where}/openapi.json, {where}/metrics")
    keep_what_is_there()
    uvicorn.Server(config_of(service.app(), _GRACE)).run(sockets=[listening])
