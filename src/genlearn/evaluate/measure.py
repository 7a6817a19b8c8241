"""What a number of the scoreboard is called, what it means, and how sure it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Better = Literal["lower", "higher", "neither"]
Group = Literal["samples", "density", "reconstruction", "enlarging", "embedding", "latent space", "copies", "cost"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A kind of number. ``meaning`` says in one sentence what it tells, ``ideal`` what the truth itself would score, where that is one number.

    ``least`` and ``most``: the ends of what is possible, where intervals end too. ``headline``: whether the scoreboard has a column for it. ``key``
    names it in report.json; in several feature spaces as ``key/space``.
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

    def figure(self, value: float, half: float, n: int) -> Figure:
        """``value`` +- ``half``, within what is possible."""
        low, high = value - half, value + half
        return Figure(
            float(value), float(low if self.least is None else max(low, self.least)), float(high if self.most is None else min(high, self.most)), n
        )


@dataclass(frozen=True)
class Figure:
    """A measured ``value`` with its 95 % interval [``low``, ``high``], over ``n`` examples."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high
