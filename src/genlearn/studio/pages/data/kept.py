"""What was found in a set of data when it was looked at last, for parts of its page."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request

from ...context import Studio
from ...inspection.findings import Findings
from ...inspection.inspector import findings_in
from ...library.datasets import DataSource


def kept(studio: Studio, id: str) -> tuple[DataSource, Path, Findings]:
    """The source, the folder of its findings, and these. Raises a 404 where there are none."""
    source = studio.library.source(id)
    folder = studio.inspector.kept(source)
    found = findings_in(folder) if folder else None
    if folder is None or found is None:
        raise HTTPException(404)
    return source, folder, found


def whole(request: Request, name: str) -> int:
    """A whole number of the query from 0 up, 0 where it is not given. Raises a 404 for others."""
    text = request.query_params.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise HTTPException(404)
    return int(text)
