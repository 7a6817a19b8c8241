"""A port to listen at, and how uvicorn answers there."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

from ...core.errors import UserError
from .http_protocol import BoundedHead

_BACKLOG = 4096  # connections that wait to be taken


def bound(host: str, port: int, remedy: str) -> socket.socket:
    """A socket that listens at ``host`` and ``port`` (0: any that is free). Raises `UserError`,
    which says the ``remedy``, where it cannot."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        why = error.strerror or error
        raise UserError(f"port {port} cannot be listened to at {host} ({why}); {remedy}") from None
    listening.listen(_BACKLOG)
    return listening


def config_of(app: Any, grace: int) -> uvicorn.Config:
    """Of a server of ``app`` that tells nothing of itself, and ends within ``grace`` seconds."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=BoundedHead,
        ws="none",
        timeout_graceful_shutdown=grace,
        limit_concurrency=None,
    )
