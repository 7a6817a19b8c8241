"""A card for each model: what it is called, what to take it for, and what it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...core.capabilities import (
    Denoises,
    DiffusionProcess,
    Encodes,
    Inpaints,
    MixesStyles,
    Restores,
    Samples,
    Scores,
    SuperResolves,
)
from ...core.estimator_types import ClosedForm
from ...core.options import options_of
from ...core.registry import available, find

_ABILITIES: tuple[tuple[str, tuple[type[Any], ...]], ...] = (
    ("draws new examples", (Samples,)),
    ("has codes", (Encodes,)),
    ("scores by likelihood", (Scores,)),
    ("removes noise", (Denoises, Restores)),
    ("fills in gaps", (Inpaints,)),
    ("shows noise becoming data", (DiffusionProcess,)),
    ("mixes styles", (MixesStyles,)),
    ("enlarges", (SuperResolves,)),
)
_FROM_ELSEWHERE = "pipeline"  # is not trained


@dataclass(frozen=True)
class ModelCard:
    """The model called ``name``."""

    name: str
    model: type[Any]

    @property
    def title(self) -> str:
        return str(self.model.__doc__ or self.name).split(":", maxsplit=1)[0]

    @property
    def about(self) -> str:
        """The first paragraph of what it says of itself."""
        return " ".join(str(self.model.__doc__ or "").split("\n\n", maxsplit=1)[0].split())

    @property
    def use(self) -> str:
        return str(self.model.use)

    @property
    def takes(self) -> str:
        """Time until it has learned something, in words."""
        return str(self.model.takes)

    @property
    def abilities(self) -> list[str]:
        named = [name for name, ability in _ABILITIES if issubclass(self.model, ability)]
        takes_prompts = issubclass(self.model, Samples) and "prompt" in options_of(
            self.model.sampling_options
        )
        return [*named, *(["follows prompts"] if takes_prompts else [])]

    @property
    def learns_at_once(self) -> bool:
        """Whether it has a closed form, so that it takes no budget."""
        return issubclass(self.model, ClosedForm)


def card(name: str) -> ModelCard:
    """Raises `UserError` where no model is called so."""
    return ModelCard(name, find(name))


def cards() -> list[ModelCard]:
    """Those of all models that are trained, those to begin with first."""
    found = [card(name) for name in available() if name != _FROM_ELSEWHERE]
    return sorted(found, key=lambda one: (not one.use.startswith("Begin"), one.title.lower()))
