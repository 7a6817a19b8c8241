"""Answers as HTML: whole pages, parts of them that a page asks for, and errors as either."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .context import session_of, studio_of
from .wording import FILTERS

_TEMPLATES = Environment(
    loader=PackageLoader("genlearn.studio", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(FILTERS)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """The ``template``, a whole page or a part of one, filled with ``values``."""
    return HTMLResponse(rendered(request, template, **values), status)


def rendered(request: Request, template: str, **values: Any) -> str:
    """The markup alone."""
    session = session_of(request)
    csrf = studio_of(request).sessions.csrf(session) if session else ""
    here = {"csrf": csrf, "path": request.url.path, "owner": session and session.role == "owner"}
    return _TEMPLATES.get_template(template).render(here | values)


def refused(request: Request, why: str, status: int = 400) -> Response:
    """That it cannot be done, and why: as a page, or to a script as a line of text."""
    if request.headers.get("hx-request") or "text/html" not in request.headers.get("accept", ""):
        return Response(why, status, media_type="text/plain")
    return page(request, "refused.html", status=status, why=why)
