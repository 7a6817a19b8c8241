"""2. An autoencoder: its loss going down, originals and reconstructions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...data.dataset import Dataset
from ...evaluate.probes.reconstruction import figures as errors
from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..trainings.runs import autoencoder, code_of
from ..trainings.training import Training

_SHOWN = 12


def trainings(course: Course) -> Iterator[Training]:
    """The autoencoder, from a random start."""
    yield autoencoder(course)


def draw(course: Course) -> Drawn:
    """Examples, the loss by steps, and what comes back."""
    some = course.held.take(slice(0, _SHOWN))
    sketch = course.draw
    shown = [sketch.examples("autoencoder_data", some.user(slice(0, _SHOWN)))]
    facts = {"code": str(code_of(course)), "dim": f"{course.spec.dim:,}"}
    if not course.has("autoencoder"):
        return Drawn(shown, facts=facts)
    model = course.model("autoencoder")
    curve = course.curve("autoencoder")
    revealed = [
        sketch.curves("autoencoder_loss", curve, log_y=True),
        pairs(course, "autoencoder_pairs", some, model),
    ]
    losses = curve["training"][:, 1]
    facts |= {
        "first": f"{losses[0]:.3g}",
        "last": f"{losses[-1]:.3g}",
        "error": f"{errors(model, course.encoded)['reconstruction'].value:.4f}",
    }
    return Drawn(shown, revealed, facts)


def pairs(course: Course, key: str, some: Dataset, model: Any) -> Figure:
    """Examples above what ``model`` makes of them; of a table, what comes back alone."""
    before, after = some.user(slice(0, len(some))), model.reconstruct(some)
    if not course.images:
        return course.draw.examples(key, after)
    both = np.concatenate([before, after])
    rows = ("original", "reconstruction")
    return course.draw.examples(key, both, columns=len(some), rows=rows)


CHAPTER = Chapter(number=2, key="autoencoder", draw=draw, trainings=trainings)
