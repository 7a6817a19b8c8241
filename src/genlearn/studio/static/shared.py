"""The style and scripts of reports and maps, which the studio's pages share."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...evaluate.report.document import shared_text
from ...representation.page import MODULES, map_script

_LONG = {"cache-control": "max-age=3600"}


async def report_style(request: Request) -> Response:
    """/static/report.css."""
    return Response(shared_text("style.css"), media_type="text/css", headers=_LONG)


async def report_script(request: Request) -> Response:
    """/static/report.js."""
    return Response(shared_text("script.js"), media_type="text/javascript", headers=_LONG)


async def scatter(request: Request) -> Response:
    """/static/scatter/scatter.js, and what that is made of."""
    name = request.path_params["name"]
    if name not in MODULES:
        raise HTTPException(404)
    return Response(map_script(name), media_type="text/javascript", headers=_LONG)


routes = [
    Route("/static/report.css", report_style),
    Route("/static/report.js", report_script),
    Route("/static/scatter/{name}", scatter),
]
