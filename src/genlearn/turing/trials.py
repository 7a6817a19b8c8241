"""What the judges are shown: trials that are balanced and blind.

Two designs (Macmillan & Creelman 2005, chapters 1 and 7). *One*: an image at a time, real or
generated, half and half -- the yes/no task, in which a judge may lean to one answer. *Pair*: a real
image beside a generated one, on either side equally often -- the two-alternative forced choice, in
which there is little to lean to. Controls are pairs of two real images: there is no right answer,
and all that can be seen in them is a liking for a side.

Nothing but the pixels may tell the answer. So order and sides are drawn from the seed alone, each
model has equally many trials, no image is shown twice, and what is not scored (the practice) is
drawn in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.seeding import random_rows
from ..core.spec import ImageSpec

Kind = Literal["one", "pair"]
REAL = -1  # the source of what is real
_CONTROLS = 8  # one control to so many scored trials


@dataclass(frozen=True)
class Trial:
    """What is shown at once, and what it is.

    ``source``: the index of the model whose image is shown, or `REAL`. ``answer``, the right one:
    of one image 1 if it is real and 0 if not, of a pair the place of the real one, 0 or 1, and None
    of a control. ``images`` (1 or 2, *user_shape) in the order shown.
    """

    source: int
    answer: int | None
    images: Array


@dataclass(frozen=True)
class Trials:
    """Trials in the order shown, the ``practice`` ones first. ``sources`` names the models."""

    kind: Kind
    sources: tuple[str, ...]
    practice: int
    trials: tuple[Trial, ...]


def truths(kind: Kind, models: int) -> list[tuple[int, int | None]]:
    """All (source, right answer) that a trial can have."""
    if kind == "one":
        return [(REAL, 1), *((model, 0) for model in range(models))]
    return [(REAL, None), *((model, side) for model in range(models) for side in (0, 1))]


def images_needed(
    kind: Kind, n: int, models: int, practice: int = 4, control: bool = True
) -> tuple[int, int]:
    """How many real images, and how many of each model, `make_trials` takes at most."""
    plans = (_plan(kind, n, models, control), _plan(kind, practice, models, False))
    shown = [source for plan in plans for source, _ in plan]
    real = shown.count(REAL) * (2 if kind == "pair" else 1)
    generated = len(shown) - shown.count(REAL)
    # the extra ones fall to any model
    each = sum(-(-sum(source != REAL for source, _ in plan) // models) for plan in plans)
    return real + (generated if kind == "pair" else 0), each


def check_alike(specs: Mapping[str, ImageSpec]) -> None:
    """Raise `UserError` where images of these models, by name, differ in more than who made
    them."""
    first, *others = specs
    for name in others:
        if unlike := specs[first].unlike(specs[name]):
            field, one, other = unlike
            raise UserError(
                f"{first} has images of {field} {one}, {name} of {other}: their images differ"
                " in more than who made them; make a quiz of each"
            )


def make_trials(
    real: Array,
    generated: Mapping[str, Array],
    *,
    n: int,
    kind: Kind,
    seed: int,
    practice: int = 4,
    control: bool = True,
) -> Trials:
    """``n`` scored trials after ``practice`` ones, of ``real`` images (N, *user_shape) and those
    ``generated`` by each model, by name; the seed names the draw.

    ``control``: beside the scored pairs, one in eight is of two real images. Raises `UserError`
    where there are no models, too few trials for them, or too few images.
    """
    least = max(2, len(generated) * (2 if kind == "one" else 1))
    if not generated or n < least:
        raise UserError(
            f"a quiz of {n} trials of {len(generated)} models was asked for; it takes images of one"
            f" model or more, and {least} trials at least for each to be shown: ask for more trials"
        )
    names = tuple(generated)
    order = random_rows(seed, len(names), len(names), "turing", "models")
    parts = [
        _shuffled(_plan(kind, count, len(names), controls), seed, part)
        for part, count, controls in (("practice", practice, False), ("scored", n, control))
    ]
    deck = _Deck(real, generated, seed)
    trials = [
        deck.deal(kind, REAL if source == REAL else int(order[source]), answer)
        for part in parts
        for source, answer in part
    ]
    return Trials(kind, names, practice, tuple(trials))


def _plan(kind: Kind, n: int, models: int, control: bool) -> list[tuple[int, int | None]]:
    """(source, right answer) of each trial, models and sides in turn."""
    if kind == "one":
        return [*[(REAL, 1)] * (n - n // 2), *((i % models, 0) for i in range(n // 2))]
    controls = max(2, n // _CONTROLS) if control else 0
    pairs = ((i % models, (i // models + i % models) % 2) for i in range(n))
    return [*pairs, *[(REAL, None)] * controls]


def _shuffled(
    plan: list[tuple[int, int | None]], seed: int, part: str
) -> list[tuple[int, int | None]]:
    return [plan[i] for i in random_rows(seed, len(plan), len(plan), "turing", part)]


class _Deck:
    """Images in random order, each dealt once."""

    def __init__(self, real: Array, generated: Mapping[str, Array], seed: int) -> None:
        self._of = {REAL: ("real", real)} | {
            index: (name, values) for index, (name, values) in enumerate(generated.items())
        }
        self._rows = {
            source: random_rows(seed, len(values), len(values), "turing", "images", source)
            for source, (_, values) in self._of.items()
        }
        self._dealt = dict.fromkeys(self._of, 0)

    def deal(self, kind: Kind, source: int, answer: int | None) -> Trial:
        if kind == "one":
            images = [self._next(source)]
        elif answer is None:
            images = [self._next(REAL), self._next(REAL)]
        else:
            images = [self._next(source)]
            images.insert(answer, self._next(REAL))
        return Trial(source, answer, np.stack(images))

    def _next(self, source: int) -> Array:
        name, values = self._of[source]
        place = self._dealt[source]
        if place >= len(values):
            what = "real images" if source == REAL else f"images of {name}"
            raise UserError(
                f"{len(values):,} {what} were given; the quiz shows more, each once: ask for fewer"
                " trials, or give more images"
            )
        self._dealt[source] += 1
        return np.asarray(values[self._rows[source][place]])
