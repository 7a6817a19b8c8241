"""Captions, searched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ...context import Studio, studio_of
from ...inspection.findings import CAPTIONS
from ...rendering import page
from .kept import kept, whole

_AT_ONCE = 24
_LONGEST = 200  # characters that are looked for


@dataclass(frozen=True)
class Matches:
    """Captions that have all words of a search: ``count`` of ``among``, and those that are shown,
    by the index of their example."""

    words: str
    count: int
    among: int
    start: int
    shown: list[tuple[int, str]]

    @property
    def before(self) -> int | None:
        """Where the page before begins."""
        return max(0, self.start - _AT_ONCE) if self.start else None

    @property
    def after(self) -> int | None:
        """Where the next page begins."""
        return self.start + _AT_ONCE if self.start + _AT_ONCE < self.count else None


async def captions(request: Request) -> Response:
    """Those that hold the words of ``q``, from number ``start`` on."""
    words = request.query_params.get("q", "")[:_LONGEST]
    start = whole(request, "start")
    id = request.path_params["source"]
    values = await run_sync(_matches, studio_of(request), id, words, start)
    return page(request, "data/captions.html", **values)


def _matches(studio: Studio, id: str, words: str, start: int) -> dict[str, Any]:
    source, folder, found = kept(studio, id)
    if not found.captions:
        raise HTTPException(404)
    return {
        "source": source,
        "found": found,
        "version": folder.name,
        "matches": search(folder, words, start),
    }


def search(folder: Path, words: str, start: int) -> Matches:
    """Among the captions that were found in ``folder``."""
    texts = _captions(folder / CAPTIONS, (folder / CAPTIONS).stat().st_mtime_ns)
    wanted = words.casefold().split()
    hits = [
        (i, text)
        for i, (text, plain) in enumerate(texts)
        if text and all(word in plain for word in wanted)
    ]
    among = sum(bool(text) for text, _ in texts)
    start = start if start < len(hits) else 0
    return Matches(words, len(hits), among, start, hits[start : start + _AT_ONCE])


@lru_cache(2)
def _captions(path: Path, changed: int) -> list[tuple[str, str]]:
    """Each caption, and as it is compared."""
    texts = msgspec.json.decode(path.read_bytes(), type=list[str])
    return [(text, text.casefold()) for text in texts]
