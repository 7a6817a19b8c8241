"""What all chapters draw from: the data, the runs, and what was computed once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA

from ..core.capabilities import Array
from ..core.panels import LinePanel
from ..core.seeding import seed_for
from ..core.spec import DataSpec, ImageSpec
from ..data.columns.frames import as_numbers
from ..data.dataset import Dataset
from ..data.split import Split
from ..engine.runs.learning_curve import table
from ..engine.runs.loading import load
from ..engine.runs.metrics_log import read_lines
from ..engine.runs.run import Run
from .material.prompt_data import PromptData, prompt_data
from .sketch import Sketch
from .strings import Strings

_HELD = 2000  # examples that are encoded, at most
_FITTED, _COMPONENTS = 5000, 64  # examples that principal components are found by, and of these


@dataclass(frozen=True)
class Settings:
    """How a lecture was asked for; with ``steps``, each training takes so many, and none its part
    of the budget."""

    budget: float
    steps: int | None
    seed: int
    size: str
    device: str
    language: str


@dataclass
class Course:
    """The reader's data, in two parts, and the folder of the lecture.

    ``source`` is what the data is called, ``place`` where they lie, if in a file or folder, and
    ``options`` how they were read (`open_data`), where that was not left open;
    ``borrowed`` has the runs that were trained elsewhere, by name; ``started`` is when the budget
    began (`time.perf_counter`).
    """

    split: Split
    folder: Path
    settings: Settings
    strings: Strings
    source: str
    place: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)
    borrowed: dict[str, Path] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @property
    def spec(self) -> DataSpec:
        return self.split.train.spec

    @property
    def seed(self) -> int:
        return self.settings.seed

    @property
    def images(self) -> bool:
        return isinstance(self.spec, ImageSpec)

    @property
    def held(self) -> Dataset:
        """What no model learns from."""
        return self.split.held_out

    @cached_property
    def encoded(self) -> Dataset:
        """The held-out examples that maps and figures are made of."""
        return self.held.take(slice(0, _HELD))

    @cached_property
    def prompts(self) -> PromptData:
        """What prompts are learned from."""
        return prompt_data(self.split.train)

    @property
    def draw(self) -> Sketch:
        return Sketch(self.spec, self.strings)

    @cached_property
    def principal(self) -> PCA:
        """The leading principal components of the training examples, or of the first of them."""
        rows = self.rows(self.split.train.take(slice(0, _FITTED)))
        state = seed_for(self.seed, "components") % 2**32
        return PCA(min(_COMPONENTS, *rows.shape), random_state=state).fit(rows)

    @property
    def time_left(self) -> float:
        """The share of the budget that is left, below 0 where it is overdrawn; 1 where trainings
        are so many steps."""
        if self.settings.steps:
            return 1.0
        return 1 - (time.perf_counter() - self.started) / self.settings.budget

    @property
    def squared_unit(self) -> float:
        """What a squared difference of `rows` is in the unit of reconstruction errors: the range
        of an image is 2 inside, and counts as 1."""
        return 0.25 if self.images else 1.0

    def rows(self, data: Dataset) -> Array:
        """Examples as the networks see them, float64 (n, dim)."""
        return self.rows_of(data.user(slice(0, len(data))))

    def rows_of(self, values: Any) -> Array:
        """Examples in the user's units as the networks see them, float64 (n, dim)."""
        inside = self.spec.to_internal(as_numbers(values, self.spec))
        return np.asarray(inside.flatten(1).double().numpy())

    def user(self, rows: Array) -> Array:
        """Back from `rows`, in the user's units."""
        inside = torch.from_numpy(rows).float().reshape(-1, *self.spec.shape)
        return self.spec.to_user(inside)

    @property
    def plan(self) -> Path:
        """What the lecture was asked for, and the time that it has spent on training."""
        return self.folder / "lecture.json"

    def run(self, name: str) -> Path:
        """The folder of a run."""
        return self.borrowed.get(name, self.folder / "runs" / name)

    def has(self, name: str) -> bool:
        """Whether the run of this name is complete."""
        return Run(self.run(name)).complete

    def model(self, name: str) -> Any:
        """The model of a run."""
        return _loaded(str(self.run(name)))

    def curve(self, name: str) -> dict[str, Array]:
        """The loss of a run by steps: (k, 2), while training and, where it was taken, held out."""
        history = table(read_lines(self.run(name)))
        lines = {"training": history[["step", "loss"]].dropna().to_numpy(float)}
        if "validation" in history and history["validation"].notna().any():
            lines["held out"] = history[["step", "validation"]].dropna().to_numpy(float)
        return lines

    def game(self, name: str) -> dict[str, LinePanel]:
        """The curves of a game of two, by what is on their upright axis: D or V."""
        panels = self.model(name).panels(self.held)
        return {panel.y: panel for panel in panels if isinstance(panel, LinePanel)}

    def rng(self, name: str) -> np.random.Generator:
        """A source of random numbers for one purpose."""
        return np.random.default_rng(seed_for(self.seed, f"lecture {name}"))

    def film(self, name: str) -> Path:
        """Where the frames of a game lie."""
        return self.folder / "films" / f"{name}.npz"


@lru_cache(maxsize=3)
def _loaded(path: str) -> Any:
    return load(path)
