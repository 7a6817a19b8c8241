"""What a studio was started with."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
PORT = 8127


@dataclass(frozen=True)
class Settings:
    """``folder`` is worked in, ``data`` are further folders that are only read; ``port`` 0 to 65535
    (0: any that is free).

    ``share``: whether others on the network may come, by the names in ``hosts`` or this machine's
    addresses. ``upload_bytes``: of one upload, at most.
    """

    folder: Path
    data: tuple[Path, ...] = ()
    port: int = PORT
    share: bool = False
    hosts: tuple[str, ...] = field(default=())
    upload_bytes: int = 1 << 30

    @property
    def address(self) -> str:
        """What is listened to: all of the machine's addresses if shared."""
        return "0.0.0.0" if self.share else LOOPBACK

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """``host:port`` as a browser may call the studio, and ``host`` at the port of HTTP."""
        names = {LOOPBACK, "localhost", "[::1]"}
        if self.share:
            names |= {*own_addresses(), socket.gethostname().lower(), *map(str.lower, self.hosts)}
        return frozenset(name if self.port == 80 else f"{name}:{self.port}" for name in names)


def own_addresses() -> list[str]:
    """Addresses of this machine that others can reach, the likeliest first, if any."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(
                ("192.0.2.1", 9)
            )  # of no machine (RFC 5737): chooses a way, sends nothing
            found.append(str(probe.getsockname()[0]))
        except OSError:
            pass
    try:
        known = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        known = []
    every = dict.fromkeys([*found, *(str(one[4][0]) for one in known)])
    return [address for address in every if not address.startswith("127.")]
