r"""6. Denoising: clean, noisy, restored; and Tweedie.

The best guess of the clean point is E[x | x~] = x~ + s^2 grad log p_s(x~), so the step that a
denoising autoencoder takes, r(x~) - x~, over s^2 is the score of the noisy density (Vincent 2011;
Alain & Bengio 2014, arXiv 1211.4246). On the ring of Gaussians the truth is known (`material.toy`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ..chapter import Chapter, Drawn
from ..course import Course
from ..material import toy
from ..trainings.runs import denoising
from ..trainings.training import Training

SIGMA = 0.5  # noise on the ring, in its units
_LEVELS, _SHOWN, _SIDE = (0.25, 0.5, 1.0), 10, 15
_TESTED = 2000


def ring_denoiser(course: Course) -> Training:
    """A denoising autoencoder of points of the ring."""
    hyper = {
        "corruption": "gaussian",
        # models of rows see standardised numbers, and their noise is in those units
        "corruption_level": SIGMA / toy.DEVIATION,
        "latent_dim": 2,
        "overcomplete": True,
        "network": "mlp",
        "hidden": (64, 64),
        "latent_density": "none",
        "anchor": "none",
    }
    return Training("ring-denoising", "autoencoder", hyper, weight=4, rank=2, data="ring")


def trainings(course: Course) -> Iterator[Training]:
    """One on the reader's data, one on the ring."""
    yield denoising(course)
    yield ring_denoiser(course)


def draw(course: Course) -> Drawn:
    """Noise by levels; then what becomes of it, and the field of steps beside the true one."""
    some = course.held.take(slice(0, _SHOWN))
    clean = course.rows(some)
    eps = course.rng("denoising").standard_normal(clean.shape)
    noisy = {level: course.user(clean + level * eps) for level in _LEVELS}
    sketch = course.draw
    shown = [
        sketch.frames(
            "denoising_noise",
            _LEVELS,
            [sketch.examples("denoising_noise", noisy[level], columns=_SHOWN) for level in _LEVELS],
        )
    ]
    revealed: list[Any] = []
    facts: dict[str, str] = {}
    if course.has("denoising"):
        model = course.model("denoising")
        revealed.append(
            sketch.frames(
                "denoising_restored",
                _LEVELS,
                [_restored(course, some.user(slice(0, _SHOWN)), noisy[s], model) for s in _LEVELS],
            )
        )
        before, after = _errors(course, model)
        facts |= {"before": f"{before:.3f}", "after": f"{after:.3f}"}
    if course.has("ring-denoising"):
        field, agreement = tweedie(course.model("ring-denoising"), course.seed)
        points = {"data": toy.draw(300, course.seed)}
        for key, arrows in field.items():
            parts = {"extent": toy.EXTENT, "arrows": arrows}
            revealed.append(sketch.plane(f"denoising_{key}", points, **parts))
        facts["agreement"] = f"{agreement:.3f}"
    return Drawn(shown, revealed, facts)


def tweedie(model: Any, seed: int) -> tuple[dict[str, Array], float]:
    """The steps of ``model`` and of the closed form on a lattice, (n, 4) each, and the correlation
    of both at noisy data."""
    places = toy.lattice(_SIDE, 2.8)
    field = {
        "learned": np.c_[places, model.denoise(places) - places],
        "true": np.c_[places, toy.expected(places, SIGMA) - places],
    }
    rng = np.random.default_rng(seed)
    noisy = toy.draw(_TESTED, seed + 1) + SIGMA * rng.standard_normal((_TESTED, 2))
    learned, true = model.denoise(noisy) - noisy, toy.expected(noisy, SIGMA) - noisy
    return field, float(np.corrcoef(learned.ravel(), true.ravel())[0, 1])


def _restored(course: Course, clean: Array, noisy: Array, model: Any) -> Any:
    """Clean, noisy and restored, one above the other."""
    if not course.images:
        return course.draw.examples("denoising_restored", model.denoise(noisy))
    images = np.concatenate([clean, noisy, model.denoise(noisy)])
    rows = ("original", "noisy", "restored")
    return course.draw.examples("denoising_restored", images, columns=len(clean), rows=rows)


def _errors(course: Course, model: Any) -> tuple[float, float]:
    """Squared error of noisy examples, and of those restored, in the units of the networks."""
    clean = course.rows(course.encoded)
    noisy = clean + 0.5 * course.rng("errors").standard_normal(clean.shape)
    shown = course.user(noisy)
    restored = course.rows_of(model.denoise(shown))
    before = ((course.rows_of(shown) - clean) ** 2).mean()
    return float(before), float(((restored - clean) ** 2).mean())


CHAPTER = Chapter(number=6, key="denoising", draw=draw, trainings=trainings)
