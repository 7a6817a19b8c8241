"""Who takes part: every registered model that suits the data, or those that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.capabilities import Samples
from ..core.errors import UserError
from ..core.model_spec import parse_model_spec
from ..core.params import check_params, params_of
from ..core.registry import available, find
from ..core.spec import DataSpec


@dataclass(frozen=True)
class Candidate:
    """``name`` on the scoreboard, the registered ``model``, and the hyper-parameters that differ
    from its defaults."""

    name: str
    model: str
    hyper: dict[str, Any]

    def create(self, **more: Any) -> Any:
        """The model, unfitted; those of ``more`` that it does not have are left out. What would
        learn from labels if there are any does without."""
        known = params_of(find(self.model))
        unlabelled = {
            name: "none" for name, h in known.items() if name == "condition" and h.default == "auto"
        }
        return find(self.model)(
            **{
                key: value
                for key, value in (unlabelled | more | self.hyper).items()
                if key in known
            }
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def candidates_for(texts: Sequence[str], spec: DataSpec) -> tuple[list[Candidate], list[str]]:
    """The candidates, and a line for each model that does not suit. ``texts``: such as ``vae`` or
    ``vae latent_dim=8 beta=4``; none: all.

    Raises `UserError` for an unknown model or hyper-parameter, and for one that was asked for and
    does not suit.
    """
    if texts:
        candidates = _distinct([_parsed(text) for text in texts])
        for candidate in candidates:
            _check(candidate, spec)
        return candidates, []
    candidates, left_out = [], []
    for name in available():
        try:
            candidate = Candidate(name, name, {})
            _check(candidate, spec)
            candidates.append(candidate)
        except UserError as error:
            left_out.append(f"{name} takes no part: {error}")
    return candidates, left_out


def _parsed(text: str) -> Candidate:
    name, hyper = parse_model_spec(text, "a candidate")
    return Candidate(name, name, hyper)


def _check(candidate: Candidate, spec: DataSpec) -> None:
    model = candidate.create()
    check_params(model)
    model.check_data(spec)
    if not isinstance(model, Samples):
        raise UserError(f"{candidate.model} draws no samples to compare")


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    """Names that tell candidates of one model apart by their settings."""
    models = [candidate.model for candidate in candidates]
    named = []
    for candidate in candidates:
        settings = "-".join(f"{key}={_short(value)}" for key, value in candidate.hyper.items())
        alone = models.count(candidate.model) == 1 or not settings
        named.append(
            Candidate(
                candidate.model if alone else f"{candidate.model}-{settings}",
                candidate.model,
                candidate.hyper,
            )
        )
    names = [candidate.name for candidate in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UserError(
            f"{twice} was asked for twice; candidates of one model need different settings"
        )
    return named


def _short(value: Any) -> str:
    return (
        "x".join(map(str, value))
        if isinstance(value, (tuple, list))
        else str(value).replace("/", "_")
    )
