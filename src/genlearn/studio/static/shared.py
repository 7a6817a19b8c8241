"""The style and script of reports, which the studio's pages share."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...evaluate.report.document import shared_text

_LONG = {"cache-control": "max-age=3600"}


async def report_style(request: Request) -> Response:
    """/static/report.css."""
    return Response(shared_text("style.css"), media_type="text/css", headers=_LONG)


async def report_script(request: Request) -> Response:
    """/static/report.js."""
    return Response(shared_text("script.js"), media_type="text/javascript", headers=_LONG)


routes = [
    Route("/static/report.css", report_style),
    Route("/static/report.js", report_script),
]
