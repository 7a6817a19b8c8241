"""What lies between examples: the way from one to another, and what tells two groups of them
apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ....core.capabilities import Array
from ....core.errors import UserError
from ...context import studio_of
from ...exploring.abilities import Abilities
from ...exploring.map_files import MapFiles
from ...typed import LARGEST, whole_number
from .asked import asked, example, need, run_of, shown, whole

_FRAMES, _FEW = 21, 9  # on a way; of a model whose codes are as large as examples
_STRENGTHS = np.linspace(-2, 2, 21)
_BLOCK = 4096  # codes at a time


async def walk(request: Request) -> Response:
    """Examples on the way from number ``a`` of the data to number ``b``."""
    run, maps = run_of(request), studio_of(request).maps
    able = await need(request, "encodes")
    a, b = (whole(request, name, LARGEST) for name in ("a", "b"))

    def walked(model: Any) -> Array:
        data = maps.data(run)
        values: Array = model.interpolate(example(data, a), example(data, b), frames(able))
        return values

    values = await asked(request, walked)
    return shown(values, run.spec, [f"{100 * t:.0f} %" for t in np.linspace(0, 1, len(values))])


async def groups(request: Request) -> Response:
    """The mean code of the points in ``a`` less that of those in ``b`` (all points where there are
    none), added to the code of an example of the data, ``of``."""
    run, maps = run_of(request), studio_of(request).maps
    async with request.form(max_files=0) as given:
        form = dict(given)
    of = whole_number(form.get("of"), "of", LARGEST)

    def added(model: Any) -> Array:
        files = maps.need(run)
        if not files.decodes:
            raise UserError(f"the codes of {run.name} that are mapped cannot be decoded")
        one, other = (_mean(files, form.get(name)) for name in ("a", "b"))
        code = model.encode(example(maps.data(run), of))
        values: Array = model.decode(
            (code + _STRENGTHS[:, None] * (one - other)).astype(np.float32)
        )
        return values

    values = await asked(request, added)
    return shown(values, run.spec, [f"{strength:+.1f}" for strength in _STRENGTHS])


def frames(able: Abilities) -> int:
    """How many examples are shown on a way."""
    return _FEW if able.whole_codes else _FRAMES


def _mean(files: MapFiles, text: Any) -> Array:
    """The mean code of the points whose numbers stand in ``text``, of all where that is empty."""
    if not text:
        blocks = range(0, files.about.count, _BLOCK)
        sums = [files.codes[start : start + _BLOCK].sum(0, np.float64) for start in blocks]
        return np.asarray(sum(sums) / files.about.count)
    if not isinstance(text, str):
        raise UserError("a group was given as a file; it is numbers of points")
    most = files.about.count - 1
    points = [whole_number(part, "point", most) for part in text.split()]
    return np.asarray(np.asarray(files.codes[np.sort(points)]).mean(0, np.float64))


_HERE = "/runs/{run}/explore"
routes = [
    Route(f"{_HERE}/walk", walk),
    Route(f"{_HERE}/groups", groups, methods=["POST"]),
]
