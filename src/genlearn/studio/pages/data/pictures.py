"""Pictures of data, all of them drawn by the studio."""

from __future__ import annotations

import numpy as np
from anyio.to_thread import run_sync
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ....core.disk.arrays import read_array
from ....core.image_grid import encoded
from ...context import Studio, studio_of
from ...inspection.findings import CARD, PIXELS, SHEET
from .kept import kept, whole

_LONG = {"cache-control": "private, max-age=3600"}  # addresses tell the version


async def sheet(request: Request) -> Response:
    """The contact sheet."""
    return await _kept(request, SHEET)


async def card(request: Request) -> Response:
    """A small picture that stands for the set."""
    return await _kept(request, CARD)


async def example(request: Request) -> Response:
    """Example number ``i``, small."""
    number, id = whole(request, "i"), request.path_params["source"]
    content = await run_sync(_example, studio_of(request), id, number)
    return Response(content, media_type="image/png", headers=_LONG)


async def _kept(request: Request, name: str) -> Response:
    content = await run_sync(_read, studio_of(request), request.path_params["source"], name)
    return Response(content, media_type="image/png", headers=_LONG)


def _read(studio: Studio, id: str, name: str) -> bytes:
    _, folder, _ = kept(studio, id)
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise HTTPException(404) from None


def _example(studio: Studio, id: str, number: int) -> bytes:
    _, folder, found = kept(studio, id)
    if number >= found.shown:
        raise HTTPException(404)
    try:
        pixels = read_array(folder / PIXELS, "r")[number]
    except (OSError, ValueError, IndexError):
        raise HTTPException(404) from None
    return encoded(Image.fromarray(np.array(pixels)))
