"""The quiz as a page by itself: one file, which works from a disk and asks the network for
nothing."""

from __future__ import annotations

from ..core.spec import ImageSpec
from ..evaluate.report.document import document
from ..evaluate.report.markup import tag
from .component import QUIZ_SCRIPT, QUIZ_STYLE, quiz_fragment
from .trials import Trials


def quiz_page(
    trials: Trials,
    spec: ImageSpec,
    *,
    title: str = "Which one is real?",
    limit: float | None = None,
) -> str:
    """The page as HTML; ``limit`` as in `quiz_fragment`."""
    main = tag(
        "main",
        tag("header", tag("h1", title)),
        quiz_fragment(trials, spec, limit=limit),
        class_="quiz-page",
        id="main",
    )
    return document(title, main, style=QUIZ_STYLE, script=QUIZ_SCRIPT)
