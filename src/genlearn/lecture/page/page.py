"""The page: twelve chapters, each with a question to answer before its figures are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...evaluate.report.document import Words, document
from ...evaluate.report.markup import Html, tag
from ...turing import QUIZ_SCRIPT, QUIZ_STYLE
from ..chapter import Chapter, Drawn
from ..figures import Figure
from ..strings import Strings
from .asked_again import in_python, reading, training
from .prose import formula, literal, prose
from .render import figure, sprites

if TYPE_CHECKING:
    from ..course import Course


@dataclass(frozen=True)
class Part:
    """A chapter with what it has drawn, or the name of the string that says why it does not suit
    the data."""

    chapter: Chapter
    drawn: Drawn
    unsuited: str = ""


def render(course: Course, parts: list[Part]) -> str:
    """The lecture as HTML."""
    words = replace(course.strings, facts={"source": literal(course.source)})
    body = tag(
        "main",
        _header(words, parts),
        [_chapter(course, part) for part in parts],
        tag("footer", tag("p", prose(words.text("page", "foot")))),
        id="main",
    )
    quiz = QUIZ_SCRIPT if any(part.drawn.quiz for part in parts) else ""
    said = Words(words.language, words.text("page", "skip"), words.text("page", "theme"))
    return document(
        replace(words, facts={"source": course.source}).text("page", "title"),
        sprites(_figures(parts)),
        body,
        style=QUIZ_STYLE + page_text("lecture.css"),
        script=page_text("lecture.js") + quiz,
        words=said,
    )


def strings_of(course: Course, part: Part, runs: str, variable: str) -> Strings:
    """The strings of a chapter, with its facts; ``runs`` is where its code finds them, and
    ``variable`` what the data are called there."""
    facts = {
        "source": literal(course.source),
        "data": reading(course.source, course.options),
        "training": training(course.source, course.options),
        "runs": runs.replace("\\", "\\\\").replace("'", "\\'"),
        "variable": variable,
    }
    words = course.strings if course.images else course.strings.of_rows()
    return replace(words, facts=facts | part.drawn.facts)


def _figures(parts: list[Part]) -> list[Figure]:
    return [one for part in parts for one in (*part.drawn.shown, *part.drawn.revealed)]


def _header(words: Strings, parts: list[Part]) -> Html:
    links = [
        tag("li", tag("a", words.tables[p.chapter.key]["title"], href=f"#{p.chapter.key}"))
        for p in parts
    ]
    return tag(
        "header",
        tag("p", words.text("page", "kicker"), class_="kicker"),
        tag("h1", prose(words.text("page", "title"))),
        [tag("p", prose(text), class_="lead") for text in words.paragraphs("page", "lead")],
        tag("nav", tag("ol", links), aria_label=words.text("page", "contents"), class_="course"),
    )


def _chapter(course: Course, part: Part) -> Html:
    words = strings_of(
        course, part, f"{course.folder}/runs", in_python(course.source, course.options)
    )
    key = part.chapter.key
    head = tag(
        "h2",
        tag("span", str(part.chapter.number), class_="number"),
        words.text(key, "title"),
        id=f"{key}-title",
    )
    content = (
        [tag("p", prose(words.text("unsuited", part.unsuited)), class_="meaning")]
        if part.unsuited
        else list(_content(words, part))
    )
    return tag("section", head, content, id=key, aria_labelledby=f"{key}-title")


def _content(words: Strings, part: Part) -> Iterator[Html]:
    key, drawn = part.chapter.key, part.drawn
    yield from (tag("p", prose(text), class_="text") for text in words.paragraphs(key, "lead"))
    yield tag("div", [figure(one) for one in drawn.shown], class_="shown")
    told = [tag("p", prose(text), class_="text") for text in answer(words, part)]
    figures = tag("div", [figure(one) for one in drawn.revealed], class_="shown")
    yield tag(
        "details",
        tag(
            "summary",
            tag("span", prose(words.known(words.tables[key]["question"]))),
            tag("b", words.text("page", "reveal")),
        ),
        told,
        figures,
        drawn.quiz,
        class_="question",
    )
    yield tag("h3", words.text("page", "notice"))
    yield tag(
        "ul", [tag("li", prose(text)) for text in words.paragraphs(key, "notice")], class_="notes"
    )
    yield formula(words.tables[key]["formula"])
    yield tag("p", prose(words.text(key, "symbols")), class_="meaning")
    yield tag("h3", words.text("page", "again"))
    yield _code(words.text(key, "command"))
    yield _code(words.text(key, "python"))


def answer(words: Strings, part: Part) -> list[str]:
    """The paragraphs of the answer, or that there was too little time for what would give it."""
    if part.drawn.revealed or part.drawn.quiz:
        return words.paragraphs(part.chapter.key, "answer")
    return [words.text("page", "no_time")]


def _code(text: str) -> Html:
    return tag("pre", tag("code", text.strip()), tabindex="0")


def page_text(name: str) -> str:
    """lecture.css or lecture.js."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
