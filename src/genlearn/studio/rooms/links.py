"""How judges come to a room: its addresses, and one of them as a QR code for their phones."""

from __future__ import annotations

from io import BytesIO

import segno

from ..settings import LOOPBACK, Settings, own_addresses


def links(settings: Settings, code: str) -> list[str]:
    """The addresses of a room, the likeliest first: those that others can reach if the studio is
    shared, else that of this machine."""
    hosts = [*settings.hosts, *own_addresses()] if settings.share else []
    return [f"http://{host}:{settings.port}/room/{code}" for host in hosts or [LOOPBACK]]


def qr_svg(link: str) -> bytes:
    """Dark on white in any theme, with the margin that readers need."""
    content = BytesIO()
    segno.make(link, error="m", micro=False).save(
        content, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return content.getvalue()
