"""The same lecture as a notebook: text, questions, answers and figures, and the lines of Python
that show what the models have learned when they are run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..page.asked_again import in_python
from ..page.page import Part, answer, strings_of
from ..page.prose import literal
from .figures import with_pictures

if TYPE_CHECKING:
    from ..course import Course
    from ..figures import Figure

_FORMAT = {"nbformat": 4, "nbformat_minor": 5}


def notebook(course: Course, parts: list[Part]) -> str:
    """The notebook's file, to be run where it lies."""
    words = replace(course.strings, facts={"source": literal(course.source)})
    head = "\n\n".join([f"# {words.text('page', 'title')}", *words.paragraphs("page", "lead")])
    cells = [_text("head", head), _code("data", _data(course))]
    for part in parts:
        cells += _chapter(course, part)
    language = {"language_info": {"name": "python"}}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": language | kernel, **_FORMAT}, indent=1)


def _data(course: Course) -> str:
    """The lines that name the data as the notebook finds them from its own folder; a named set by
    its name, and data that were handed over in Python by their type, to be replaced."""
    place = os.path.relpath(course.place, course.folder) if course.place else course.source
    opened = in_python(place, course.options)
    return f"import genlearn as gl\nDATA = {opened}" if course.options else f"DATA = {opened}"


def _chapter(course: Course, part: Part) -> list[dict[str, Any]]:
    key, words = part.chapter.key, strings_of(course, part, "runs", "DATA")
    title = f"## {part.chapter.number}  {words.text(key, 'title')}"
    if part.unsuited:
        return [_text(key, f"{title}\n\n{words.text('unsuited', part.unsuited)}")]
    lead = "\n\n".join([title, *words.paragraphs(key, "lead")])
    asked = f"**{words.known(words.tables[key]['question'])}**"
    told = "\n\n".join(answer(words, part))
    after = f"<details><summary>{words.text('page', 'reveal')}</summary>\n\n{told}\n\n</details>"
    notice = "\n".join(f"- {line}" for line in words.paragraphs(key, "notice"))
    theory = f"$${words.tables[key]['formula']}$$\n\n{words.text(key, 'symbols')}"
    command = f"```\n{words.text(key, 'command')}\n```"
    return [
        _text(f"{key}-lead", lead, part.drawn.shown),
        _text(f"{key}-question", asked),
        _code(f"{key}-code", words.text(key, "python")),
        _text(f"{key}-answer", after, part.drawn.revealed),
        _text(f"{key}-theory", "\n\n".join([notice, theory, command])),
    ]


def _text(name: str, text: str, figures: Iterable[Figure] = ()) -> dict[str, Any]:
    source, attached = with_pictures(text, figures, name)
    cell = {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
    return {**cell, "attachments": attached} if attached else cell


def _code(name: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text,
    }
