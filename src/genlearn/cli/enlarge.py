"""`genlearn enlarge RUN DATA`."""

from __future__ import annotations

from typing import Any

import click

from ..core.capabilities import Enlarges
from .reading import Bar, read_like
from .shared import default, loaded, out_option, seed_option, split_option
from .stream import Form, writing

_CHUNK = 128  # images enlarged at a time


@click.command()
@click.argument("run")
@click.argument("data")
@seed_option
@split_option
@out_option
@click.option("--prompt", help="What the images show, where the model learned captions.")
@click.option("--negative", help="What to lead away from, beside a prompt and with guidance.")
@click.option("--label", help="Class of the images, by name or number, where the model learned classes.")
@click.option("--guidance", type=float, help="How far to exaggerate what tells a class or prompt from others; 1 for not at all.")
@click.option("--threshold", help="Keep images in range at each step: static, dynamic, or none.")
@click.option("--steps", type=int, help="Steps from noise to details.")
def enlarge(run: str, data: str, seed: int, split: str | None, out: str | None, **how: Any) -> None:
    """Enlarge the images of DATA, which are brought to the size that RUN enlarges; written as they are drawn."""
    model = loaded(run, Enlarges)
    prepared, out = read_like(data, model.small_spec_, split=split), out or default(model.spec_, "enlarge")
    given = {key: value for key, value in how.items() if value is not None}
    with writing(out, Form(model.spec_, len(prepared), names=prepared.names)) as put, Bar("enlarging") as bar:
        for start in range(0, len(prepared), _CHUNK):
            bar(start, len(prepared))
            put(model.enlarge(prepared.user(slice(start, start + _CHUNK)), seed=seed, start=start, **given))
    click.echo(f"{out}: {len(prepared)}")
