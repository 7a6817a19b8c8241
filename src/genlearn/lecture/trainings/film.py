"""What a game on the ring looks like while it is played, frame by frame.

Frames are kept by the step that they are of, in one file that is written anew with each, so that a
training that goes on after a kill leaves the same film.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ...core.capabilities import Array
from ...core.disk.arrays import read_arrays
from ...core.disk.atomic import write_bytes
from ...engine.callbacks import NullCallback, Progress
from ..material import toy

SIDE, DRAWN = 40, 400  # places on the ground, and samples


@dataclass
class Film(NullCallback):
    """Notes at each preview where samples of one noise lie, and how sure the discriminator is over
    the plane."""

    path: Path
    seed: int
    step: int = field(default=0, init=False)

    def report(self, progress: Progress) -> None:
        self.step = progress.step

    def preview(self, model: Any) -> None:
        samples = np.asarray(model.sample(DRAWN, seed=self.seed), np.float32)
        certainty = model.discriminate(toy.lattice(SIDE)).reshape(SIDE, SIDE)
        before = read_film(self.path) if self.path.exists() else {}
        frames = before | {self.step: (samples, certainty.astype(np.float32))}
        steps = sorted(frames)
        content = BytesIO()
        np.savez(
            content,
            steps=steps,
            samples=np.stack([frames[step][0] for step in steps]),
            certainty=np.stack([frames[step][1] for step in steps]),
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(self.path, content.getvalue())


def read_film(path: Path) -> dict[int, tuple[Array, Array]]:
    """Samples (n, 2) and certainty (`SIDE`, `SIDE`) by step."""
    stored = read_arrays(path)
    frames = zip(stored["samples"], stored["certainty"], strict=True)
    return dict(zip(stored["steps"].tolist(), frames, strict=True))
