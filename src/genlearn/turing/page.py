"""The quiz as a page by itself: one file, which works from a disk and asks the network for
nothing."""

from __future__ import annotations

from importlib.resources import files

from ..core.spec import ImageSpec
from ..evaluate.report.markup import Html, tag
from .component import QUIZ_SCRIPT, QUIZ_STYLE, quiz_fragment
from .trials import Trials

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def quiz_page(
    trials: Trials,
    spec: ImageSpec,
    *,
    title: str = "Which one is real?",
    limit: float | None = None,
) -> str:
    """The page as HTML; ``limit`` as in `quiz_fragment`."""
    style = files("genlearn.evaluate.report").joinpath("style.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Html(style + QUIZ_STYLE)),
    )
    body = tag(
        "body",
        tag(
            "main",
            tag("header", tag("h1", title)),
            quiz_fragment(trials, spec, limit=limit),
            class_="quiz-page",
        ),
        tag("script", Html(QUIZ_SCRIPT)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"
