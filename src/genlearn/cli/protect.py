"""No output ever replaces an input: what a command writes may not be, or lie in, what it reads."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import click

from ..core.errors import UserError


class Input(click.ParamType[Any]):
    """A text that may name files to read."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        check_name(value)
        return value


INPUT = Input()


def protecting(command: click.Command) -> click.Command:
    """``command``, which first looks whether its ``--out`` would replace an input."""
    run = command.callback
    if run is None:
        return command

    @functools.wraps(run)
    def checked(*args: Any, **params: Any) -> Any:
        check_output(params.get("out"))
        return run(*args, **params)

    command.callback = checked
    return command


def check_output(out: str | Path | None, *others: str) -> None:
    """Raise `UserError` where ``out`` is no name, or an input of the running command or one of the
    ``others``, or lies in a folder of them, or is a folder that one of them lies in."""
    context = click.get_current_context(silent=True)
    if out is None or context is None:
        return
    check_name(out)
    place = Path(out).resolve()
    for text in (*_inputs(context), *others):
        read = _path(text).resolve()
        if os.path.exists(read) and (
            place == read or place in read.parents or read in place.parents
        ):
            lies = "is" if place == read else "holds" if place in read.parents else "lies in"
            raise UserError(
                f"the output {out} {lies} {text}, which is read: its files could be replaced;"
                " choose another place by --out"
            )


def check_name(text: Any) -> None:
    """Raise `UserError` for what no file can be called."""
    if "\0" in str(text):
        raise UserError(f"{text!r} was given; a name holds no null byte")


def _inputs(context: click.Context) -> list[str]:
    params = context.command.params
    names = [param.name for param in params if isinstance(param.type, (Input, click.Path))]
    given = [context.params.get(name) for name in names if name is not None]
    texts = [text for one in given for text in (one if isinstance(one, tuple) else (one,))]
    return [text for text in texts if isinstance(text, str)]


def _path(text: str) -> Path:
    """The file or folder that ``text`` names, by itself or as SET:INDEX; what is too long to be a
    name, which os.path takes for no file, names none."""
    path = Path(text)
    return path if os.path.exists(path) else Path(text.rpartition(":")[0] or text)
