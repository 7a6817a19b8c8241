"""The way in: the token that the studio printed, for a cookie."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..context import studio_of
from ..rendering import page


async def login(request: Request) -> Response:
    """With ``?token=`` (the link that was printed) or the form's ``token``: in, if it is right."""
    studio = studio_of(request)
    form = await request.form() if request.method == "POST" else request.query_params
    token = form.get("token")
    if token is None:
        return page(request, "login.html", why="")
    who = request.client.host if request.client else ""
    if not studio.logins.allowed(who):
        why = "Too many attempts; wait a minute."
        return page(request, "login.html", status=429, why=why)
    if not isinstance(token, str) or not studio.sessions.admits(token):
        why = "This is not the token that the studio printed when it started."
        return page(request, "login.html", status=403, why=why)
    answer = RedirectResponse("/", 303)
    studio.sessions.begin(answer, "owner")
    return answer


routes = [Route("/login", login, methods=["GET", "POST"])]
