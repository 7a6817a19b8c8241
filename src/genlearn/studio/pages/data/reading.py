"""How data is read where a guess would be wrong."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ...context import Studio, studio_of
from ...library.reading import Reading, remember

_COLUMN = "kind:"  # before a column's name in the form


async def reading(request: Request) -> Response:
    """Remember what was chosen, and show the page anew."""
    id = request.path_params["source"]
    async with request.form() as form:
        chosen = _chosen(form)
    await run_sync(_remember, studio_of(request), id, chosen)
    return Response(status_code=204, headers={"hx-redirect": f"/data/{id}"})


def _remember(studio: Studio, id: str, chosen: Reading) -> None:
    remember(studio.library, studio.library.source(id), chosen)


def _chosen(form: FormData) -> Reading:
    """Raises `UserError` for what no data can be read by."""
    given: dict[str, Any] = {
        name: str(form.get(name, "")).strip() for name in Reading.__struct_fields__
    }
    given["kinds"] = {
        name.removeprefix(_COLUMN): str(kind)
        for name, kind in form.items()
        if name.startswith(_COLUMN) and kind
    }
    return Reading(**given)
