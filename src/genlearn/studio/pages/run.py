"""A run: its training as it goes, and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import anyio.to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ...core.capabilities import DiffusionProcess, Discriminates
from ...core.errors import UserError
from ...core.estimator_types import ClosedForm
from ...core.params import params_of
from ..context import Studio, studio_of
from ..jobs.job import Job
from ..jobs.process import words
from ..library.places import id_of
from ..library.runs import RunFolder
from ..live.training import Follower, standing
from ..live.watching import PERIOD
from ..rendering import page
from ..training.request import go_on, take_up

_VIEWS = {"players": Discriminates, "process": DiffusionProcess}


async def run(request: Request) -> Response:
    """The page, from the moment that the training is queued."""
    studio, id = studio_of(request), request.path_params["run"]
    found, job = studio.library.runs().get(id), _job(studio, id)
    if found is None and job is None:
        raise HTTPException(404)
    if found is None:
        return page(request, "train/waiting.html", job=job, id=id)
    return page(
        request,
        "train/run.html",
        run=found,
        job=job,
        standing=standing(found.path, job, found.manifest),
        at_once=issubclass(found.model_class, ClosedForm),
        changed=_changed(found),
        views=[name for name, ability in _VIEWS.items() if found.of_images and found.can(ability)],
        previews=[int(path.stem) for path in found.previews()],
    )


async def events(request: Request) -> Response:
    """What happens to the run, as it happens."""
    studio, id = studio_of(request), request.path_params["run"]
    place = _place(studio, id)
    follower = Follower(studio.settings.folder / place, place, studio.queue)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        while True:
            for name, what in await anyio.to_thread.run_sync(follower.news):
                yield ServerSentEvent(data=json.dumps(what), event=name)
            await anyio.sleep(PERIOD)

    return EventSourceResponse(stream())


async def preview(request: Request) -> Response:
    """The picture of the fixed noise after ``?step=``, as the training wrote it."""
    found = studio_of(request).library.run(request.path_params["run"])
    step = request.query_params.get("step", "")
    for path in found.previews():
        if step.isdecimal() and path.stem.isdecimal() and int(path.stem) == int(step[:12]):
            return FileResponse(path, media_type="image/png", headers={"cache-control": "no-cache"})
    raise HTTPException(404)


async def log(request: Request) -> Response:
    """The words of the training."""
    studio = studio_of(request)
    job = _job(studio, request.path_params["run"])
    if job is None:
        raise UserError("this run was not trained by this studio, which has no words of it")
    return Response(words(studio.queue.log(job)), media_type="text/plain")


async def more(request: Request) -> Response:
    """Train it further: ``more`` is a time or a number of steps."""
    studio = studio_of(request)
    found = studio.library.run(request.path_params["run"])
    form = await request.form()
    go_on(studio, found, str(form.get("more", "")))
    return Response(status_code=204)


async def carry_on(request: Request) -> Response:
    """Let a run that was stopped go on as it was planned."""
    studio = studio_of(request)
    found, id = studio.library.runs().get(request.path_params["run"]), request.path_params["run"]
    job = _job(studio, id)
    if job and job.state in ("paused", "failed"):
        studio.queue.resume(job.id)
    elif found:
        take_up(studio, found)
    else:
        raise HTTPException(404)
    return Response(status_code=204)


def _job(studio: Studio, id: str) -> Job | None:
    """The latest job that writes to the run."""
    return next((job for job in reversed(studio.queue.jobs()) if id_of(job.place) == id), None)


def _place(studio: Studio, id: str) -> str:
    found, job = studio.library.runs().get(id), _job(studio, id)
    if found is None and job is None:
        raise HTTPException(404)
    return found.name if found else job.place  # type: ignore[union-attr]


def _changed(found: RunFolder) -> dict[str, Any]:
    """The hyper-parameters that are not as they are by default."""
    known = params_of(found.model_class)
    hyper = found.manifest["hyper"]
    defaults = {
        name: list(p.default) if isinstance(p.default, tuple) else p.default
        for name, p in known.items()
    }
    return {name: value for name, value in hyper.items() if value != defaults.get(name)}


routes = [
    Route("/runs/{run}", run),
    Route("/runs/{run}/events", events),
    Route("/runs/{run}/preview", preview),
    Route("/runs/{run}/log", log),
    Route("/runs/{run}/more", more, methods=["POST"]),
    Route("/runs/{run}/continue", carry_on, methods=["POST"]),
]
