"""Who takes part: every registered model that suits the data, or those that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.asked import asked
from ..core.capabilities import Samples
from ..core.errors import UserError
from ..core.hyper import check_hypers, hypers
from ..core.registry import available, find
from ..core.spec import DataSpec


@dataclass(frozen=True)
class Entrant:
    """``name`` on the scoreboard, the registered ``model``, and the hyper-parameters that differ from its defaults."""

    name: str
    model: str
    hyper: dict[str, Any]

    def create(self, **more: Any) -> Any:
        """The model, unfitted; those of ``more`` that it does not have are left out. What would learn from labels if there are any does without."""
        known = hypers(find(self.model))
        unlabelled = {name: "none" for name, h in known.items() if name == "condition" and h.default == "auto"}
        return find(self.model)(**{key: value for key, value in (unlabelled | more | self.hyper).items() if key in known})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def gather(asked: Sequence[str], spec: DataSpec) -> tuple[list[Entrant], list[str]]:
    """The entrants, and a line for each model that does not suit. ``asked``: texts such as ``vae`` or ``vae latent_dim=8 beta=4``; none: all.

    Raises `UserError` for an unknown model or hyper-parameter, and for one that was asked for and does not suit.
    """
    if asked:
        entrants = _distinct([_parsed(text) for text in asked])
        for entrant in entrants:
            _check(entrant, spec)
        return entrants, []
    entrants, left_out = [], []
    for name in available():
        try:
            entrant = Entrant(name, name, {})
            _check(entrant, spec)
            entrants.append(entrant)
        except UserError as error:
            left_out.append(f"{name} takes no part: {error}")
    return entrants, left_out


def _parsed(text: str) -> Entrant:
    name, hyper = asked(text, "an entrant")
    return Entrant(name, name, hyper)


def _check(entrant: Entrant, spec: DataSpec) -> None:
    model = entrant.create()
    check_hypers(model)
    model.check_data(spec)
    if not isinstance(model, Samples):
        raise UserError(f"{entrant.model} draws no samples to compare")


def _distinct(entrants: list[Entrant]) -> list[Entrant]:
    """Names that tell entrants of one model apart by their settings."""
    models = [entrant.model for entrant in entrants]
    named = []
    for entrant in entrants:
        settings = "-".join(f"{key}={_short(value)}" for key, value in entrant.hyper.items())
        alone = models.count(entrant.model) == 1 or not settings
        named.append(Entrant(entrant.model if alone else f"{entrant.model}-{settings}", entrant.model, entrant.hyper))
    names = [entrant.name for entrant in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UserError(f"{twice} was asked for twice; entrants of one model need different settings")
    return named


def _short(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value).replace("/", "_")
