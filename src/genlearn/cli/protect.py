"""No output ever replaces an input: what a command writes may not be, or lie in, what it reads."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.errors import UserError

_INPUTS = ("data", "a", "b", "codes", "init", "mask", "file")  # parameters that may name files


def protecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """``command``, which first looks whether its ``out`` would replace an input."""

    @functools.wraps(command)
    def checked(*args: Any, **params: Any) -> Any:
        given = (params.get(name) for name in _INPUTS)
        check_output(params.get("out"), [text for text in given if isinstance(text, str)])
        return command(*args, **params)

    return checked


def check_output(out: str | None, inputs: list[str]) -> None:
    """Raise `UserError` where ``out`` is one of the ``inputs``, lies in a folder of them, or is a
    folder that one of them lies in."""
    if out is None:
        return
    place = Path(out).resolve()
    for text in inputs:
        read = _path(text).resolve()
        if read.exists() and (place == read or place in read.parents or read in place.parents):
            lies = "is" if place == read else "holds" if place in read.parents else "lies in"
            raise UserError(
                f"--out {out} {lies} {text}, which is read: its files could be replaced;"
                " choose another place"
            )


def _path(text: str) -> Path:
    """The file or folder that ``text`` names, by itself or as SET:INDEX."""
    path = Path(text)
    return path if path.exists() else Path(text.rpartition(":")[0] or text)
