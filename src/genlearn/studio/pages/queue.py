"""The queue of jobs: as it stands, as it changes, and what can be done with each."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..context import studio_of
from ..live.watching import changes
from ..rendering import page


async def queue(request: Request) -> Response:
    """The list."""
    return page(request, "jobs.html", jobs=studio_of(request).queue.jobs())


async def events(request: Request) -> Response:
    """An event for each change of the list."""
    jobs = studio_of(request).queue

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async for version in changes(lambda: jobs.version):
            yield ServerSentEvent(data=str(version), event="queue-changed")

    return EventSourceResponse(stream())


async def pause(request: Request) -> Response:
    """Stop a job and keep what it has."""
    studio_of(request).queue.pause(request.path_params["job"])
    return Response(status_code=204)


async def resume(request: Request) -> Response:
    """Let it go on."""
    studio_of(request).queue.resume(request.path_params["job"])
    return Response(status_code=204)


async def remove(request: Request) -> Response:
    """Take it off the list."""
    studio_of(request).queue.remove(request.path_params["job"])
    return Response(status_code=204)


routes = [
    Route("/queue", queue),
    Route("/queue/events", events),
    Route("/queue/{job}/pause", pause, methods=["POST"]),
    Route("/queue/{job}/resume", resume, methods=["POST"]),
    Route("/queue/{job}/remove", remove, methods=["POST"]),
]
