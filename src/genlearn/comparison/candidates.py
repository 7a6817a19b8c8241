"""Who takes part: the models that the budget can train, or those that were asked for.

Baselines take seconds and are always there. The time that is left is shared by deep models, and
shared by too many it is enough for none: so one takes part in any case, the best of each family
where each can have the seconds that examples of this size take to be learned, and others where each
of them can have minutes. Models of other packages were installed to be tried.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..core.capabilities import Samples
from ..core.errors import UserError
from ..core.estimator_types import ClosedForm
from ..core.model_spec import parse_model_spec
from ..core.params import check_params, params_of
from ..core.registry import MODELS, available, find
from ..core.spec import DataSpec, TableSpec

ALL = "all"  # in place of names
# deep models in the order in which they are given time: the best of each family, then by how well
# they did on images and tables (benchmarks/README.md)
_ORDER = ("flow", "vae", "r3gan", "edm", "latent", "autoencoder", "ddpm", "distill", "stylegan")
_ORDER_OF_TABLES = ("arm", "flow", "vae", "nsf", "r3gan", *_ORDER[3:])
_LESSONS = ("gan",)  # to learn from how they fail; they take part where they are named
# seconds for each number of an example, that a deep model is to have: a hundred steps of a flow on
# two slow cores, five hundred on two fast ones (benchmarks/README.md)
_EACH = 0.05
_FEW, _MINUTES = 3, 300.0  # as many by that; more, where each has so many seconds too


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


def candidates_for(
    texts: Sequence[str], spec: DataSpec, training: float
) -> tuple[list[Candidate], list[str]]:
    """The candidates, and a line for each model that takes no part. ``texts``: such as ``vae`` or
    ``vae latent_dim=8 beta=4``; "all"; or none: those that ``training`` seconds are enough for.

    Raises `UserError` for an unknown model or hyper-parameter, and for one that was asked for and
    does not suit.
    """
    if list(texts) == [ALL]:
        return _suiting(spec)
    if texts:
        candidates = _distinct([_parsed(text) for text in texts])
        for candidate in candidates:
            _check(candidate, spec)
        return candidates, []
    candidates, left_out = _suiting(spec)
    candidates = [one for one in candidates if one.name not in _LESSONS]
    waiting = _beyond(candidates, spec, training)
    if waiting:
        left_out.append(
            f"{', '.join(waiting)} take no part: {training:.0f} s of training are not enough for"
            f" so many; --model {ALL}, or each by its name, trains them too"
        )
    return [one for one in candidates if one.name not in waiting], left_out


def _suiting(spec: DataSpec) -> tuple[list[Candidate], list[str]]:
    """All models that suit the data, and a line for each that does not."""
    candidates, left_out = [], []
    for name in available():
        try:
            candidate = Candidate(name, name, {})
            _check(candidate, spec)
            candidates.append(candidate)
        except UserError as error:
            left_out.append(f"{name} takes no part: {error}")
    return candidates, left_out


def _beyond(candidates: Sequence[Candidate], spec: DataSpec, training: float) -> list[str]:
    """Names of those that there is no time for, the first to be added first."""
    deep = [one for one in candidates if not is_baseline(one)]
    own = [one for one in deep if one.name not in MODELS.foreign()]
    order = [one.name for one in sorted(own, key=lambda one: (rank(one, spec), one.name))]
    least = _EACH * spec.dim
    few, many = min(_FEW, int(training / least)), int(training / max(_MINUTES, least))
    return order[max(1, few, many) :]


def rank(candidate: Candidate, spec: DataSpec) -> int:
    """Its place in the order in which deep models are given time."""
    order = _ORDER_OF_TABLES if isinstance(spec, TableSpec) else _ORDER
    return order.index(candidate.model) if candidate.model in order else len(order)


def is_baseline(candidate: Candidate) -> bool:
    """Whether the model is fitted in one go, which takes little time and sets the mark that deep
    models must beat."""
    return isinstance(candidate.create(), ClosedForm)


def none_by_the_clock(candidates: Sequence[Candidate]) -> bool:
    """Whether there are deep models, and all of them train for a number of steps."""
    deep = [one for one in candidates if not is_baseline(one)]
    return bool(deep) and all("steps" in one.hyper for one in deep)


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


def training_length(candidate: Candidate, allowed: float | None) -> str:
    """How long a training takes, and when it is done."""
    if "steps" in candidate.hyper:
        return f" for {candidate.hyper['steps']:,} steps"
    if allowed is None:
        return ", in one go"
    end = time.strftime("%H:%M:%S", time.localtime(time.time() + allowed))
    return f" for {allowed:.0f} s, until about {end}"


def what_follows(later: Sequence[Candidate]) -> str:
    """What comes after it."""
    if not later:
        return "then all are judged"
    more = f", and {len(later) - 1} more" if len(later) > 1 else ""
    return f"then {later[0].name}{more}"
