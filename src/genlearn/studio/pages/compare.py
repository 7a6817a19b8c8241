"""Comparisons: started, followed, and their reports; and lectures."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import anyio
import anyio.to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...core.errors import UserError
from ..comparing import request as asked
from ..comparing.choice import choice
from ..comparing.scores import cells, read_report
from ..comparing.standing import place_of, standing_of
from ..context import Studio, studio_of
from ..library.datasets import DataSource
from ..library.documents import document_at, find_documents
from ..library.places import id_of
from ..rendering import page

_KINDS = ("compare", "lecture", "evaluate")
_PERIOD = 0.5  # seconds between looks at a folder of many files
_BUDGET = "5m"


async def comparisons(request: Request) -> Response:
    """What there is, and the form of a new one, of the data ``?data=`` if given."""
    studio = studio_of(request)
    library = studio.library
    source = _source(studio, request.query_params.get("data", ""))
    documents = (await anyio.to_thread.run_sync(find_documents, library)).values()
    return page(
        request,
        "compare/page.html",
        source=source,
        sources=list(library.sources().values()),
        budget=_BUDGET,
        sizes=asked.SIZES,
        choice=choice(studio, source, _BUDGET),
        chosen=[],
        who="",
        comparisons=list(library.comparisons().values()),
        jobs=[job for job in studio.queue.jobs() if job.kind in _KINDS],
        lectures=[one for one in documents if one.kind == "lecture"],
        others=[one for one in documents if one.kind not in ("lecture", "report")],
    )


async def models(request: Request) -> Response:
    """Who would take part, of the data and the budget that the form has now."""
    studio, given = studio_of(request), request.query_params
    source = _source(studio, given.get("data", ""))
    return page(
        request,
        "compare/candidates.html",
        choice=choice(studio, source, given.get("budget", "")),
        source=source,
        budget=given.get("budget", ""),
        who=given.get("who", ""),
        chosen=given.getlist("model"),
    )


async def start(request: Request) -> Response:
    """A comparison into the queue, and on to its page."""
    studio = studio_of(request)
    form = await request.form()
    names = [name for name in form.getlist("model") if isinstance(name, str)]
    job = asked.compare(studio, _needed(studio, form), _texts(form), names)
    return _on_to(f"/compare/{id_of(job.place)}")


async def lecture(request: Request) -> Response:
    """A lecture into the queue."""
    studio = studio_of(request)
    form = await request.form()
    asked.lecture(studio, _needed(studio, form), _texts(form))
    return _on_to("/compare#queue")


async def judge(request: Request) -> Response:
    """The judging of a run into the queue."""
    studio = studio_of(request)
    asked.judge(studio, studio.library.run(request.path_params["run"]))
    return Response(status_code=204)


async def follow(request: Request) -> Response:
    """A comparison, from the moment that it is queued."""
    return await _standing(request, "compare/follow.html")


async def standing(request: Request) -> Response:
    """How it stands, as a part of its page."""
    return await _standing(request, "compare/standing.html")


async def events(request: Request) -> Response:
    """How it stands, each time that this changes."""
    studio, place = studio_of(request), _place(request)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        seen = None
        while True:
            now = (await anyio.to_thread.run_sync(standing_of, studio, place)).to_json()
            if now != seen:
                seen = now
                yield ServerSentEvent(data=json.dumps(now), event="standing")
            await anyio.sleep(_PERIOD)

    return EventSourceResponse(stream())


async def _standing(request: Request, template: str) -> Response:
    studio, place = studio_of(request), _place(request)
    now = await anyio.to_thread.run_sync(standing_of, studio, place)
    report = await anyio.to_thread.run_sync(read_report, now.path)
    shown = report.shown if report else []
    figures = {
        key: cells(
            [one.figures.get(key) for one in report.models],
            {i for i, one in enumerate(report.models) if one.tiers.get(key) == 1},
        )
        for key in shown
        if report
    }
    return page(
        request,
        template,
        standing=now,
        report=report,
        document=document_at(studio.library, f"{place}/report.html"),
        shown=shown,
        figures=figures,
        runs={row.name: row.run for row in now.rows},
    )


def _place(request: Request) -> str:
    place = place_of(studio_of(request), request.path_params["comparison"])
    if place is None:
        raise HTTPException(404)
    return place


def _source(studio: Studio, id: str) -> DataSource | None:
    return studio.library.source(id) if id else None


def _needed(studio: Studio, form: FormData) -> DataSource:
    id = form.get("data")
    if not isinstance(id, str) or not id:
        raise UserError("no data was chosen; choose what to learn from")
    return studio.library.source(id)


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _on_to(link: str) -> Response:
    return Response(status_code=204, headers={"HX-Redirect": link})


routes = [
    Route("/compare", comparisons),
    Route("/compare", start, methods=["POST"]),
    Route("/compare/models", models),
    Route("/lectures", lecture, methods=["POST"]),
    Route("/runs/{run}/judge", judge, methods=["POST"]),
]
# after the addresses below /compare that are called by name: see `side`
followed = [
    Route("/compare/{comparison}", follow),
    Route("/compare/{comparison}/standing", standing),
    Route("/compare/{comparison}/events", events),
]
