"""The same lecture as a notebook: text, questions and answers, and the lines of Python that show
what the models have learned when they are run."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .page.page import Part, strings_of
from .page.prose import literal

if TYPE_CHECKING:
    from .course import Course

_FORMAT = {"nbformat": 4, "nbformat_minor": 5}


def notebook(course: Course, parts: list[Part]) -> str:
    """The notebook's file, to be run where it lies."""
    words = replace(course.strings, facts={"source": literal(course.source)})
    head = "\n\n".join([f"# {words.text('page', 'title')}", *words.paragraphs("page", "lead")])
    cells = [_text("head", head), _code("data", f"DATA = {_data(course)!r}")]
    for part in parts:
        cells += _chapter(course, part)
    language = {"language_info": {"name": "python"}}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": language | kernel, **_FORMAT}, indent=1)


def _data(course: Course) -> str:
    """The data as the notebook finds them from its own folder; a named set by its name, and data
    that were handed over in Python by their type, to be replaced."""
    return os.path.relpath(course.place, course.folder) if course.place else course.source


def _chapter(course: Course, part: Part) -> list[dict[str, Any]]:
    key, words = part.chapter.key, strings_of(course, part, "runs", "DATA")
    title = f"## {part.chapter.number}  {words.text(key, 'title')}"
    if part.unsuited:
        return [_text(key, f"{title}\n\n{words.text('unsuited', part.unsuited)}")]
    lead = "\n\n".join([title, *words.paragraphs(key, "lead")])
    asked = f"**{words.known(words.tables[key]['question'])}**"
    told = "\n\n".join(words.paragraphs(key, "answer"))
    notice = "\n".join(f"- {line}" for line in words.paragraphs(key, "notice"))
    theory = f"$${words.tables[key]['formula']}$$\n\n{words.text(key, 'symbols')}"
    command = f"```\n{words.text(key, 'command')}\n```"
    after = f"<details><summary>{words.text('page', 'reveal')}</summary>\n\n{told}\n\n</details>"
    return [
        _text(f"{key}-lead", f"{lead}\n\n{asked}"),
        _code(f"{key}-code", words.text(key, "python")),
        _text(f"{key}-answer", "\n\n".join([after, notice, theory, command])),
    ]


def _text(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text,
    }
