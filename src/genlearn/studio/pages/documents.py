"""Reports, lectures and quizzes as pages of their own.

Whoever wrote such a page wrote its script, and it may have come with a folder from elsewhere. So it
is shown in an origin of its own (`headers.APART`), which nothing of the studio can be reached from.
"""

from __future__ import annotations

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..context import studio_of
from ..library.documents import find_documents
from ..security.headers import APART


async def document(request: Request) -> Response:
    """The page, apart."""
    library = studio_of(request).library
    found = await anyio.to_thread.run_sync(find_documents, library)
    there = found.get(request.path_params["document"])
    if there is None:
        raise HTTPException(404)
    content = await anyio.to_thread.run_sync(there.read)
    return Response(content, media_type="text/html", headers={"content-security-policy": APART})


routes = [Route("/documents/{document}", document)]
