"""Choosing a model, and setting a training going."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ...core.errors import UserError
from ...core.spec import DataSpec
from ..context import Studio, studio_of
from ..library.datasets import DataSource
from ..library.places import id_of
from ..rendering import page
from ..training.cards import ModelCard, card, cards
from ..training.expected import steps_a_second, until_its_turn
from ..training.form import form_of
from ..training.known import known_spec
from ..training.request import begin


@dataclass(frozen=True)
class Suited:
    """A model, and why it does not suit the data, if it does not."""

    card: ModelCard
    why: str = ""


async def choose(request: Request) -> Response:
    """The models that suit the data, and those that do not, with the reason."""
    studio = studio_of(request)
    source = _source(request, studio)
    spec = known_spec(studio, source) if source else None
    suited = [Suited(one, _unsuited(one, spec)) for one in cards()]
    return page(
        request,
        "train/choose.html",
        source=source,
        sources=list(studio.library.sources().values()),
        spec=spec,
        suited=[one for one in suited if not one.why],
        others=[one for one in suited if one.why],
    )


async def form(request: Request) -> Response:
    """The form of one model."""
    studio, one = studio_of(request), card(request.path_params["model"])
    source = _source(request, studio)
    runs = [run for run in studio.library.runs().values() if run.model == one.name and run.usable]
    waiting = [job for job in studio.queue.jobs() if job.open]
    speed = steps_a_second(studio.library, one, source) if source else None
    return page(
        request,
        "train/form.html",
        card=one,
        form=form_of(one),
        source=source,
        runs=runs,
        waiting=waiting,
        turn=until_its_turn(waiting),
        speed=speed,
        begin_as=request.query_params.get("from", ""),
    )


async def start(request: Request) -> Response:
    """Into the queue, and on to its page."""
    studio, one = studio_of(request), card(request.path_params["model"])
    fields = await request.form()
    given = {name: value for name, value in fields.items() if isinstance(value, str)}
    if not given.get("data"):
        raise UserError("no data was given; a model learns from data: choose some first")
    job = begin(studio, one, studio.library.source(given["data"]), given)
    studio.library.forget()
    link = f"/runs/{id_of(job.place)}"
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": link})
    return RedirectResponse(link, 303)


def _source(request: Request, studio: Studio) -> DataSource | None:
    id = request.query_params.get("data")
    return studio.library.source(id) if id else None


def _unsuited(one: ModelCard, spec: DataSpec | None) -> str:
    if spec is None:
        return ""
    try:
        one.model().check_data(spec)
    except UserError as error:
        return str(error)
    return ""


routes = [
    Route("/train", choose),
    Route("/train/{model}", form),
    Route("/train/{model}", start, methods=["POST"]),
]
