"""What a number of the scoreboard is called, what it means, and how sure it is; and how numbers of
sets of examples are measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..core.capabilities import Array

Better = Literal["lower", "higher", "neither"]
Group = Literal[
    "samples",
    "density",
    "reconstruction",
    "enlarging",
    "embedding",
    "latent space",
    "copies",
    "cost",
]
Needs = Literal["features", "images", "table", "columns"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A kind of number. ``meaning`` says in one sentence what it tells, ``ideal`` what the truth
    itself would score, where that is one number.

    ``least`` and ``most``: the ends of what is possible, where intervals end too. ``headline``:
    whether the scoreboard has a column for it. ``key`` names it in report.json; in several feature
    spaces as ``key/space``.
    """

    key: str
    title: str
    group: Group
    better: Better
    meaning: str
    reference: str = ""
    unit: str = ""
    ideal: float | None = None
    headline: bool = False
    least: float | None = None
    most: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def figure(self, value: float, half: float, n: int) -> MetricValue:
        """``value`` +- ``half``, within what is possible."""
        low, high = value - half, value + half
        return MetricValue(
            float(value),
            float(low if self.least is None else max(low, self.least)),
            float(high if self.most is None else min(high, self.most)),
            n,
        )


@dataclass(frozen=True)
class MetricValue:
    """A measured ``value`` with its 95 % interval [``low``, ``high``], over ``n`` examples."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, kw_only=True)
class SetMetric:
    """A pure function of two sets, ``function(real, fake)``, that gives the numbers of ``metrics``,
    in their order. Its errors are measured, which calls it many times, unless a formula knows them:
    then ``estimate(real, fake)`` gives each number with its standard error.

    ``needs`` says what the sets are: feature vectors (n, d) of any data, "images" (n, H, W[, C])
    with their range as 1, the standardised rows (n, d) of a "table", or its "columns" by kind, a
    structured array (n,) as `columns.kinds` has it. It is taken on at most ``largest`` examples of
    each set, because some cost n^2, and needs at least ``least``. Where
    ``even``, on as many real examples as samples: what counts neighbours depends on both numbers.
    Reports show metrics by rising ``order``.
    """

    metrics: tuple[Metric, ...]
    function: Callable[[Array, Array], tuple[float, ...]]
    needs: Needs
    estimate: Callable[[Array, Array], tuple[tuple[float, float], ...]] | None = None
    order: int = 1000
    largest: int = 5000
    least: int = 8
    even: bool = False

    @classmethod
    def single(
        cls, metric: Metric, function: Callable[[Array, Array], float], **settings: Any
    ) -> SetMetric:
        """Of a ``function`` that gives one number; ``settings`` are the other fields."""
        return cls(
            metrics=(metric,), function=lambda real, fake: (function(real, fake),), **settings
        )

    @classmethod
    def estimated(
        cls,
        metric: Metric,
        estimate: Callable[[Array, Array], tuple[float, float]],
        **settings: Any,
    ) -> SetMetric:
        """Of an ``estimate`` that gives one number and its standard error."""
        return cls(
            metrics=(metric,),
            function=lambda real, fake: (estimate(real, fake)[0],),
            estimate=lambda real, fake: (estimate(real, fake),),
            **settings,
        )
