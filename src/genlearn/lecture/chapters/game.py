r"""9. The game of two networks.

Against a fixed generator of density q, the best discriminator is D* = p / (p + q), and the value of
the game is then -log 4 + 2 JSD(p, q): -log 4 where q = p, 0 where they have nothing in common
(Goodfellow et al. 2014, arXiv 1406.2661, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ..chapter import Chapter, Drawn
from ..course import Course
from ..material import toy
from ..trainings.film import SIDE, read_film
from ..trainings.runs import first_gan, r3gan
from ..trainings.training import Training

_SHOWN = 24
EQUILIBRIUM = -np.log(4)


def ring_game(course: Course) -> Training:
    """The game on the ring, long enough to come near its end."""
    return Training("ring-game", "r3gan", {"size": "tiny"}, weight=5, rank=1, data="ring")


def ring_collapse(course: Course) -> Training:
    """The algorithm of 2014 as it stands, whose generator forgets modes."""
    hyper = {"objective": "minimax", "hidden": 128}
    return Training("ring-collapse", "gan", hyper, weight=5, rank=2, data="ring")


def trainings(course: Course) -> Iterator[Training]:
    """Two games on the ring, two on the reader's data."""
    yield ring_game(course)
    yield ring_collapse(course)
    yield first_gan(course)
    yield r3gan(course)


def draw(course: Course) -> Drawn:
    """The value by distance; then two games on the ring, frame by frame, their curves, and two
    GANs on the reader's data from one noise."""
    sketch = course.draw
    shown: list[Any] = [sketch.curves("game_value", _values())]
    revealed: list[Any] = []
    facts = {"equilibrium": f"{EQUILIBRIUM:.3f}"}
    for name in ("ring-collapse", "ring-game"):
        if course.has(name) and course.film(name).exists():
            revealed.append(_film(course, name))
            modes = toy.modes_reached(course.model(name).sample(2000, seed=course.seed))
            facts[name.replace("-", "_") + "_modes"] = str(modes)
    if course.has("ring-collapse"):
        panels = course.game("ring-collapse")
        revealed += [
            sketch.curves("game_probabilities", panels["D"].series),
            sketch.curves("game_course", panels["V"].series),
        ]
    for name in ("gan", "r3gan"):
        if course.has(name):
            new = course.model(name).sample(_SHOWN, seed=course.seed)
            revealed.append(sketch.examples(f"game_{name}", new))
    return Drawn(shown, revealed, facts)


def value(distance: float) -> float:
    r"""V(D*, G) for p = N(0, 1) and q = N(``distance``, 1), by quadrature: -log 4 + 2 JSD."""
    x = np.linspace(-12, 12 + distance, 6001)
    p, q = (np.exp(-((x - m) ** 2) / 2) / np.sqrt(2 * np.pi) for m in (0.0, distance))
    logit = distance**2 / 2 - distance * x  # of D*
    inside = p * -np.logaddexp(0, -logit) + q * -np.logaddexp(0, logit)
    return float(np.trapezoid(inside, x))


def _values() -> dict[str, Array]:
    distances = np.linspace(0, 6, 61)
    ends = np.array([[0, EQUILIBRIUM], [6, EQUILIBRIUM]])
    best = np.array([[d, value(float(d))] for d in distances])
    return {"the best discriminator": best, "cannot tell": ends}


def _film(course: Course, name: str) -> Any:
    """The frames that were kept while training."""
    film = read_film(course.film(name))
    sketch, key = course.draw, f"game_{name.replace('-', '_')}"
    data = toy.draw(300, course.seed)
    frames = [
        sketch.plane(
            key,
            {"data": data, "samples": some},
            extent=toy.EXTENT,
            heat=ground,
            arrows=_flow(ground),
        )
        for some, ground in film.values()
    ]
    return sketch.frames(key, [f"{step:,}" for step in film], frames)


def _flow(ground: Array) -> Array:
    """Which way the discriminator's certainty rises, on a coarse lattice: the way of samples."""
    logit = np.log(np.clip(ground, 1e-4, 1 - 1e-4) / np.clip(1 - ground, 1e-4, 1))
    up, across = np.gradient(logit)
    places = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), -1)[2::4, 2::4]
    at = toy.lattice(SIDE).reshape(SIDE, SIDE, 2)[2::4, 2::4].reshape(-1, 2)
    step = np.stack([across, up], -1)[places[..., 1], places[..., 0]].reshape(-1, 2)
    longest = max(float(np.linalg.norm(step, axis=1).max()), 1e-9)
    return np.asarray(np.c_[at, 0.4 * step / longest])


CHAPTER = Chapter(number=9, key="game", draw=draw, trainings=trainings)
