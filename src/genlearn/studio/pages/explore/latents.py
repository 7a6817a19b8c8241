"""The latents of a model: a slider for each, and the plane of two."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ....core.capabilities import Array
from ....core.errors import UserError
from ....core.spec import DataSpec, ImageSpec
from ...context import studio_of
from ...exploring.latents import LIMIT, Latents, known, latents_of, some_codes
from ...exploring.maps import Maps
from ...exploring.strips import png
from ...library.runs import RunFolder
from ...typed import LARGEST, real_number, whole_number
from .asked import asked, example, need, run_of, shown, view, whole

_FOLDED = 16  # sliders that are shown at once
_SIDE, _SHEET = 11, 1600  # images along a side of a plane, and its pixels
_MOVES = 4096  # letters


async def latents(request: Request) -> Response:
    """The page."""
    able = await need(request, "latents")
    run, maps = run_of(request), studio_of(request).maps
    found = await asked(request, lambda model: _latents(model, run, maps))
    sliders = list(zip(found.order, found.effects, strict=True))
    return view(
        request,
        "latents.html",
        able=able,
        first=sliders[:_FOLDED],
        rest=sliders[_FOLDED:],
        limit=LIMIT,
        several=len(sliders) > 1,
    )


async def stand(request: Request) -> Response:
    """How the sliders stand at the code that ``base`` names."""
    run, maps = run_of(request), studio_of(request).maps
    base = request.query_params.get("base", "mean")

    def find(model: Any) -> dict[int, float]:
        found = _latents(model, run, maps)
        return found.stand(_base(base, model, found, run, maps))

    await need(request, "latents")
    return JSONResponse(await asked(request, find))


async def decode(request: Request) -> Response:
    """What the code ``base`` with ``moves`` of some latents decodes to."""
    await need(request, "latents")
    run, maps = run_of(request), studio_of(request).maps
    base, moves = request.query_params.get("base", "mean"), _moves(request)

    def decoded(model: Any) -> Array:
        found = _latents(model, run, maps)
        code = _base(base, model, found, run, maps)
        values: Array = model.decode(found.moved(code, moves))
        return values

    return shown(await asked(request, decoded), run.spec)


async def sheet(request: Request) -> Response:
    """What the plane of the latents ``across`` and ``up`` through such a code decodes to."""
    run, maps = run_of(request), studio_of(request).maps
    spec = run.spec
    if not isinstance(spec, ImageSpec):
        raise UserError(f"{run.name} learned from no images; its sliders show rows")
    able = await need(request, "latents")
    base, moves = request.query_params.get("base", "mean"), _moves(request)
    across, up = (whole(request, name, able.latents - 1) for name in ("across", "up"))
    side = _side(spec)

    def decoded(model: Any) -> Array:
        found = _latents(model, run, maps)
        code = found.moved(_base(base, model, found, run, maps), {**moves, across: 0, up: 0})[0]
        values: Array = model.decode(found.sheet(code, across, up, side))
        return values

    return Response(png(await asked(request, decoded), spec, side), media_type="image/png")


def _latents(model: Any, run: RunFolder, maps: Maps) -> Latents:
    there = known(model)
    if there.latents is None:
        there.latents = latents_of(model, run.spec, lambda: _codes(model, run, maps))
    return there.latents


def _codes(model: Any, run: RunFolder, maps: Maps) -> Array:
    """Codes of what ``run`` learned from, of its map where there is one."""
    files = maps.get(run)
    if files is not None and files.decodes:
        return files.codes
    return some_codes(model, lambda n: maps.data(run).user(slice(0, n)))


def _base(text: str, model: Any, found: Latents, run: RunFolder, maps: Maps) -> Array:
    """The code (d,) that is called "mean", "seed:7" or "example:7"."""
    kind, _, number = text.partition(":")
    if text == "mean":
        return found.region.mean
    if kind == "seed":
        seed = whole_number(number, "seed", LARGEST)
        return known(model).code(text, lambda: found.random(model, seed))
    if kind == "example":
        values = example(maps.data(run), whole_number(number, "example", LARGEST))
        return known(model).code(text, lambda: model.encode(values)[0])
    raise UserError(f"base={text[:40]!r} was given; it is mean, seed:7 or example:7")


def _moves(request: Request) -> dict[int, float]:
    """Latents and where they are moved to, as "3:1.5,7:-2"."""
    text = request.query_params.get("moves", "")
    if not re.fullmatch(r"(\d+:[-.\d]+(,(?!$)|$))*", text, re.ASCII):
        raise UserError(f"moves={text[:40]!r} was given; it is as 3:1.5,7:-2")
    pairs = (move.split(":") for move in text.split(",") if move)
    return {
        whole_number(latent, "latent", LARGEST): real_number(value, f"z{latent}", -LIMIT, LIMIT)
        for latent, value in pairs
    }


def _side(spec: DataSpec) -> int:
    return max(3, min(_SIDE, _SHEET // max(spec.shape[-2:])))


_HERE = "/runs/{run}/explore"
routes = [
    Route(f"{_HERE}/latents", latents),
    Route(f"{_HERE}/stand", stand),
    Route(f"{_HERE}/decode", decode),
    Route(f"{_HERE}/sheet", sheet),
]
