"""A picture that somebody brings, or an example of the data, and what the model makes of it."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import anyio
import numpy as np
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ....core.capabilities import Array
from ....core.errors import UserError
from ....core.seeding import seed_for
from ....core.spec import ImageSpec
from ....representation.nearest import nearest_neighbours
from ....representation.represent import representation_of
from ...context import studio_of
from ...exploring.maps import Maps
from ...library.library import Library
from ...library.runs import RunFolder
from ...prompting.starts import initial, keep_picture
from ...serving.pictures import decode_picture
from ...typed import LARGEST, real_number, whole_number
from .asked import asked, example, need, run_of, shown, view, whole

_NEAR = 12  # neighbours
_MOST = 4  # fills of one hole
_SHOWN = 64  # examples in one answer


async def picture(request: Request) -> Response:
    """The page."""
    able = await need(request, "picture")
    maps, run = studio_of(request).maps, run_of(request)
    files = await anyio.to_thread.run_sync(maps.get, run)
    return view(request, "picture.html", able=able, mapped=files is not None)


async def brought(request: Request) -> Response:
    """Take a picture: what it is called from now on, and what was changed of it."""
    await need(request, "picture")
    spec, library = _images(run_of(request)), studio_of(request).library
    async with request.form(max_files=1, max_fields=4) as form:
        file, invert = form.get("picture"), form.get("invert") == "yes"
        if not isinstance(file, UploadFile):
            raise UserError("no file was given; choose a picture")
        content = await file.read()

    def take() -> dict[str, str]:
        found = decode_picture(content, spec, invert)
        return {"of": keep_picture(library, found.values), "note": found.note}

    return JSONResponse(await anyio.to_thread.run_sync(take))


async def pictured(request: Request) -> Response:
    """The picture ``of`` that name, as the model sees it."""
    run, values = await _asked_of(request)
    return shown(values, run.spec)


async def examples(request: Request) -> Response:
    """The examples of the data whose numbers are ``rows``."""
    run, maps = run_of(request), studio_of(request).maps
    parts = request.query_params.get("rows", "").split(",")[:_SHOWN]
    rows = [whole_number(part, "rows", LARGEST) for part in parts]

    def read() -> Array:
        data = maps.data(run)
        return np.concatenate([example(data, row) for row in rows])

    return shown(await anyio.to_thread.run_sync(read), run.spec)


async def reconstructed(request: Request) -> Response:
    """It after the way through its code."""
    await need(request, "encodes")
    run, values = await _asked_of(request)
    return shown(await asked(request, lambda model: model.reconstruct(values)), run.spec)


async def denoised(request: Request) -> Response:
    """It with ``noise`` added, a share of the range, and without again."""
    able = await need(request, "denoises")
    run, values = await _asked_of(request)
    share, seed = (
        real_number(request.query_params.get("noise"), "noise", 0, 1),
        whole(request, "seed", LARGEST, 0),
    )
    spec = _images(run)
    level = share * (spec.high - spec.low)
    noisy = _noisy(values, level, seed, spec)
    how = {"noise": level} if able.known_noise and level else {}
    clean = await asked(request, lambda model: model.denoise(noisy, **how))
    return shown(np.concatenate([noisy, clean]), spec)


async def near(request: Request) -> Response:
    """The examples of the map with the nearest codes: their numbers in the data."""
    run, values = await _asked_of(request)
    maps = studio_of(request).maps

    def find(model: Any) -> list[int]:
        files = maps.need(run)
        stands = representation_of(model, files.about.features)
        k = min(_NEAR, files.about.count)
        found = nearest_neighbours(files.codes, np.asarray(stands.function(values), np.float32), k)
        return [int(row) for row in files.rows[found.indices[0]]]

    return JSONResponse(await asked(request, find))


async def inpainted(request: Request) -> Response:
    """It with what is under a ``mask`` drawn anew, several times. The mask is a bit for each pixel,
    row by row, the first in the highest bit of a byte, in base64."""
    await need(request, "inpaints")
    async with request.form(max_files=0) as form:
        fields = dict(form)
    run, values = await _asked_of(request, fields.get("of"))
    spec = _images(run)
    mask = _mask(fields.get("mask"), spec)
    count = whole_number(fields.get("count"), "count", _MOST, 1)
    seed = whole_number(fields.get("seed"), "seed", LARGEST, 0)
    repeated = np.repeat(values, max(1, count), 0)
    filled = await asked(request, lambda model: model.inpaint(repeated, mask, seed=seed))
    return shown(filled, spec)


async def _asked_of(request: Request, of: Any = None) -> tuple[RunFolder, Array]:
    """The run, and the picture that is asked about: "data:7", or "picture:" and its name."""
    run, studio = run_of(request), studio_of(request)
    text = of if isinstance(of, str) else request.query_params.get("of", "")
    found = await anyio.to_thread.run_sync(_find, studio.library, studio.maps, run, text)
    return run, found


def _find(library: Library, maps: Maps, run: RunFolder, text: str) -> Array:
    kind, _, number = text.partition(":")
    if kind == "data":
        return example(maps.data(run), whole_number(number, "example", LARGEST))
    found = initial(library, run, text)
    if found is None:
        raise UserError("no picture was named; choose a file, or an example of the data")
    return found


def _images(run: RunFolder) -> ImageSpec:
    if not isinstance(run.spec, ImageSpec):
        raise UserError(f"{run.name} learned from no images; a picture says nothing to it")
    return run.spec


def _noisy(values: Array, level: float, seed: int, spec: ImageSpec) -> Array:
    """``values`` and normal noise of this strength, in their range."""
    noise = np.random.default_rng(seed_for(seed, "noise")).normal(0, level, values.shape)
    noisy = (values + noise).clip(spec.low, spec.high)
    whole_numbers = values.dtype.kind in "iub"
    found: Array = (noisy.round() if whole_numbers else noisy).astype(values.dtype)
    return found


def _mask(text: Any, spec: ImageSpec) -> Array:
    """Which pixels are to be filled, (height, width)."""
    _, height, width = spec.shape
    try:
        content = base64.b64decode(text if isinstance(text, str) else "", validate=True)
    except (binascii.Error, ValueError):
        content = b""
    bits = np.unpackbits(np.frombuffer(content, np.uint8))
    if not height * width <= len(bits) < height * width + 8:
        raise UserError("a mask of another size was given; paint what is to be filled")
    mask: Array = bits[: height * width].reshape(height, width).astype(bool)
    if not mask.any():
        raise UserError("nothing is painted; paint what is to be filled")
    return mask


_HERE = "/runs/{run}/explore"
routes = [
    Route(f"{_HERE}/picture", picture),
    Route(f"{_HERE}/picture", brought, methods=["POST"]),
    Route(f"{_HERE}/pictured", pictured),
    Route(f"{_HERE}/examples", examples),
    Route(f"{_HERE}/reconstructed", reconstructed),
    Route(f"{_HERE}/denoised", denoised),
    Route(f"{_HERE}/near", near),
    Route(f"{_HERE}/inpainted", inpainted, methods=["POST"]),
]
