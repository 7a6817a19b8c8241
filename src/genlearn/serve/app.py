"""The service as one application: questions, health, metrics, and its description."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..core.errors import UserError, exhausted, first_line
from ..core.registry import name_of
from ..studio.security.limits import BodyLimit
from . import openapi
from .batcher import Batcher, Full
from .clients import Gone, while_there
from .formats import JSON, NPY, read_examples, read_json, read_npy, written
from .metrics import Metrics
from .questions import Asked, Questions

_GONE = 499  # as proxies say of a client that left
log = logging.getLogger("genlearn.serve")


@dataclass(frozen=True)
class Limits:
    """``batch``: examples that are asked together, and most of a request; ``waiting``: examples
    that may wait; ``seconds`` until a request is given up; ``steps`` of a sampler; ``body``: bytes
    of a request."""

    batch: int = 256
    waiting: int = 2048
    seconds: float = 60.0
    steps: int = 1000
    body: int = 32 << 20


@dataclass
class Service:
    """A fitted ``model`` behind its questions; ``token``: what clients have to know, if any."""

    model: Any
    limits: Limits = field(default_factory=Limits)
    token: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        most = self.limits
        self.questions = Questions(self.model, most.batch, self.seed, most.steps)
        self.metrics = Metrics()
        self.batcher = Batcher(most.batch, most.waiting, most.seconds, self.metrics.worked)

    def app(self) -> Starlette:
        """The application."""
        asked = [
            Route(f"/{name}", self._answering(name), methods=["POST"])
            for name in self.questions.names
        ]
        known = [
            Route("/", self._about),
            Route("/health", self._about),
            Route("/metrics", self._metrics),
            Route("/openapi.json", self._document),
        ]
        ends = dict.fromkeys(("/encode", "/decode", "/score"), self.limits.body)
        return Starlette(
            routes=[*asked, *known],
            middleware=[Middleware(BodyLimit, larger=ends)],
            exception_handlers={HTTPException: _http, Exception: _defect},
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with self.batcher.running():
            yield

    def _answering(self, name: str) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            start, status = time.perf_counter(), 500
            try:
                response = await self._answer(name, request)
                status = response.status_code
                return response
            finally:
                self.metrics.answered(name, status, time.perf_counter() - start)

        return answer

    async def _answer(self, name: str, request: Request) -> Response:
        """To one request; what is wrong with it is told."""
        try:
            self._check_token(request)
            kind, body = request.headers.get("content-type", JSON), await request.body()
            asked = await to_thread.run_sync(self._asked, name, kind, body)
            question = self.batcher.ask(asked.kind, asked.count, asked.given, asked.work)
            found = await while_there(request, question)
            accept = request.headers.get("accept", JSON)
            return await to_thread.run_sync(_written, name, found, asked, accept)
        except UserError as error:
            return _told(400, str(error))
        except Full as error:
            return _told(429, str(error), {"retry-after": str(error.seconds)})
        except TimeoutError:
            return _told(503, f"no answer within {self.limits.seconds:g} s; ask for less, or later")
        except Gone:
            return Response(status_code=_GONE)
        except HTTPException as error:
            return _told(error.status_code, error.detail)

    def _asked(self, name: str, kind: str, body: bytes) -> Asked:
        if name == "sample":
            return self.questions.sample(read_json(body))
        given = read_npy(body) if kind.startswith(NPY) else read_examples(body)
        asked: Asked = getattr(self.questions, name)(given)
        return asked

    def _check_token(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.token and not hmac.compare_digest(given.encode(), self.token.encode()):
            raise HTTPException(401, "a token is asked for: Authorization: Bearer TOKEN")

    async def _about(self, request: Request) -> Response:
        model = self.model
        return JSONResponse(
            {
                "model": name_of(type(model)),
                "questions": self.questions.names,
                "shape": list(model.spec_.user_shape),
                "classes": list(model.spec_.classes),
                "waiting": self.batcher.waiting,
            }
        )

    async def _metrics(self, request: Request) -> Response:
        return Response(
            self.metrics.text(self.batcher.waiting), media_type="text/plain; version=0.0.4"
        )

    async def _document(self, request: Request) -> Response:
        return JSONResponse(openapi.document(self.questions, bool(self.token)))


def _written(name: str, found: Any, asked: Asked, accept: str) -> Response:
    values, told = found if name == "sample" else (found, {})
    headers = {f"genlearn-{key}": str(value) for key, value in told.items()}
    noted = {"notes": list(asked.notes)} if asked.notes else {}
    key = "examples" if asked.spec else {"encode": "codes", "score": "log_prob"}[name]
    content, kind = written(values, asked.spec, accept, key, told | noted)
    return Response(content, media_type=kind, headers=headers)


def _told(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"detail": detail}, status, headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told(error.status_code, error.detail)


async def _defect(request: Request, error: Exception) -> Response:
    if lack := exhausted(error):
        return _told(507, lack)
    log.error("%s %s", request.method, request.scope["path"], exc_info=error)
    what = f"{type(error).__name__}: {first_line(error)}"
    return _told(500, f"{what}. This is a defect of genlearn.")
