"""`--config FILE`: settings from a file, as flags that would be typed. What is typed as well comes
after them, and wins.

The file is TOML, of flat settings named as the flags are (``model``, ``data``, ``batch-size`` or
``batch_size``), or the manifest.json of a run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from ...core.disk.json_text import parse_json
from ...core.errors import UserError, first_line, nearest
from ...core.registry import available

FLAG = "--config"


def expanded(arguments: list[str], command_of: Callable[[str], click.Command]) -> list[str]:
    """``arguments`` of a group of models, with the settings of a file in place of its name. Raises
    `UserError` for a file that is none, and settings that there are not."""
    file, typed = _taken(arguments)
    if file is None:
        return arguments
    settings = _settings(Path(file))
    named, data = settings.pop("model", None), settings.pop("data", None)
    model = typed.pop(0) if typed and typed[0] in available() else named
    if not isinstance(model, str):
        raise UserError(f'{file} names no model; add a line such as model = "flow"')
    if named not in (None, model):
        raise UserError(
            f"{model} was asked for, and {file} is about {named}; leave one of them out"
        )
    if typed and not typed[0].startswith("-"):
        data = typed.pop(0)
    flags = list(_flags(settings, command_of(model), file))
    return [model, *([str(data)] if data else []), *flags, *typed]


def _taken(arguments: list[str]) -> tuple[str | None, list[str]]:
    """The file that is named, if any, and the other arguments."""
    for place, text in enumerate(arguments):
        if text == FLAG and place + 1 < len(arguments):
            return arguments[place + 1], arguments[:place] + arguments[place + 2 :]
        if text.startswith(f"{FLAG}="):
            return text.partition("=")[2], arguments[:place] + arguments[place + 1 :]
    return None, arguments


def _settings(file: Path) -> dict[str, Any]:
    """What the file says, by name."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".json":
            return _of_manifest(parse_json(text))
        return tomllib.loads(text)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{file} cannot be read as settings ({first_line(error)}); give a file of TOML, or a"
            " run's manifest.json"
        ) from None


def _of_manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """The settings of the run that ``manifest`` describes."""
    about = manifest["data"]
    source = {"data": about["source"]} if about["source"] else {}
    return {"model": manifest["model"], **manifest["hyper"], **about["asked"], **source}


def _flags(settings: dict[str, Any], command: click.Command, file: str) -> Iterator[str]:
    """The settings as they would be typed."""
    known = {
        name: option
        for option in command.params
        if isinstance(option, click.Option)
        for name in (str(option.name), *(flag.lstrip("-") for flag in option.opts))
    }
    for key, value in settings.items():
        option = known.get(key) or known.get(key.replace("_", "-"))
        if option is None:
            raise UserError(f"{file} sets {key!r}, which is no setting; {nearest(key, known)}")
        yield from _typed(option, value)


def _typed(option: click.Option, value: Any) -> Iterator[str]:
    flag = option.opts[0]
    if option.is_flag:
        yield from [flag] if value else option.secondary_opts[:1]
    elif option.multiple:
        pairs = [f"{k}={v}" for k, v in value.items()] if isinstance(value, dict) else value
        for one in pairs:
            yield from (flag, str(one))
    elif isinstance(value, list):
        yield from (flag, ("x" if flag == "--resolution" else ",").join(map(str, value)))
    else:
        yield from (flag, "none" if value is None else str(value))
