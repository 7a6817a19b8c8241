"""The runs in a folder, as lists and pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...core.capabilities import Samples
from ...core.errors import UserError
from ...core.registry import find
from ...core.spec import DataSpec, ImageSpec
from ...engine.duration.plan import OPEN
from ...engine.runs.manifest import DataFacts
from ...engine.runs.preview import find_previews
from ...engine.runs.run import Run
from .places import by_id, id_of, name_of, walk


@dataclass(frozen=True)
class RunFolder:
    """A run at ``path``, called by where it lies below the studio's folder; its manifest as it was
    when it was found, and when that was last written."""

    path: Path
    name: str
    manifest: dict[str, Any]
    updated: float

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def run(self) -> Run:
        return Run(self.path)

    @property
    def model(self) -> str:
        """The name of its model, as in "vae"."""
        return str(self.manifest["model"])

    @cached_property
    def model_class(self) -> type[Any]:
        return find(self.model)

    @property
    def title(self) -> str:
        """What its model is called in words."""
        return str(self.model_class.__doc__ or self.model).split(":", maxsplit=1)[0]

    @cached_property
    def spec(self) -> DataSpec:
        return DataSpec.from_json(self.manifest["data"]["spec"])

    @property
    def of_images(self) -> bool:
        return isinstance(self.spec, ImageSpec)

    @property
    def draws_images(self) -> bool:
        """Whether its model draws new images."""
        return self.of_images and self.can(Samples)

    @property
    def data(self) -> DataFacts:
        """What it learned from."""
        facts: DataFacts = self.manifest["data"]
        return facts

    @property
    def planned_steps(self) -> int | None:
        """None while its time has not been turned into steps yet."""
        steps = int(self.manifest["steps"])
        return None if steps >= OPEN else steps

    @cached_property
    def learned_steps(self) -> int:
        """After how many steps its weights were written; -1 before that."""
        return self.run.learned_steps

    @property
    def complete(self) -> bool:
        return self.run.complete

    @property
    def usable(self) -> bool:
        """Whether there are weights to ask."""
        return self.run.weights.is_file()

    @property
    def takes_prompts(self) -> bool:
        """Whether its model learned captions, so that it draws what a text says."""
        condition = self.manifest["hyper"].get("condition")
        return condition == "text" or (condition == "auto" and self.spec.captions)

    def previews(self) -> list[Path]:
        """Pictures of its fixed noise, by step."""
        pictures = [path.with_suffix(".png") for path in find_previews(self.run.samples)]
        return [path for path in pictures if path.is_file()]

    def can(self, *abilities: type[Any]) -> bool:
        """Whether its model has one of these capabilities."""
        return issubclass(self.model_class, abilities)


def find_runs(root: Path) -> dict[str, RunFolder]:
    """Those below ``root`` by id, the latest first. One whose manifest is damaged is left out: the
    command line tells about it."""
    found = []
    for folder in walk(root):
        if "manifest.json" not in folder.files:
            continue
        folder.folders.clear()  # the parts of a model made of models
        path = folder.path
        try:
            updated = (path / "manifest.json").stat().st_mtime
            card = RunFolder(path, name_of(path, root), Run(path).manifest, updated)
            _ = card.model_class, card.spec
        except (UserError, OSError, KeyError, TypeError, ValueError):
            continue
        found.append(card)
    return by_id(found)
