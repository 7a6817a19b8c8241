"""The teacher's side of the Turing test: make a room, let judges in, see what they find."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import anyio.to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...core.errors import UserError
from ...core.spreadsheet import without_formulas
from ...turing.results import read_sittings
from ...turing.statistics import by_image
from ..context import studio_of
from ..live.watching import changes
from ..rendering import page
from ..rooms.document import TELLS
from ..rooms.links import links, qr_svg
from ..rooms.making import make
from ..rooms.plan import TITLES, plan_from, suited
from ..rooms.results import findings, judge_rows
from ..rooms.room import QUIZ, Room
from ..rooms.rooms import Making, new_code

_LONG = {"cache-control": "private, max-age=86400"}  # a picture never changes
_TASKS: set[asyncio.Task[None]] = set()  # asyncio itself holds none of those that run


async def rooms(request: Request) -> Response:
    """All rooms, and the form for another."""
    studio = studio_of(request)
    there = await anyio.to_thread.run_sync(studio.rooms.all)
    return page(
        request,
        "rooms/rooms.html",
        rooms=there,
        making=[one for one in studio.rooms.making.values() if not one.ready],
        runs=suited(studio.library),
        titles=TITLES,
        tells=TELLS,
    )


async def new(request: Request) -> Response:
    """Begin to make the room that the form asks for."""
    studio = studio_of(request)
    plan, code = plan_from(await request.form(), studio.library), new_code()
    studio.rooms.making[code] = Making(code, plan.title)
    task = asyncio.create_task(make(plan, code, studio.library, studio.models, studio.rooms))
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)
    return Response(status_code=204, headers={"hx-redirect": f"/rooms/{code}"})


async def room(request: Request) -> Response:
    """The room, or how far it is made."""
    if making := _making(request):
        return page(request, "rooms/making.html", making=making)
    here = await _room(request)
    return await _with_links(request, "rooms/room.html", here)


async def screen(request: Request) -> Response:
    """For the big screen: how to come in, large, and how many have."""
    return await _with_links(request, "rooms/screen.html", await _room(request))


async def events(request: Request) -> Response:
    """How far the room is made; then each change of how many judge and have answered."""
    if making := _making(request):
        return EventSourceResponse(_making_events(making))
    here = await _room(request)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async for _ in changes(lambda: here.version):
            yield ServerSentEvent(data=json.dumps(_count(here)), event="count")

    return EventSourceResponse(stream())


async def result(request: Request) -> Response:
    """What the answers say so far."""
    here = await _room(request)
    found = await anyio.to_thread.run_sync(findings, here)
    return page(request, "rooms/result.html", room=here, found=found, **_count(here))


async def judges(request: Request) -> Response:
    """A table of all judges."""
    here = await _room(request)
    rows = await anyio.to_thread.run_sync(judge_rows, here)
    return page(request, "rooms/judges.html", rows=rows)


async def shown(request: Request) -> Response:
    """The picture of a trial, by its number in the order drawn."""
    here = await _room(request)
    trial = request.path_params["trial"]
    if trial not in map(str, range(len(here.about.truths))):
        raise HTTPException(404)
    return Response(here.picture(int(trial)), media_type="image/png", headers=_LONG)


async def qr(request: Request) -> Response:
    """The QR code of one of the room's addresses, by its number."""
    here = await _room(request)
    known = await _links(request, here)
    which = request.path_params["which"]
    if which not in map(str, range(len(known))):
        raise HTTPException(404)
    return Response(qr_svg(known[int(which)]), media_type="image/svg+xml")


async def close(request: Request) -> Response:
    """Take no more answers."""
    return await _set_open(request, False)


async def reopen(request: Request) -> Response:
    """Take answers again."""
    return await _set_open(request, True)


async def remove(request: Request) -> Response:
    """Remove the room and its answers; or the word of one that could not be made."""
    studio, code = studio_of(request), request.path_params["code"]
    making = studio.rooms.making.get(code)
    if making and making.problem:
        del studio.rooms.making[code]
    else:
        await anyio.to_thread.run_sync(studio.rooms.remove, code)
    return Response(status_code=204, headers={"hx-redirect": "/rooms"})


async def table(request: Request) -> Response:
    """All answers as CSV."""
    here = await _room(request)
    text = await anyio.to_thread.run_sync(_csv, here)
    return _download(text, "text/csv", "answers.csv")


async def quiz(request: Request) -> Response:
    """The same trials as a page by itself, for who is not on this network."""
    here = await _room(request)
    text = await anyio.to_thread.run_sync((here.folder / QUIZ).read_bytes)
    return _download(text, "text/html", "quiz.html")


async def paste(request: Request) -> Response:
    """Count the results that judges of that page have sent."""
    here = await _room(request)
    text = str((await request.form()).get("results", ""))
    said = await anyio.to_thread.run_sync(_pasted, here, text)
    return page(request, "rooms/pasted.html", said=said)


def _pasted(room: Room, text: str) -> list[str]:
    """Lines on what was counted. Raises `UserError` where ``text`` holds no results of the room."""
    told: list[str] = []
    try:
        sittings = read_sittings(room.folder / QUIZ, [("what was pasted", text)], told.append)
    except UserError as error:
        raise UserError(str(error).replace(str(room.folder / QUIZ), "this room")) from None
    kept = room.paste(sittings)
    for lot in kept:
        lot.done.result()
    known = len(sittings) - len(kept)
    said = [f"{len(kept)} added"] + ([f"{known} known already"] if known else [])
    return [f"Results of judges: {', '.join(said)}.", *told]


def _csv(room: Room) -> bytes:
    return without_formulas(by_image(room.answers())).to_csv(index=False).encode()


def _count(room: Room) -> dict[str, int | bool]:
    """What changes while judges are at work."""
    return {"judges": len(room.judges), "answered": room.answered, "open": room.open}


async def _making_events(making: Making) -> AsyncIterator[ServerSentEvent]:
    async for done, doing, problem, ready in changes(
        lambda: (making.done, making.doing, making.problem, making.ready)
    ):
        told = {"done": done, "doing": doing, "steps": making.steps}
        yield ServerSentEvent(data=json.dumps(told), event="making")
        if problem or ready:
            yield ServerSentEvent(data=problem, event="problem" if problem else "ready")
            return


async def _set_open(request: Request, value: bool) -> Response:
    here = await _room(request)
    await anyio.to_thread.run_sync(setattr, here, "open", value)
    return Response(status_code=204)


async def _with_links(request: Request, template: str, room: Room) -> Response:
    known = await _links(request, room)
    shared = studio_of(request).settings.share
    return page(request, template, room=room, links=known, shared=shared, **_count(room))


async def _links(request: Request, room: Room) -> list[str]:
    return await anyio.to_thread.run_sync(links, studio_of(request).settings, room.code)


def _making(request: Request) -> Making | None:
    making = studio_of(request).rooms.making.get(request.path_params["code"])
    return making if making and not making.ready else None


async def _room(request: Request) -> Room:
    return await anyio.to_thread.run_sync(
        studio_of(request).rooms.room, request.path_params["code"]
    )


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


routes = [
    Route("/rooms", rooms),
    Route("/rooms", new, methods=["POST"]),
    Route("/rooms/{code}", room),
    Route("/rooms/{code}/screen", screen),
    Route("/rooms/{code}/events", events),
    Route("/rooms/{code}/result", result),
    Route("/rooms/{code}/judges", judges),
    Route("/rooms/{code}/shown/{trial}", shown),
    Route("/rooms/{code}/qr/{which}", qr),
    Route("/rooms/{code}/close", close, methods=["POST"]),
    Route("/rooms/{code}/reopen", reopen, methods=["POST"]),
    Route("/rooms/{code}/remove", remove, methods=["POST"]),
    Route("/rooms/{code}/answers.csv", table),
    Route("/rooms/{code}/quiz.html", quiz),
    Route("/rooms/{code}/results", paste, methods=["POST"]),
]
