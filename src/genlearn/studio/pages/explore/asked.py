"""What the pages share: who is asked, and what for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ....core.capabilities import Array
from ....core.errors import UserError
from ....core.image_grid import shown_size
from ....core.spec import DataSpec, ImageSpec
from ....data import Dataset
from ...context import studio_of
from ...exploring.abilities import Abilities, abilities_of
from ...exploring.rows import rows_of
from ...exploring.strips import png
from ...library.runs import RunFolder
from ...rendering import page
from ...typed import whole_number

T = TypeVar("T")


def run_of(request: Request) -> RunFolder:
    """The run that the address names. Raises a 404 where there is none."""
    return studio_of(request).library.run(request.path_params["run"])


async def asked(request: Request, question: Callable[[Any], T]) -> T:
    """``question`` of the model of the run."""
    return await studio_of(request).models.ask(run_of(request), question)


async def abilities(request: Request) -> Abilities:
    """What there is to explore."""
    return abilities_of(await studio_of(request).models.get(run_of(request)))


def view(request: Request, template: str, able: Abilities, **values: Any) -> Response:
    """A page of a model that is ``able`` to do so much."""
    run = run_of(request)
    pixels = shown_size(run.spec) if isinstance(run.spec, ImageSpec) else None
    return page(request, f"explore/{template}", run=run, able=able, pixels=pixels, **values)


async def need(request: Request, what: str) -> Abilities:
    """What its model is able to do. Raises `UserError` where ``what`` is not of it."""
    able = await abilities(request)
    if not getattr(able, what):
        raise UserError(f"{run_of(request).name} is of a model that cannot do this")
    return able


def shown(values: Array, spec: DataSpec, heads: list[str] | None = None) -> Response:
    """Examples as an answer to a script: images side by side as a PNG, rows as JSON."""
    if isinstance(spec, ImageSpec):
        return Response(png(values, spec), media_type="image/png")
    rows = rows_of(values, spec, heads)
    return JSONResponse({"columns": rows.columns, "cells": rows.cells, "heads": rows.heads})


def example(data: Dataset, number: int) -> Array:
    """Number ``number`` of ``data``, (1, *user_shape). Raises `UserError` where there is none."""
    if number >= len(data):
        raise UserError(
            f"example {number:,} was asked for; there are {len(data):,}, numbered from 0"
        )
    return data.user(slice(number, number + 1))


def whole(request: Request, name: str, most: int, default: int | None = None) -> int:
    """A whole number from 0 to ``most`` of the address. Raises `UserError` for anything else."""
    return whole_number(request.query_params.get(name), name, most, default)
