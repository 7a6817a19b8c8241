"""What a comparison was asked to be. It stands in comparison.json: the same settings continue
it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from ..core.errors import UserError
from ..core.estimator_types import seconds

_JUDGING = 1 / 6  # of a budget: a fifth of the time for training


@dataclass(frozen=True, kw_only=True)
class ComparisonConfig:
    """``budget`` as it was given ("" where nothing is trained); ``evaluation`` in seconds;
    ``samples`` that each model is judged by, None for as many as these seconds allow; the rest as
    in `compare`."""

    evaluation: float
    budget: str = ""
    size: str = ""
    seed: int = 0
    trials: int = 0
    samples: int | None = None
    features: tuple[str, ...] = ()

    @classmethod
    def within(
        cls, budget: str, evaluation: str | None, *, features: Sequence[str], **rest: Any
    ) -> Self:
        """Settings for a total of ``budget``. Raises `UserError` where judging would leave no time
        to train."""
        total = seconds(budget)
        judging = total * _JUDGING if evaluation is None else seconds(evaluation, "evaluation")
        if judging >= total:
            raise UserError(
                f"evaluation={evaluation!r} of budget={budget!r} leaves no time to train; give a"
                " longer budget"
            )
        return cls(budget=budget, evaluation=judging, features=tuple(features), **rest)

    @property
    def training(self) -> float:
        """Seconds for the training of all candidates together."""
        return seconds(self.budget) - self.evaluation

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"features": list(self.features)}
