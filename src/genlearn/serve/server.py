"""Listening, until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from ..core.errors import UserError
from ..studio.memory import keep_what_is_there
from ..studio.serving.http_protocol import BoundedHead
from .app import Service


def serve(service: Service, host: str, port: int, tell: Callable[[str], None]) -> None:
    """Answer at ``host`` and ``port`` (0: any that is free), which ``tell`` hears. Raises
    `UserError` where it cannot be listened to."""
    listening = _bound(host, port)
    where = f"http://{host}:{listening.getsockname()[1]}"
    tell(f"{where}: {', '.join(service.questions.names)}; {where}/openapi.json, {where}/metrics")
    config = uvicorn.Config(
        service.app(),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=BoundedHead,
        ws="none",
        timeout_graceful_shutdown=10,
    )
    keep_what_is_there()
    uvicorn.Server(config).run(sockets=[listening])


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UserError(
            f"{host}:{port} cannot be listened to ({error}); give another by --host and --port, or"
            " port 0 for any that is free"
        ) from None
    listening.listen(4096)
    return listening
