"""Samples of a model, their styles mixed, and pictures of what it has learned to keep."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ....core.capabilities import Array
from ....core.errors import UserError
from ....core.image_grid import encoded, image_grid
from ....core.spec import ImageSpec
from ....data.columns.frames import as_numbers
from ...context import studio_of
from ...exploring.abilities import Abilities
from ...exploring.rows import as_csv
from ...exploring.strips import png
from ...serving.views import drawn as in_view
from ...typed import LARGEST, real_number
from .asked import asked, need, run_of, shown, view, whole

_MOST = 100  # samples
_USUAL, _FEW = 36, 16  # drawn unasked; by a model that goes there in steps
_TRUNCATED, _DEGREES = 6, np.linspace(0, 1, 11)
_TO_KEEP = ("grid", "walk", "steps", "process", "players")


async def samples(request: Request) -> Response:
    """The page."""
    able = await need(request, "samples")
    usual = _FEW if able.process else _USUAL
    return view(request, "samples.html", able=able, usual=usual, most=_MOST)


async def drawn(request: Request) -> Response:
    """So many samples ``n`` of a ``seed``, of a ``label`` and with a ``truncation`` where they were
    given: a grid of images, rows, or rows ``as`` a file."""
    able = await need(request, "samples")
    run, n = run_of(request), whole(request, "n", _MOST, _USUAL)
    seed, options = whole(request, "seed", LARGEST, 0), _options(request, able)
    if not n:
        raise UserError("n=0 was given; draw at least one")
    values = await asked(request, lambda model: model.sample(n, seed=seed, **options))
    if isinstance(run.spec, ImageSpec):
        return Response(encoded(image_grid(values, run.spec)), media_type="image/png")
    rows = as_numbers(values, run.spec)
    if request.query_params.get("as") == "csv":
        return Response(as_csv(rows, run.spec), media_type="text/csv")
    return shown(rows, run.spec, [str(number) for number in range(1, n + 1)])


async def truncated(request: Request) -> Response:
    """Samples from their average style to their own, those of each degree in a row."""
    run, seed = run_of(request), whole(request, "seed", LARGEST, 0)
    await need(request, "truncation")

    def draw(model: Any) -> Array:
        degrees = [float(degree) for degree in _DEGREES]
        parts = [model.sample(_TRUNCATED, seed=seed, truncation=degree) for degree in degrees]
        return np.concatenate(parts)

    assert isinstance(run.spec, ImageSpec)
    return Response(png(await asked(request, draw), run.spec, _TRUNCATED), media_type="image/png")


async def mixed(request: Request) -> Response:
    """Coarse styles mixed with fine ones."""
    await need(request, "styles")
    return await _view(request, "styles")


async def to_keep(request: Request) -> Response:
    """A view of `genlearn show` as a picture."""
    if (name := request.path_params["name"]) not in _TO_KEEP:
        raise HTTPException(404)
    return await _view(request, name)


async def _view(request: Request, name: str) -> Response:
    run, maps = run_of(request), studio_of(request).maps
    seed = whole(request, "seed", LARGEST, 0)

    def draw(model: Any) -> bytes:
        return in_view(name, run, model, lambda n: maps.data(run).user(slice(0, n)), seed)

    return Response(await asked(request, draw), media_type="image/png")


def _options(request: Request, able: Abilities) -> dict[str, Any]:
    given = request.query_params
    options: dict[str, Any] = {}
    if given.get("label") and able.classes:
        options["label"] = given["label"]
    if given.get("truncation") and able.truncation:
        options["truncation"] = real_number(given["truncation"], "truncation", 0, 2)
    return options


_HERE = "/runs/{run}/explore"
routes = [
    Route(f"{_HERE}/samples", samples),
    Route(f"{_HERE}/drawn", drawn),
    Route(f"{_HERE}/truncated", truncated),
    Route(f"{_HERE}/mixed", mixed),
    Route(f"{_HERE}/view/{{name}}.png", to_keep),
]
