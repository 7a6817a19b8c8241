"""`genlearn sample RUN`."""

from __future__ import annotations

from typing import Any

import click

from ..core.capabilities import Samples
from ..core.drawing import Conditional, Converges, Guided, Steered, Stepwise, Styles
from ..core.errors import UserError
from .prompts import prompts
from .reading import Bar, examples
from .shared import default, loaded, out_option, seed_option
from .stream import Form, writing

CHUNK = 512  # examples drawn at a time: as many as the models draw at a time themselves, so that the result is that of one call


@click.command()
@click.argument("run")
@click.option("-n", "--number", default=64, show_default=True, type=click.IntRange(min=1), help="How many.")
@seed_option
@out_option
@click.option("--label", help="Class to draw from, by name or number, where the model learned classes.")
@click.option("--prompt", "typed", multiple=True, help="What to draw, where the model learned captions; again for more, {a,b} for alternatives.")
@click.option("--prompts", "file", type=click.Path(exists=True, dir_okay=False), help="File with a prompt in each line; -n images of each.")
@click.option("--negative", help="What to lead away from, beside a prompt and with guidance.")
@click.option("--guidance", type=float, help="How far to exaggerate what tells a class or prompt from others; 1 for not at all.")
@click.option("--threshold", help="Keep images in range at each step: static, dynamic, or none.")
@click.option("--truncation", type=float, help="How far styles may be from their average, where the model has styles; 1 for as far as they are.")
@click.option("--mixing", type=int, help="So many layers, from the coarsest, follow one noise and the others another, where the model has styles.")
@click.option("--init", help="Images to start from instead of noise, in turn: a file, a folder, or SET:INDEX for one of a named set.")
@click.option("--strength", type=float, help="How much of --init is drawn anew, up to 1 for all. [default: 0.6]")
@click.option("--steps", type=int, help="Steps from noise to data, where the model takes them.")
@click.option("--sampler", help="How to step from noise to data.")
@click.option("--quality", type=click.Choice(["fast", "balanced", "best"]), help="As many steps as this takes, by the model's own measurement.")
def sample(run: str, number: int, seed: int, out: str | None, typed: tuple[str, ...], file: str | None, **how: Any) -> None:
    """Draw new data from RUN; written as it is drawn. Of several prompts each has -n images, from the same noises."""
    model, asked = loaded(run, Samples), prompts(typed, file)
    each: list[dict[str, str]] = [{"prompt": text} for text in asked.texts] if asked else [{}]
    given = {key: value for key, value in how.items() if value is not None}
    _check(model, run, given | each[0])
    if "init" in given:
        given["init"] = examples(given["init"], model.spec_, number)
    given, out, total = _settled(model, given), out or default(model.spec_, "sample"), number * len(each)
    columns = asked.columns * number if asked and asked.columns else None
    captions = (text for text in asked.texts for _ in range(number)) if asked else None
    with writing(out, Form(model.spec_, total, columns, captions=captions)) as put, Bar("sampling") as bar:
        for index, prompt in enumerate(each):
            for start in range(0, number, CHUNK):
                if number > CHUNK or isinstance(model, Stepwise):
                    bar(index * number + start, total)
                put(model.sample(min(CHUNK, number - start), seed=seed, start=start, **given, **prompt))
    click.echo(f"{out}: {total}")


def _check(model: Any, run: str, given: dict[str, Any]) -> None:
    """Raise `UserError` where the model knows nothing of what was ``given``."""
    for ability, flags, lacks in (
        (Conditional, ("label",), "knows no classes"),
        (Guided, ("prompt", "negative"), "reads no captions"),
        (Guided, ("guidance",), "has no guidance"),
        (Stepwise, ("steps",), "draws at once"),
        (Styles, ("truncation", "mixing"), "has no styles"),
        (Converges, ("sampler", "quality"), "has no samplers to choose from"),
        (Steered, ("threshold", "init", "strength"), "goes no way from noise to data"),
    ):
        for flag in flags:
            if flag in given and not isinstance(model, ability):
                raise UserError(f"--{flag} {given[flag]} was given; {run} is of model {type(model).__name__}, which {lacks}")
    if "strength" in given and "init" not in given:
        raise UserError(f"--strength {given['strength']} was given without --init; give the images that it says how much to change of")
    if "steps" in given and "quality" in given:
        raise UserError(f"--steps {given['steps']} and --quality {given['quality']} were given; give one of them")


def _settled(model: Any, given: dict[str, Any]) -> dict[str, Any]:
    """``given``, with the steps that its quality takes instead of the quality; they are told, and why."""
    quality = given.get("quality")
    if quality is None:
        return given
    curve = model.quality_curve(given.get("sampler"))
    sampler, steps = model.enough(quality, curve, given.get("sampler"))
    errors = ", ".join(f"{error:.2g} at {steps}" for steps, error in curve.items())
    click.echo(f"error by steps, in standard deviations of the data: {errors}; {quality}: {steps} steps of {sampler}", err=True)
    return {key: value for key, value in given.items() if key != "quality"} | {"sampler": sampler, "steps": steps}
