"""`genlearn lecture DATA`: a course on generative models, on the user's own data."""

from __future__ import annotations

from typing import Any

import click

from ...options import count, data_options, stem
from ...protect import INPUT, check_output
from ...say import say, tell


@click.command()
@click.argument("data", type=INPUT, default="digits")
@click.option(
    "--budget",
    default="10m",
    show_default=True,
    help="Total time for all that is trained and drawn: 90s, 10m, 2h.",
)
@click.option(
    "--steps",
    type=count(),
    help="So many of each training instead, as long as that takes: equal lectures are equal then.",
)
@click.option(
    "--out", help="Folder for lecture.html, lecture.ipynb and runs. [default: lecture-DATA]"
)
@click.option(
    "--chapter",
    "only",
    multiple=True,
    type=count(),
    help="A chapter to write, by its number, again for each. [default: all]",
)
@click.option(
    "--runs",
    type=INPUT,
    help="Folder of runs, such as a comparison's: those that serve are not trained again.",
)
@click.option(
    "--size",
    type=click.Choice(["auto", "tiny", "small", "base", "large"]),
    default="auto",
    show_default=True,
    help="Size of the networks; auto for what the time is enough for.",
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Names all randomness."
)
@click.option("--language", default="en", show_default=True, help="Language of the page.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
@click.option("--fresh", is_flag=True, help="Start again, replacing a lecture that stands there.")
@data_options
def lecture(data: str, out: str | None, **options: Any) -> None:
    """A lecture on generative models, with figures computed on DATA (digits by default): one page
    for the browser, and a notebook.

    The same command again continues a lecture that was stopped.
    """
    from ....lecture import lecture as run

    out = out or f"lecture-{stem(data)}"
    check_output(out)
    page = run(data, out, tell=tell, progress=True, **options)
    say(f"the lecture: {page}")
