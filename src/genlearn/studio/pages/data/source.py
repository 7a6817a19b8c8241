"""One set of data: what was found in it, or that it is being looked at."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from ....data.columns.kinds import KINDS, LEAVE
from ...context import Studio, studio_of
from ...inspection.findings import Choices
from ...inspection.inspector import Look
from ...library.datasets import DataSource
from ...library.reading import Reading, remembered
from ...library.uploads import received
from ...rendering import page

_UNKNOWN = Choices([], ["header", "delimiter", "decimal", "key", "kinds"])  # all may be needed


async def source(request: Request) -> Response:
    """The page."""
    shown = await run_sync(_shown, studio_of(request), request.path_params["source"], False)
    return page(request, "data/source.html", **shown)


async def look(request: Request) -> Response:
    """How the inspection stands, as a part of the page; nothing where that is what was ``seen``."""
    shown = await run_sync(_shown, studio_of(request), request.path_params["source"], False)
    if shown["look"].running and request.query_params.get("seen") == shown["seen"]:
        return Response(status_code=204)
    return page(request, "data/look.html", **shown)


async def begin(request: Request) -> Response:
    """Look into it, again where that has failed."""
    shown = await run_sync(_shown, studio_of(request), request.path_params["source"], True)
    return page(request, "data/look.html", **shown)


def _shown(studio: Studio, id: str, begin: bool) -> dict[str, Any]:
    """What the templates show."""
    chosen = studio.library.source(id)
    look = studio.inspector.begin(chosen) if begin else studio.inspector.look(chosen)
    reading = remembered(studio.library, chosen)
    return {
        "source": chosen,
        "look": look,
        "seen": f"{look.said} {look.done} {look.total}",
        "found": look.findings,
        "reading": reading,
        "choices": _choices(look),
        "columns": _columns(look, reading),
        "kinds": (*KINDS, LEAVE),
        "upload": _upload(chosen),
    }


def _choices(look: Look) -> Choices:
    """What can be chosen of how it is read; everything as long as nobody knows."""
    if found := look.findings:
        return Choices(found.splits, found.written)
    return look.choices or _UNKNOWN


def _columns(look: Look, reading: Reading) -> list[str]:
    """Names of a table's columns, as far as they are known."""
    found = look.findings
    known = [column.name for column in found.columns] if found else []
    left_out = found.left_out if found else []
    return list(dict.fromkeys([*known, *left_out, *reading.kinds]))


def _upload(source: DataSource) -> Any:
    return received(source.path) if source.path is not None else None
