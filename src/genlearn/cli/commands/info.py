"""The commands that show: models and inspect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ...core.capabilities import (
    Denoises,
    DiffusionProcess,
    Encodes,
    Inpaints,
    Restores,
    Samples,
    Scores,
    SuperResolves,
)
from ...core.errors import UserError
from ...core.options import options_of
from ...core.registry import available, find
from ..options import data_options
from ..protect import INPUT, check_output
from ..say import say, tell

_ABILITIES: dict[str, Any] = {
    "sample": Samples,
    "encode": Encodes,
    "score": Scores,
    "denoise": (Denoises, Restores),
    "inpaint": Inpaints,
    "diffuse": DiffusionProcess,
    "enlarge": SuperResolves,
}  # by command
_WIDTH = 80  # columns of a terminal
_OPTIONS = ("label", "prompt", "steps", "where")  # of `sample`


@click.command()
def models() -> None:
    """The models there are: what to take each for, how long it takes, the commands that it can do,
    and some of what `genlearn sample` can be asked for."""
    for name in available():
        model = find(name)
        title = (model.__doc__ or "").split(":", maxsplit=1)[0]
        takes = f"{model.takes:>{_WIDTH - len(name) - len(title) - 3}}" if model.takes else ""
        click.echo(f"{click.style(name, bold=True)}  {title} {takes}".rstrip())
        if model.use:
            click.echo(f"  {model.use}")
        click.echo(f"  {' '.join([*_commands(model), *_flags(model)])}")
    click.echo(
        "\nTimes are for 28x28 images on two cores; longer is better."
        "\nWhich is best for your data: genlearn compare DATA"
    )


def _commands(model: type) -> list[str]:
    return [command for command, ability in _ABILITIES.items() if issubclass(model, ability)]


def _flags(model: type) -> list[str]:
    if not issubclass(model, Samples):
        return []
    return [f"--{name}" for name in _OPTIONS if name in options_of(model.sampling_options)]


@click.command()
@click.argument("data", type=INPUT)
@data_options
@click.option("--sheet", help="Write a contact sheet to this .png.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def inspect(data: str, sheet: str | None, as_json: bool, **options: Any) -> None:
    """What DATA holds: count, sizes, channels, range, classes, captions, unreadable and duplicate
    files."""
    from ...data import inspect_data
    from ..png import write_png

    if sheet is not None:
        check_output(sheet)
        if Path(sheet).suffix.lower() != ".png":
            raise UserError(f"--sheet {sheet} was given; a contact sheet is written to .png")
    report = inspect_data(data, tell=tell, **options)
    say(json.dumps(report.to_json(), indent=1) if as_json else "\n".join(report.lines()))
    if sheet is not None:
        write_png(report.contact_sheet(), Path(sheet))
        say(f"contact sheet: {sheet}", err=as_json)
