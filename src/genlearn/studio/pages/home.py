"""The first page: what there is, and what is being trained."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..context import studio_of
from ..rendering import page


async def home(request: Request) -> Response:
    """Runs, comparisons and the queue."""
    library = studio_of(request).library
    return page(
        request,
        "home.html",
        runs=list(library.runs().values()),
        comparisons=list(library.comparisons().values()),
        jobs=studio_of(request).queue.jobs(),
    )


routes = [Route("/", home)]
