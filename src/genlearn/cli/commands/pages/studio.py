"""`genlearn studio`: the same as pages, for people who would rather look than type."""

from __future__ import annotations

from pathlib import Path

import click

from ....core.errors import UserError
from ...say import tell


@click.command()
@click.argument("folder", default=".")
@click.option(
    "--data",
    multiple=True,
    help="A further folder that holds data, which is only read; again for each.",
)
@click.option(
    "--port",
    default=8127,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where to listen; 0 for any port that is free.",
)
@click.option(
    "--share",
    is_flag=True,
    help="Let others on the network in, who have the link: a class, for a Turing test.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    help="With --share: a further name that this machine is called by, again for each.",
)
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser.")
def studio(
    folder: str,
    data: tuple[str, ...],
    port: int,
    share: bool,
    hosts: tuple[str, ...],
    browser: bool,
) -> None:
    """See data, train and watch, explore, prompt, compare and judge in a browser, with the runs and
    data of FOLDER. Nothing leaves this machine; Ctrl-C ends it, and what trains is saved."""
    from ....studio import Settings
    from ....studio.server import serve

    for place in (folder, *data):
        if not Path(place).is_dir():
            raise UserError(f"{place} is no folder; give one that is there")
    folders = tuple(Path(place).resolve() for place in data)
    settings = Settings(Path(folder).resolve(), folders, port, share, hosts)
    serve(settings, tell, browser=browser)
