"""Data: what can be chosen, what is in it, what is wrong with it and how that is mended."""

from __future__ import annotations

from starlette.routing import Route

from .captions import captions
from .pictures import card, example, sheet
from .reading import reading
from .source import begin, look, source
from .sources import sources
from .upload import upload

routes = [
    Route("/data", sources),
    Route("/data/upload", upload, methods=["POST"]),
    Route("/data/{source}", source),
    Route("/data/{source}/look", look),
    Route("/data/{source}/look", begin, methods=["POST"]),
    Route("/data/{source}/reading", reading, methods=["POST"]),
    Route("/data/{source}/captions", captions),
    Route("/data/{source}/sheet.png", sheet),
    Route("/data/{source}/thumbnail.png", card),
    Route("/data/{source}/example.png", example),
]
