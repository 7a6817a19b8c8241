"""The map of what a run learned from, by its codes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import anyio
import msgspec
import numpy as np
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ....core.capabilities import Array
from ....core.errors import UserError
from ....representation.nearest import nearest_neighbours
from ...context import studio_of
from ...exploring.abilities import Abilities
from ...exploring.map_files import MapFiles
from ...exploring.maps import Making
from ...live.watching import changes
from ...typed import real_number
from .asked import abilities, asked, need, run_of, shown, view, whole

_NEAR = 12  # neighbours that are shown
_BEYOND = 1.0  # how far beside the points there is still something to decode, in their extent
_FILES = {
    "points": ("points.bin", "application/octet-stream"),
    "tsne": ("tsne.bin", "application/octet-stream"),
    "names": ("names.json", "application/json"),
    "sprites": ("sprites.jpg", "image/jpeg"),
}
_VIEWS = ("map", "tsne")


async def explore(request: Request) -> Response:
    """The map, or what else there is to explore first."""
    files = await anyio.to_thread.run_sync(studio_of(request).maps.get, run_of(request))
    if files is not None:
        answer = view(request, "map.html", able=files.about.able, files=files)
        answer.background = BackgroundTask(_warm, request)
        return answer
    able = await abilities(request)
    if able.mapped:
        return view(request, "map.html", able=able, files=None)
    if end := _first(able):
        return RedirectResponse(f"/runs/{run_of(request).id}/explore/{end}", 303)
    return view(request, "nothing.html", able=able)


async def _warm(request: Request) -> None:
    """Load the model, since it is asked as soon as somebody drags over the map."""
    with suppress(UserError):
        await abilities(request)


async def prepare(request: Request) -> Response:
    """Begin to make the map, or to add a view to it."""
    run, name = run_of(request), _view(request)
    await need(request, "mapped")
    studio_of(request).maps.make(run, name)
    return Response(status_code=204)


async def events(request: Request) -> Response:
    """An event for each thing that is done for it, until it is there."""
    studio, run, name = studio_of(request), run_of(request), _view(request)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async for making in changes(lambda: studio.maps.making(run, name) or Making(ended=True)):
            yield ServerSentEvent(data=msgspec.json.encode(making).decode(), event="making")
            if making.ended:
                return

    return EventSourceResponse(stream())


async def file(request: Request) -> Response:
    """A part of the map that is there."""
    part = request.path_params["part"]
    if part not in _FILES:
        raise HTTPException(404)
    name, kind = _FILES[part]
    files = await _files(request)
    if not files.file(name).is_file():
        raise HTTPException(404)
    return FileResponse(files.file(name), media_type=kind)


async def neighbours(request: Request) -> Response:
    """The points with the nearest codes to that of one, near to far."""
    files = await _files(request)
    point = whole(request, "of", files.about.count - 1)

    def find() -> Any:
        near = min(_NEAR, files.about.count - 1)
        found = nearest_neighbours(files.codes, np.asarray(files.codes[point])[None], near + 1)
        return [int(i) for i in found.indices[0] if i != point][:near]

    return JSONResponse(await anyio.to_thread.run_sync(find))


async def at(request: Request) -> Response:
    """What lies at the shares ``x`` from the left of the map and ``y`` from its top."""
    run, maps = run_of(request), studio_of(request).maps
    given = request.query_params
    x, y = (real_number(given.get(axis), axis, -_BEYOND, 1 + _BEYOND) for axis in ("x", "y"))

    def decoded(model: Any) -> Array:
        files = maps.need(run)
        if not files.decodes:
            raise UserError(f"what lies on the map of {run.name} cannot be decoded")
        values: Array = model.decode(files.plane.code(x, y))
        return values

    return shown(await asked(request, decoded), run.spec)


async def _files(request: Request) -> MapFiles:
    return await anyio.to_thread.run_sync(studio_of(request).maps.need, run_of(request))


def _view(request: Request) -> str:
    name = request.query_params.get("view", "map")
    if name not in _VIEWS:
        raise UserError(f"view={name[:40]!r} was given; choose one of: {', '.join(_VIEWS)}")
    return name


def _first(able: Abilities) -> str:
    """The first view that there is beside the map."""
    views = {"latents": able.latents, "samples": able.samples, "picture": able.picture}
    return next((name for name, there in views.items() if there), "")


_HERE = "/runs/{run}/explore"
routes = [
    Route(_HERE, explore),
    Route(f"{_HERE}/prepare", prepare, methods=["POST"]),
    Route(f"{_HERE}/events", events),
    Route(f"{_HERE}/neighbours", neighbours),
    Route(f"{_HERE}/at", at),
    Route(f"{_HERE}/map/{{part}}", file),
]
