"""Sets that are sent by a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

from anyio import CancelScope
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ...context import Studio, studio_of
from ...library.uploads import Upload
from .multipart import FilesForm

_PIECE = 1 << 20  # bytes


async def upload(request: Request) -> Response:
    """The page of the new set, how many files were kept, and names of some that were left out."""
    studio = studio_of(request)
    announced = int(request.headers.get("content-length", 0))
    taken = await run_sync(Upload.begin, studio.settings.folder, announced)
    try:
        form = FilesForm(request.headers.get("content-type", ""), taken)
        async for piece in _pieces(request):
            await run_sync(form.write, piece)
        form.close()
        folder, about = await run_sync(taken.finish, form.fields.get("name", ""))
        page = await run_sync(_page_of, studio, folder.name)
        return JSONResponse({"page": page, "kept": about.kept, "left": about.left}, 201)
    except ClientDisconnect:
        return Response(status_code=400)
    finally:
        with CancelScope(shield=True):
            await run_sync(taken.discard)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body, not in the small pieces in which it comes: each is handed to another thread."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _page_of(studio: Studio, name: str) -> str:
    """Where the upload that was called ``name`` is shown."""
    place = studio.settings.folder / "data" / name
    studio.library.forget()
    sources = studio.library.sources().values()
    return next((f"/data/{one.id}" for one in sources if one.path == place), "/data")
