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
    Restores,
    Samples,
    Scores,
    SuperResolves,
)
from ...core.options import options_of
from ...core.registry import available, find
from ..options import data_options
from ..protect import INPUT

_ABILITIES: dict[str, Any] = {
    "sample": Samples,
    "encode": Encodes,
    "score": Scores,
    "denoise": (Denoises, Restores),
    "inpaint": Restores,
    "diffuse": DiffusionProcess,
    "enlarge": SuperResolves,
}  # by command
_OPTIONS = ("label", "prompt", "steps")  # of `sample`


@click.command()
def models() -> None:
    """The models there are, the commands that each can do, and some of what `genlearn sample` can
    be asked for."""
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "what", "commands, and flags of sample", box=None, padding=(0, 2, 0, 0))
    for name in available():
        model = find(name)
        what = (model.__doc__ or "").split(":", maxsplit=1)[0]
        table.add_row(name, what, " ".join([*_commands(model), *_flags(model)]))
    Console(highlight=False).print(table)


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
    from ...engine.atomic_io import wrap_os_errors

    report = inspect_data(data, **options)
    click.echo(json.dumps(report.to_json(), indent=1) if as_json else "\n".join(report.lines()))
    if sheet:
        with wrap_os_errors(Path(sheet)):
            report.contact_sheet().save(sheet)
        click.echo(f"contact sheet: {sheet}", err=as_json)
