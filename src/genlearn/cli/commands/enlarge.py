"""`genlearn enlarge RUN DATA`."""

from __future__ import annotations

from typing import Any

import click

from ...core.capabilities import SuperResolves
from ...core.options import EnlargingOptions
from ..common import default, loaded, out_option, seed_option
from ..data_io import ProgressLine, read_like
from ..options import reading_options, sampling_flags
from ..protect import INPUT
from ..say import say
from ..writers import OutputSpec, writing

_CHUNK = 128  # images enlarged at a time


@click.command()
@click.argument("run")
@click.argument("data", type=INPUT)
@seed_option
@reading_options
@out_option
@sampling_flags(EnlargingOptions)
def enlarge(
    run: str,
    data: str,
    seed: int,
    reading: dict[str, Any],
    out: str | None,
    prompt: tuple[str, ...],
    **how: Any,
) -> None:
    """Enlarge the images of DATA, which are brought to the size that RUN enlarges; written as they
    are drawn."""
    model = loaded(run, "enlarges", SuperResolves)
    prepared = read_like(data, model.small_spec_, run=run, **reading)
    out = out or default(model.spec_, "enlarge")
    given = {
        key: value for key, value in (how | {"prompt": prompt or None}).items() if value is not None
    }
    with (
        writing(out, OutputSpec(model.spec_, len(prepared), names=prepared.names)) as put,
        ProgressLine("enlarging") as bar,
    ):
        for start in range(0, len(prepared), _CHUNK):
            bar(start, len(prepared))
            put(
                model.enlarge(
                    prepared.user(slice(start, start + _CHUNK)), seed=seed, start=start, **given
                )
            )
    say(f"{out}: {len(prepared)}")
