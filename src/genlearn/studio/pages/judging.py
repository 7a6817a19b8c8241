"""A judge's side of a room: its link lets in, and opens that room alone.

A judge is known by the name of the session. The cookie dies with the studio's process, as all do;
so the page keeps that name in the browser as well, and shows it when the room's link is opened
anew, to go on where the judge was. Who does not have it any more begins anew, as another judge.

Places are counted in the judge's own order, from 0. Before a judge is through, answers to a place
are alike whatever it shows: a picture of the same length, a line that counts.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import anyio.to_thread
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...core.errors import UserError
from ..context import session_of, studio_of
from ..rendering import page
from ..rooms.journal import Lot
from ..rooms.judge import LONGEST_NAME, Given, Judge
from ..rooms.results import own_result
from ..rooms.room import Room

T = TypeVar("T")


class _Name(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]


class _Code(msgspec.Struct):
    code: Annotated[str, msgspec.Meta(max_length=64)]


class _Answer(msgspec.Struct):
    """Of the image at ``place``, after so many milliseconds."""

    place: int
    answer: Literal[0, 1]
    ms: Annotated[float, msgspec.Meta(ge=0, le=86_400_000)]


async def enter(request: Request) -> Response:
    """The page of the room; a session for who has none in it."""
    try:
        room = await _room(request)
    except HTTPException as error:
        return page(request, "rooms/no_room.html", status=error.status_code, why=error.detail)
    studio, session, begun = studio_of(request), session_of(request), Response()
    if session is None or session.room != room.code:
        if not studio.rooms.entries.allowed(_who(request)):
            why = "Many have come in from this address just now; open the link again in a minute."
            return page(request, "rooms/no_room.html", status=429, why=why)
        request.scope["session"] = studio.sessions.begin(begun, "judge", room.code)
    answer = page(request, "rooms/judge.html", room=room.about, longest=LONGEST_NAME)
    for cookie in begun.headers.getlist("set-cookie"):
        answer.headers.append("set-cookie", cookie)
    return answer


async def state(request: Request) -> Response:
    """Where the judge is."""
    room, judge = await _room_and_judge(request, beginner=True)
    where = {"answered": judge.next, "code": judge.id} if judge else {"answered": 0}
    return JSONResponse({"begun": bool(judge), "open": room.open} | where)


async def begin(request: Request) -> Response:
    """Begin, with a name or without; the code by which to go on after the studio was started
    anew."""
    room, _ = await _room_and_judge(request, beginner=True)
    asked = await _body(request, _Name)
    await _kept(room.begin(_session(request, room), asked.name))
    return JSONResponse({"code": _session(request, room)})


async def resume(request: Request) -> Response:
    """Go on as the judge who was given this code; the page is to be loaded again."""
    room, _ = await _room_and_judge(request, beginner=True)
    asked = await _body(request, _Code)
    if asked.code not in room.judges:
        raise HTTPException(404)
    answer = Response(status_code=204)
    studio_of(request).sessions.begin(answer, "judge", room.code, asked.code)
    return answer


async def leave(request: Request) -> Response:
    """Make place for another judge at the same device."""
    room, _ = await _room_and_judge(request, beginner=True)
    answer = Response(status_code=204)
    if not studio_of(request).rooms.entries.allowed(_who(request)):
        raise HTTPException(429, "Many have come in just now; try again in a minute.")
    studio_of(request).sessions.begin(answer, "judge", room.code)
    return answer


async def shown(request: Request) -> Response:
    """What is shown at a place: up to the one after that whose turn it is, which is loaded in
    advance."""
    room, judge = await _room_and_judge(request)
    loadable = judge.order[: judge.next + 2]
    trial = dict(zip(map(str, range(len(loadable))), loadable, strict=True)).get(
        request.path_params["place"]
    )
    if trial is None:
        raise HTTPException(404)
    return Response(room.picture(trial), media_type="image/png")


async def answer(request: Request) -> Response:
    """Take an answer, once; the place whose turn it is then, and what is told of it, if
    anything."""
    room, judge = await _room_and_judge(request)
    asked = await _body(request, _Answer)
    given = room.answer(judge, asked.place, asked.answer, asked.ms)
    await _kept(given.lot)
    told: dict[str, Any] = {"answered": judge.next}
    if asked.place < room.about.practice or room.about.tells == "each":
        told |= _truth(room, judge, asked.place, given)
    return JSONResponse(told)


async def result(request: Request) -> Response:
    """How the judge did, when all is answered or the room is closed."""
    room, judge = await _room_and_judge(request)
    if room.open and not judge.finished:
        raise HTTPException(409, "There are images left.")
    found = None
    if room.about.tells != "never":
        found = await anyio.to_thread.run_sync(own_result, room, judge)
    return page(request, "rooms/judged.html", room=room.about, judge=judge, found=found)


def _truth(room: Room, judge: Judge, place: int, given: Given) -> dict[str, Any]:
    source, right = room.about.truths[judge.order[place]]
    name = room.about.sources[source] if source >= 0 else ""
    return {"given": given.answer, "right": right, "source": name}


async def _room(request: Request) -> Room:
    """The room of the path. Raises a 404 where there is none, and a 429 who asks for many of these;
    `UserError` where it is damaged."""
    rooms, code = studio_of(request).rooms, request.path_params["code"]
    try:
        known = rooms.known(code)
        return known if known is not None else await anyio.to_thread.run_sync(rooms.room, code)
    except HTTPException:
        if rooms.misses.allowed(_who(request)):
            raise
        raise HTTPException(429, "too many attempts; wait a minute") from None


async def _room_and_judge(request: Request, beginner: bool = False) -> Any:
    """The room, and its judge who asks; None is allowed for a ``beginner``. Raises a 403 without a
    session in this room."""
    room = await _room(request)
    judge = room.judges.get(_session(request, room))
    if judge is None and not beginner:
        raise HTTPException(409, "Begin first: open the link of the room.")
    return room, judge


def _session(request: Request, room: Room) -> str:
    session = session_of(request)
    if session is None or session.room != room.code:
        raise HTTPException(403, "Open the link of the room first.")
    return session.name


async def _body(request: Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise UserError(f"what was sent cannot be read ({error}); load the page again") from None


async def _kept(lot: Lot) -> None:
    try:
        await lot.kept()
    except OSError as error:
        why = f"The answer could not be kept ({error.strerror}); try again."
        raise HTTPException(507, why) from None


def _who(request: Request) -> str:
    return request.client.host if request.client else ""


routes = [
    Route("/room/{code}", enter),
    Route("/room/{code}/state", state),
    Route("/room/{code}/begin", begin, methods=["POST"]),
    Route("/room/{code}/resume", resume, methods=["POST"]),
    Route("/room/{code}/leave", leave, methods=["POST"]),
    Route("/room/{code}/shown/{place}", shown),
    Route("/room/{code}/answer", answer, methods=["POST"]),
    Route("/room/{code}/result", result),
]
