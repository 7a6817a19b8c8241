"""The commands that show: models and inspect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..core.registry import available, find
from .flags import data_options

_ABILITIES = {
    "sample": "Samples",
    "class": "Conditional",
    "steps": "Stepwise",
    "encode": "Encodes",
    "score": "Scores",
    "denoise": "Denoises",
    "inpaint": "Inpaints",
    "diffuse": "Diffuses",
    "enlarge": "Enlarges",
}  # headings: commands, and what `sample` can be asked for


@click.command()
def models() -> None:
    """The models there are, and what each can do: class and steps are what `genlearn sample` can be asked for by --label and --steps."""
    from rich.console import Console
    from rich.table import Column, Table

    from ..core import capabilities, drawing

    able = {heading: vars(capabilities).get(ability) or vars(drawing)[ability] for heading, ability in _ABILITIES.items()}
    table = Table("model", Column("what", overflow="fold"), *able, box=None, padding=(0, 1, 0, 0))
    for name in available():
        model = find(name)
        table.add_row(name, (model.__doc__ or "").split(":", maxsplit=1)[0], *["yes" if issubclass(model, a) else "" for a in able.values()])
    Console().print(table)


@click.command()
@click.argument("data")
@data_options
@click.option("--sheet", help="Write a contact sheet to this .png.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def inspect(data: str, sheet: str | None, as_json: bool, **options: Any) -> None:
    """What DATA holds: count, sizes, channels, range, classes, captions, unreadable and duplicate files."""
    from ..data import inspect_data
    from ..engine.files import told

    report = inspect_data(data, **options)
    click.echo(json.dumps(report.to_json(), indent=1) if as_json else "\n".join(report.lines()))
    if sheet:
        with told(Path(sheet)):
            report.contact_sheet().save(sheet)
        click.echo(f"contact sheet: {sheet}", err=as_json)
