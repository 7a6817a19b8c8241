"""Views of `genlearn.explore` as pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...core.capabilities import Array
from ...core.errors import UserError
from ...core.image_grid import encoded
from ...core.spec import ImageSpec
from ...explore import VIEWS, Question
from ...explore.picture import still
from ..library.runs import RunFolder

_SHEETS = {"styles": 1}  # shown of a view; truncation has a slider


def drawn(
    name: str, run: RunFolder, model: Any, read: Callable[[int], Array], seed: int = 0
) -> bytes:
    """The view called ``name`` of the ``model`` of ``run`` as a PNG; ``read`` gives the first
    examples that it learned from. Raises `UserError` where there is nothing to see."""
    if not isinstance(run.spec, ImageSpec):
        raise UserError(f"{run.name} learned from no images, and what is shown here is pictures")
    question = Question({str(run.path): model}, read, lambda line: None, seed=seed)
    try:
        shown = VIEWS[name].draw(question)
    except UserError as error:
        raise UserError(str(error).replace(str(run.path), run.name)) from None
    return encoded(still(replace(shown, sheets=shown.sheets[: _SHEETS.get(name)]), run.spec))
