"""How requests are read from a connection."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = 64 << 10  # bytes of a request before its body


class BoundedHead(HttpToolsProtocol):
    """llhttp, as uvicorn uses it, with an end to how long the head of a request may be: the parser
    keeps whatever comes until it is complete, so a head without an end would fill the memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head, self._got = True, 0

    def on_message_begin(self) -> None:
        self._in_head, self._got = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._got += len(data)
            if self._got > _HEAD:
                self.send_400_response("The head of the request is too long.")
