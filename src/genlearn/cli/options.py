"""Flags that are derived from hyper-parameters, and those that all commands on data share."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import Any

import click

from ..core.errors import UserError
from ..core.options import OptionType, SamplingOptions, options_of
from ..core.params import LARGEST, Param, params_of, parse_param
from ..data.open.options import LARGEST_SIDE
from .protect import INPUT

_SPLIT = click.option(
    "--split", help="Part of the data: train, test... [default: as RUN or the command needs]"
)


class ParamType(click.ParamType[Any]):
    """The value of a hyper-parameter, parsed and checked."""

    def __init__(self, h: Param) -> None:
        self.hyper = h
        self.name = "|".join(h.choices) or {int: "integer", float: "number", tuple: "integers"}.get(
            h.kind, "text"
        )

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        parsed = parse_param(self.hyper, value) if isinstance(value, str) else value
        self.hyper.check(parsed, _flag(self.hyper.name))
        return parsed


def param_options(model: type[Any]) -> list[click.Parameter]:
    """One option for each hyper-parameter; those not given are left to the model."""
    return [_option(h) for h in params_of(model).values()]


def sampling_flags(
    *kinds: type[SamplingOptions],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A flag for each option of these kinds of sampling."""
    options = {name: option for kind in kinds for name, option in options_of(kind).items()}
    return lambda command: reduce(
        lambda inner, option: _sampling_flag(option)(inner), reversed(options.values()), command
    )


def _sampling_flag(option: OptionType) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    help = option.about.help[0].upper() + option.about.help[1:] + "."
    if option.name == "prompt":
        return click.option(
            "--prompt", multiple=True, help=f"{help} Again for more, {{a,b}} for alternatives."
        )
    kind: Any = (
        INPUT
        if option.kind is object
        else click.Choice(option.choices)
        if option.choices
        else option.kind
        if option.kind in (int, float)
        else str
    )
    if option.kind is object:
        help += " A file, a folder, or SET:INDEX for one of a named set."
    return click.option(_flag(option.name), type=kind, help=help)


def _kinds(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> Any:
    """What columns are said to hold, by name; None where nothing is said."""
    pairs = [one.rpartition("=") for one in given]
    for name, _, kind in pairs:
        if not name or not kind:
            raise click.BadParameter("give NAME=KIND, such as zip_code=category", ctx, param)
    return {name: kind for name, _, kind in pairs} or None


WRITTEN: tuple[Any, ...] = (
    click.option(
        "--column-kind",
        "kinds",
        multiple=True,
        callback=_kinds,
        metavar="NAME=KIND",
        help="What a column of a table holds, again for each: continuous, integer, boolean,"
        " category, ordered, date, or leave, to leave it out. [default: what its values say]",
    ),
    click.option("--key", help="Array of an .npz file that holds the examples."),
    click.option("--decimal", type=click.Choice([".", ","]), help="Decimal mark of a .csv file."),
    click.option(
        "--delimiter",
        help="What separates the cells of a .csv file: a character, tab, or space for any number"
        " of blanks.",
    ),
    click.option(
        "--header/--no-header",
        default=None,
        help="Whether the first row of a .csv file holds names. [default: what the rows say]",
    ),
)  # flags on how data is written; by default its lines together decide


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--split and the flags on how data is written, for commands on data that put a run to use;
    those that were given reach the command as ``reading``."""

    @wraps(command)
    def gathered(*args: Any, split: str | None, **params: Any) -> Any:
        names = ("header", "delimiter", "decimal", "key", "kinds")
        asked = {"split": split, **{name: params.pop(name) for name in names}}
        reading = {name: value for name, value in asked.items() if value is not None}
        return command(*args, reading=reading, **params)

    return reduce(lambda inner, option: option(inner), (*WRITTEN, _SPLIT), gathered)


def label_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--label, below `reading_options`; one that was given is part of ``reading``."""

    @wraps(command)
    def gathered(*args: Any, label: str | None, reading: dict[str, Any], **params: Any) -> Any:
        asked = reading | ({"label": label} if label else {})
        return command(*args, reading=asked, **params)

    return click.option("--label", help="Column of a table that holds the classes.")(gathered)


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--split, --resolution, --label, and how data is written."""
    for option in (
        *WRITTEN,
        click.option(
            "--label", help="Column of a table, or array of an .npz file, that holds the classes."
        ),
        click.option(
            "--resolution",
            type=Resolution(),
            help="Size of the images: 64, or 48x64 (height x width).",
        ),
        _SPLIT,
    ):
        command = option(command)
    return command


def binarise_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--binarise, for commands that train."""
    kinds = click.Choice(["none", "threshold", "stochastic"])
    return click.option(
        "--binarise", type=kinds, default="none", help="Make images black and white."
    )(command)


def stem(data: str) -> str:
    """What runs and comparisons of ``data`` are called by default; bytes that are no UTF-8, which
    not every library can open a file by, become ``_``."""
    name = Path(data.rstrip("/")).name.split(".")[0].split("{")[0].rstrip("-_") or "data"
    return name.encode(errors="surrogateescape").decode(errors="replace").replace("\ufffd", "_")


def count(least: int = 1) -> click.IntRange:
    """Whole numbers that count something."""
    return click.IntRange(least, LARGEST)


def processes_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--processes``, which share ``what``."""
    text = f"Processes that share {what}."
    return click.option("--processes", default=1, show_default=True, type=count(), help=text)


class Resolution(click.ParamType[Any]):
    """64, or 48x64."""

    name = "H[xW]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            sides = [int(part) for part in str(value).lower().split("x")]
        except ValueError:
            sides = []
        if len(sides) not in (1, 2) or not all(1 <= side <= LARGEST_SIDE for side in sides):
            raise UserError(
                f"--resolution {value} was given; it is a number of pixels from 1 to"
                f" {LARGEST_SIDE:,}, or two as 48x64 (height x width)"
            )
        return sides[0] if len(sides) == 1 else (sides[0], sides[1])


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _option(h: Param) -> click.Option:
    default = "" if h.default is None else f" [default: {h.default}]"
    if h.kind is bool:
        return click.Option(
            [f"{_flag(h.name)}/--no-{_flag(h.name)[2:]}", h.name],
            default=None,
            help=h.help + default,
        )
    return click.Option(
        [_flag(h.name), h.name], type=ParamType(h), default=None, help=h.help + default
    )
