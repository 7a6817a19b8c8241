"""The commands that show: models and inspect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..core.registry import available, find
from .flags import data_options


@click.command()
def models() -> None:
    """The models there are, and what each can do."""
    from rich.console import Console
    from rich.table import Table

    from ..core import capabilities

    abilities = [capabilities.Samples, capabilities.Encodes, capabilities.Scores, capabilities.Denoises]
    table = Table("model", "what", *[ability.__name__.lower() for ability in abilities], box=None)
    for name in available():
        model = find(name)
        table.add_row(name, (model.__doc__ or "").split("\n", maxsplit=1)[0], *["yes" if issubclass(model, a) else "" for a in abilities])
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
