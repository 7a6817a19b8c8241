"""Runs side by side at one seed, with their figures; to take home as a picture or a table."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...core.errors import UserError
from ...core.image_grid import grid_zoom, shown_size
from ...core.spec import ImageSpec
from ..comparing import side
from ..comparing.side import MOST, Beside, beside
from ..context import studio_of
from ..exploring.rows import rows_of
from ..jobs.job import Job
from ..library.documents import document_at
from ..rendering import page
from .compare import followed

_GAP = 2  # pixels between images of a row


async def runs(request: Request) -> Response:
    """The runs that are chosen, or what there is to choose from."""
    studio, asked = studio_of(request), _asked(request)
    return page(
        request,
        "compare/side.html",
        asked=asked,
        kinds=side.drawing_runs(studio),
        query=_query(asked),
        size=_size(asked),
        most=MOST,
        **_figures(request, asked),
    )


async def figures(request: Request) -> Response:
    """The figures, as a part of the page."""
    asked = _asked(request)
    return page(
        request,
        "compare/figures.html",
        asked=asked,
        query=_query(asked),
        **_figures(request, asked),
    )


async def samples(request: Request) -> Response:
    """Samples of one run: a row of images, or rows of a table."""
    studio, asked = studio_of(request), _some(request)
    run = asked.runs[0]
    values = await side.samples(studio, run, asked)
    if run.of_images:
        content = await anyio.to_thread.run_sync(side.row, values, run)
        return Response(content, media_type="image/png")
    rows = await anyio.to_thread.run_sync(rows_of, values, run.spec)
    return page(request, "compare/rows.html", rows=rows, run=run)


async def sheet(request: Request) -> Response:
    """All rows of images as one picture."""
    studio, asked = studio_of(request), _some(request)
    if not all(run.of_images for run in asked.runs):
        raise UserError("these runs draw no images; take their figures as a table")
    drawn = [await side.samples(studio, run, asked) for run in asked.runs]
    content = await anyio.to_thread.run_sync(side.sheet, drawn, asked.runs)
    return _file(content, "image/png", "side-by-side.png")


async def table(request: Request) -> Response:
    """All figures, as CSV or JSON."""
    asked, kind = _some(request), request.path_params["kind"]
    found = await anyio.to_thread.run_sync(side.table, asked.runs)
    if kind == "csv":
        return _file(found.to_csv(index=False).encode(), "text/csv", "figures.csv")
    if kind == "json":
        content = found.to_json(orient="records", indent=1).encode()
        return _file(content, "application/json", "figures.json")
    raise HTTPException(404)


def _asked(request: Request) -> Beside:
    given = request.query_params
    return beside(studio_of(request), given.getlist("run"), dict(given))


def _some(request: Request) -> Beside:
    asked = _asked(request)
    if not asked.runs:
        raise HTTPException(404)
    return asked


def _figures(request: Request, asked: Beside) -> dict[str, Any]:
    """What the table of figures shows."""
    studio = studio_of(request)
    found = side.all_judged(asked.runs)
    lines = side.lines(found)
    jobs: list[Job | None] = [studio.queue.at(f"{run.name}/evaluation") for run in asked.runs]
    places = [
        one.place.relative_to(studio.settings.folder).as_posix() if one else "" for one in found
    ]
    return {
        "judged": found,
        "lines": lines,
        "main": side.main_lines(found, lines),
        "groups": side.grouped(lines),
        "at_odds": side.at_odds(found),
        "jobs": jobs,
        "reports": [
            document_at(studio.library, f"{place}/report.html") if place else None
            for place in places
        ],
    }


def _query(asked: Beside) -> str:
    """The address's end that asks for the same."""
    fields = [*(("run", run.id) for run in asked.runs), ("seed", asked.seed), ("n", asked.number)]
    return urlencode([*fields, *([("prompt", asked.prompt)] if asked.prompt else [])])


def _size(asked: Beside) -> tuple[int, int]:
    """Width and height of a row of images."""
    spec = asked.runs[0].spec if asked.runs else None
    if not isinstance(spec, ImageSpec):
        return 0, 0
    height, width = shown_size(spec)
    zoom = grid_zoom(height, width)
    return asked.number * (width * zoom + _GAP) + _GAP, height * zoom + 2 * _GAP


def _file(content: bytes, kind: str, name: str) -> Response:
    kept = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=kept)


routes = [
    Route("/compare/side", runs),
    Route("/compare/side/figures", figures),
    Route("/compare/side/samples", samples),
    Route("/compare/side/sheet.png", sheet),
    Route("/compare/side/figures.{kind}", table),
    *followed,
]
