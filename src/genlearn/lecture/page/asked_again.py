"""How the reader reads the same data again: on the command line and in Python, as they were read
for the lecture."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from ...data.open.options import WRITTEN

_READING = (*WRITTEN, "split")  # what commands that put a run to use take as well


def reading(data: str, options: dict[str, Any]) -> str:
    """``data`` and its flags, for a command that puts a run to use."""
    return _line(data, {name: value for name, value in options.items() if name in _READING})


def training(data: str, options: dict[str, Any]) -> str:
    """``data`` and its flags, for a command that trains."""
    return _line(data, options)


def in_python(data: str, options: dict[str, Any]) -> str:
    """``data`` as an expression of Python, where ``gl`` is genlearn."""
    asked = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"gl.open_data({data!r}{asked})" if asked else repr(data)


def _line(data: str, options: dict[str, Any]) -> str:
    flags = [flag for name, value in options.items() for flag in _flags(name, value)]
    return shlex.join([data, *flags])


def _flags(name: str, value: Any) -> Iterator[str]:
    if name == "header":
        yield "--header" if value else "--no-header"
    elif name == "kinds":
        for column, kind in value.items():
            yield from ("--column-kind", f"{column}={kind}")
    elif name == "resolution" and not isinstance(value, int):
        yield from ("--resolution", "x".join(map(str, value)))
    else:
        yield from (f"--{name}", str(value))
