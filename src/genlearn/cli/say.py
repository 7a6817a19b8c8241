"""What the commands print: lines in which names and captions, which others wrote, steer nothing."""

from __future__ import annotations

import click

from ..core.text import escaped


def say(text: str, err: bool = False) -> None:
    """Print ``text``, control characters in it as escapes."""
    click.echo(escaped(text), err=err)


def tell(line: str) -> None:
    """`say` it on standard error, where what is told beside the result goes."""
    say(line, err=True)
