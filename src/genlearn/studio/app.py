"""All pages as one application, behind one wall."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ..core.errors import UserError, exhausted, first_line
from .context import Studio
from .live.ending import UntilTheEnd
from .pages import all_routes
from .rendering import refused
from .security import login
from .security.headers import SecurityHeaders
from .security.limits import BodyLimit
from .security.wall import Wall
from .settings import Settings
from .static import shared

_IMAGE_BYTES = 32 << 20  # of one picture that a model is to look at
_STATIC = Path(__file__).with_name("static")
log = logging.getLogger("genlearn.studio")


def create_app(settings: Settings) -> Starlette:
    """The application of a studio of ``settings``; its queue runs while it does."""
    studio, ending = Studio.at(settings), asyncio.Event()
    app = Starlette(
        routes=_routes(),
        middleware=[
            Middleware(UntilTheEnd, ending=ending),
            Middleware(SecurityHeaders),
            Middleware(Wall, sessions=studio.sessions, hosts=settings.allowed_hosts),
            Middleware(
                BodyLimit, larger={"/upload": settings.upload_bytes, "/picture": _IMAGE_BYTES}
            ),
        ],
        exception_handlers={UserError: _mistake, HTTPException: _http, Exception: _defect},
        lifespan=_lifespan,
    )
    app.state.studio, app.state.ending = studio, ending
    return app


def _routes() -> list[BaseRoute]:
    static = Mount("/static", StaticFiles(directory=_STATIC))
    return [*login.routes, *shared.routes, static, *all_routes()]


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    studio: Studio = app.state.studio
    with studio.queue.running(), studio.inspector.running():
        yield


async def _mistake(request: Request, error: Exception) -> Response:
    return refused(request, str(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    why = "There is nothing here." if error.status_code == 404 else error.detail
    return refused(request, why, error.status_code)


async def _defect(request: Request, error: Exception) -> Response:
    if lack := exhausted(error):
        return refused(request, lack, 507)
    log.error("%s %s", request.method, request.scope["path"], exc_info=error)
    what = f"{type(error).__name__}: {first_line(error)}"
    return refused(request, f"{what}. This is a defect of genlearn.", 500)
