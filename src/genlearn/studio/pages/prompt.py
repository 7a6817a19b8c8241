"""Drawing what is asked for, and all that was drawn so far."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ...core.errors import UserError, exhausted, first_line
from ...core.spec import ImageSpec
from ..context import studio_of
from ..library.runs import RunFolder
from ..prompting import record
from ..prompting.asked import MOST, asked_from
from ..prompting.drawing import Progress, Stopped, pictures
from ..prompting.fields import form_of
from ..prompting.history import Entry
from ..prompting.record import history_of
from ..prompting.starts import initial, keep_picture
from ..prompting.view import Shown
from ..prompting.words import some_captions
from ..rendering import page, rendered
from ..serving.pictures import decode_picture
from ..typed import LARGEST

_SHOWN = 10  # drawings at a time
_PERIOD = 0.1  # seconds between looks at how far it is
log = logging.getLogger("genlearn.studio")


async def prompt(request: Request) -> Response:
    """The form, and the latest drawings."""
    run = _run(request)
    entries = history_of(studio_of(request), run).entries()
    return page(
        request,
        "prompt/page.html",
        run=run,
        form=form_of(run),
        drawings=_shown(run, entries[:_SHOWN]),
        older=len(entries) > _SHOWN,
        most=MOST,
        largest_seed=LARGEST,
    )


async def older(request: Request) -> Response:
    """Drawings before the one that is called ``before``."""
    run = _run(request)
    entries = history_of(studio_of(request), run).entries()
    before = request.query_params.get("before", "")
    place = next((i for i, entry in enumerate(entries) if entry.id == before), len(entries)) + 1
    return page(
        request,
        "prompt/list.html",
        run=run,
        drawings=_shown(run, entries[place : place + _SHOWN]),
        older=len(entries) > place + _SHOWN,
    )


async def captions(request: Request) -> Response:
    """Some that the model learned from, which contain ``text``."""
    run, text = _run(request), request.query_params.get("text", "")[:200]
    library = studio_of(request).library
    found = await anyio.to_thread.run_sync(some_captions, library, run, text)
    return page(request, "prompt/captions.html", captions=found, text=text)


async def draw(request: Request) -> Response:
    """Draw what the form says: lines of JSON tell how far it is, and the last one what came of
    it."""
    run, studio = _run(request), studio_of(request)
    asked = asked_from(run, form_of(run), await request.form())

    async def work(progress: Progress) -> dict[str, str]:
        entry = await record.new(studio, run, asked, progress)
        said = f"{entry.count} image{'s' if entry.count > 1 else ''} in {entry.seconds:.1f} s."
        return {"html": _markup(request, run, entry), "said": said}

    return _told(work)


async def again(request: Request) -> Response:
    """Draw one of the drawings again, exactly; told as by `draw`."""
    run, studio = _run(request), studio_of(request)
    entry = history_of(studio, run).entry(request.path_params["drawing"])

    async def work(progress: Progress) -> dict[str, str]:
        result = await record.again(studio, run, entry, progress)
        html = _markup(request, run, result.entry) if result.entry else ""
        return {"html": html, "said": result.said}

    return _told(work)


async def remove(request: Request) -> Response:
    """Forget a drawing."""
    run = _run(request)
    history_of(studio_of(request), run).remove(request.path_params["drawing"])
    return Response(status_code=204)


async def picture(request: Request) -> Response:
    """One image of a drawing, its sheet, or what it started from."""
    run, name = _run(request), request.path_params["name"]
    content = history_of(studio_of(request), run).file(request.path_params["drawing"], name)
    kind = "image/png" if name.endswith(".png") else "application/octet-stream"
    return Response(content, media_type=kind)


async def everything(request: Request) -> Response:
    """All images of a drawing and its settings, as an archive."""
    run = _run(request)
    history = history_of(studio_of(request), run)
    archive = history.archive(history.entry(request.path_params["drawing"]).id)
    if not archive.is_file():
        raise HTTPException(404)
    name = f"{run.path.name}-{archive.stem}.zip".encode("ascii", "replace").decode()
    kept = {"content-disposition": f'attachment; filename="{name}"'.replace("?", "_")}
    return Response(archive.read_bytes(), media_type="application/zip", headers=kept)


async def upload(request: Request) -> Response:
    """Make a picture ready to start from; how it is named as a start."""
    run, content = _run(request), await request.body()
    made = await anyio.to_thread.run_sync(decode_picture, content, _images(run))
    library = studio_of(request).library
    name = await anyio.to_thread.run_sync(keep_picture, library, made.values)
    return JSONResponse({"start": name, "note": made.note})


async def start(request: Request) -> Response:
    """What samples would start from, as a picture."""
    run, text = _run(request), request.query_params.get("start", "")
    library = studio_of(request).library
    values = await anyio.to_thread.run_sync(initial, library, run, text)
    if values is None:
        raise HTTPException(404)
    return Response(pictures(values, _images(run))[0], media_type="image/png")


def _run(request: Request) -> RunFolder:
    """The run of images that is asked. Raises a 404 where it draws none."""
    run = studio_of(request).library.run(request.path_params["run"])
    if not run.draws_images:
        raise HTTPException(404)
    return run


def _images(run: RunFolder) -> ImageSpec:
    assert isinstance(run.spec, ImageSpec)  # since it draws images
    return run.spec


def _shown(run: RunFolder, entries: list[Entry]) -> list[Shown]:
    return [Shown(run, entry) for entry in entries]


def _markup(request: Request, run: RunFolder, entry: Entry) -> str:
    drawings = _shown(run, [entry])
    return rendered(request, "prompt/list.html", run=run, drawings=drawings, older=False)


def _told(work: Callable[[Progress], Awaitable[dict[str, str]]]) -> Response:
    """The answer that tells how ``work`` is going."""
    return StreamingResponse(_lines(work), media_type="application/x-ndjson")


async def _lines(work: Callable[[Progress], Awaitable[dict[str, str]]]) -> AsyncIterator[str]:
    """{"done": 2, "of": 6}, again and again; then what ``work`` gives, or {"problem": ...}."""
    progress, seen = Progress(), -1
    task = asyncio.ensure_future(work(progress))
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_PERIOD)
            if progress.done != seen:
                seen = progress.done
                yield json.dumps({"done": seen, "of": progress.of}) + "\n"
        yield json.dumps(_result(task)) + "\n"
    finally:
        progress.stopped = True
        task.add_done_callback(asyncio.Future.exception)  # which nobody waits for any more


def _result(task: asyncio.Future[dict[str, str]]) -> dict[str, str]:
    try:
        return task.result()
    except (UserError, Stopped, HTTPException) as error:
        return {"problem": str(error)}
    except Exception as error:
        if lack := exhausted(error):
            return {"problem": lack}
        log.error("drawing", exc_info=error)
        what = f"{type(error).__name__}: {first_line(error)}"
        return {"problem": f"{what}. This is a defect of genlearn."}


_AT = "/runs/{run}/prompt"
routes = [
    Route(_AT, prompt),
    Route(_AT, draw, methods=["POST"]),
    Route(f"{_AT}/older", older),
    Route(f"{_AT}/captions", captions),
    Route(f"{_AT}/start", start),
    Route(f"{_AT}/picture", upload, methods=["POST"]),
    Route(f"{_AT}/{{drawing}}/again", again, methods=["POST"]),
    Route(f"{_AT}/{{drawing}}/remove", remove, methods=["POST"]),
    Route(f"{_AT}/{{drawing}}/all.zip", everything),
    Route(f"{_AT}/{{drawing}}/{{name}}", picture),
]
