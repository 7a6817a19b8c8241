"""Views of `genlearn.explore` as pictures."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from ...core.capabilities import Array
from ...core.errors import UserError
from ...explore import VIEWS, Question
from ...explore.picture import still
from ..library.runs import RunFolder


def drawn(name: str, run: RunFolder, model: Any, seed: int = 0) -> bytes:
    """The view called ``name`` of the ``model`` of ``run``, which needs no examples, as a PNG."""
    question = Question({str(run.path): model}, _no_data, _silent, seed=seed)
    shown = VIEWS[name].draw(question)
    content = BytesIO()
    still(shown, model.spec_).save(content, "PNG")
    return content.getvalue()


def _no_data(n: int) -> Array:
    raise UserError(f"{n} examples were asked for; this view takes none")


def _silent(line: str) -> None:
    pass
