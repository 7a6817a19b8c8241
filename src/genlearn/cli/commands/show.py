"""`genlearn show RUN WHAT [DATA]`: pictures and films of what a run has learned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.disk.atomic import write_bytes
from ...core.errors import UserError, nearest
from ..common import load_run, seed_option
from ..data_io import learned_from, read_like
from ..options import count, reading_options
from ..png import write_png
from ..protect import check_name, check_output
from ..say import say, tell

if TYPE_CHECKING:
    from ...core.spec import ImageSpec
    from ...explore import Question, Shown

WHAT = {
    "grid": "the plane of two latents",
    "walk": "a walk along each latent, those of most effect first",
    "steps": "samples of one noise by number of steps",
    "process": "samples on their way from noise to data",
    "training": "samples of one noise over training",
    "players": "the same beside how sure a GAN's discriminator was",
    "latents": "reconstructions by several runs, RUN RUN RUN, by size of code",
    "styles": "coarse and fine styles mixed, and truncation from 0 to 1",
}
_FILMS = (".gif", ".mp4")


@click.command(
    epilog="WHAT is one of: " + "; ".join(f"{name}, {about}" for name, about in WHAT.items()) + "."
)
@click.argument("words", nargs=-1, required=True, metavar="RUN WHAT [DATA]")
@click.option(
    "-n",
    "--number",
    type=count(),
    help="How many: rows, latents, examples, or images along a side. [default: as look well]",
)
@click.option(
    "--columns",
    type=count(2),
    help="How many moments, both ends included. [default: as look well]",
)
@seed_option
@reading_options
@click.option(
    "--out", help="Picture: .png; or a film of what moves: .gif, .mp4. [default: WHAT.png]"
)
def show(
    words: tuple[str, ...],
    number: int | None,
    columns: int | None,
    seed: int,
    reading: dict[str, Any],
    out: str | None,
) -> None:
    """Pictures and films of what RUN has learned. DATA are examples to show it by. [default: what
    RUN learned from, its test split if any]"""
    from ...explore import VIEWS, Question

    runs, what, data = _asked(words)
    out = out or f"{what}.png"
    _check_form(out, what, VIEWS[what].moves, columns)
    check_output(out, *([data] if data else []))
    if len(runs) > 1 and not VIEWS[what].several:
        raise UserError(f"{len(runs)} runs were given; {what} shows one: name one before it")
    if data and not VIEWS[what].data:
        raise UserError(f"{data} was given; {what} takes no data: leave it out")
    models = {run: load_run(run) for run in dict.fromkeys(runs)}
    question = Question(
        models,
        _reader(runs[0], models[runs[0]].spec_, data, reading),
        tell,
        has_data=data is not None,
        number=number,
        columns=columns,
        seed=seed,
        film=Path(out).suffix in _FILMS,
    )
    _write(VIEWS[what].draw(question), question, Path(out))


def _asked(words: tuple[str, ...]) -> tuple[tuple[str, ...], str, str | None]:
    """The runs, what is to be shown, and the data."""
    for word in words:
        check_name(word)
    for place in (len(words) - 1, len(words) - 2):
        if place > 0 and words[place] in WHAT:
            data = words[place + 1] if place + 1 < len(words) else None
            return words[:place], words[place], data
    if words[0] in WHAT:
        raise UserError(f"{words[0]} was given without a run; name it first: RUN {words[0]}")
    if len(words) == 1:
        raise UserError(f"it was not said what to show of {words[0]}; add one of {', '.join(WHAT)}")
    raise UserError(
        f"{' '.join(words[1:])} was given; nothing of that name can be shown:"
        f" {nearest(words[1], WHAT)}"
    )


def _check_form(out: str, what: str, moves: bool, columns: int | None) -> None:
    suffix = Path(out).suffix
    if suffix not in (".png", *_FILMS):
        raise UserError(
            f"--out {out} was given; a picture is a .png, a film of what moves a .gif or .mp4"
        )
    if not moves and suffix in _FILMS:
        raise UserError(f"--out {out} was given; {what} does not move: name a .png")
    if not moves and columns is not None:
        raise UserError(f"--columns {columns} was given; {what} has no moments: -n says its size")
    if suffix == ".mp4":
        from ...explore.animation import ffmpeg

        ffmpeg()


def _reader(
    run: str, spec: ImageSpec, data: str | None, reading: dict[str, Any]
) -> Callable[[int], Any]:
    """Gives the first examples of ``data``, or of what ``run`` learned from."""

    def read(n: int) -> Any:
        if data:
            return read_like(data, spec, run=run, held_out=True, **reading).user(slice(0, n))
        known = learned_from(run)
        source = known.needed("after WHAT")
        try:
            return read_like(source, spec, held_out=True, **(known.options | reading)).user(
                slice(0, n)
            )
        except UserError as error:
            raise UserError(f"{error} (examples to show; DATA after WHAT names others)") from None

    return read


def _write(shown: Shown, question: Question, out: Path) -> None:
    """The picture or film to its place, which is told."""
    from ...explore.animation import gif, mp4
    from ...explore.picture import frames, still

    spec = question.model.spec_
    if question.film:
        film = list(frames(shown, spec))
        write_bytes(out, (gif if out.suffix == ".gif" else mp4)(film))
    else:
        write_png(still(shown, spec), out)
    say(f"{out}: {shown.about}")
