"""Axes: from values to positions on paper, with few round ticks (1, 2 or 5 times a power of ten).

A linear axis is padded so that nothing touches the frame. A logarithmic one has ticks at powers of
ten, or at 1, 2, 5 where it spans less than two of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ..number_format import exponent

_SMALLEST = 1e-300  # what is less stands at the end of a logarithmic axis: a p-value may be 1e-315


@dataclass(frozen=True)
class Axis:
    """Maps [low, high] to [start, end], linearly or by logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (
            math.log(max(v, _SMALLEST)) if self.log else v for v in (self.low, self.high, value)
        )
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self, most: int) -> list[float]:
        """At most about ``most`` round values inside."""
        candidates = (
            _log_ticks(self.low, self.high, most)
            if self.log
            else _linear_ticks(self.low, self.high, most)
        )
        low, high = sorted((self.start, self.end))
        return [t for t in candidates if low - 1e-6 <= self(t) <= high + 1e-6]


def fit_axis(
    values: Iterable[float], start: float, end: float, *, log: bool = False, pad: float = 0.05
) -> Axis:
    """An axis that holds all ``values``; a logarithmic one passes over what is not positive."""
    kept = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
    low, high = (min(kept), max(kept)) if kept else ((1.0, 10.0) if log else (0.0, 1.0))
    if log:
        low, high = max(low, _SMALLEST), max(high, _SMALLEST)
        margin = max((high / low) ** pad, 1.08)
        return Axis(max(low / margin, _SMALLEST), high * margin, start, end, True)
    margin = pad * (high - low) or 0.05 * abs(high) or 0.5
    return Axis(low - margin, high + margin, start, end)


def tick_label(value: float, step: float) -> str:
    """A tick's text: no more decimals than the step between ticks has."""
    if value == 0:
        return "0"
    if abs(value) >= 1e4 or abs(value) < 1e-3:
        return _scientific(value)
    decimals = max(0, -exponent(step)) if step else 2
    return f"{value:,.{decimals}f}".replace(",", "\u202f").replace("-", "−")


def tick_labels(axis: Axis, ticks: list[float]) -> list[str]:
    """Texts of all ticks of an axis."""
    steps = [b - a for a, b in pairwise(ticks)]
    step = min(steps, default=abs(ticks[0]) if ticks else 1.0)
    even = len(steps) > 1 and math.isclose(step, max(steps))  # a logarithmic axis that is short
    if axis.log and not even:
        return [tick_label(t, t) for t in ticks]
    return [tick_label(0.0 if abs(t) < step * 1e-6 else t, _clean(step)) for t in ticks]


def _scientific(value: float) -> str:
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:.3g}{name}".replace("-", "−")
    power = exponent(abs(value))
    digits = f"{value / 10**power:.3g}"
    raised = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digits == "1" else f"{digits}·10{raised}".replace("-", "−")


def _clean(step: float) -> float:
    return float(f"{step:.3g}")


def _linear_ticks(low: float, high: float, most: int) -> list[float]:
    rough = (high - low) / max(most, 1)
    power = 10.0 ** exponent(rough)
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * 0.999)
    return [
        i * step for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    first, last = exponent(low), exponent(high)
    if last - first < 2:
        ticks = [s * 10.0**p for p in range(first, last + 1) for s in (1, 2, 5)]
        return (
            ticks if sum(low <= t <= high for t in ticks) >= 2 else _linear_ticks(low, high, most)
        )
    stride = max(1, math.ceil((last - first) / most))
    return [10.0**p for p in range(first, last + 1, stride)]
