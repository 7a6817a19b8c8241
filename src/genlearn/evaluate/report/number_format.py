"""Numbers for people: as many digits as are certain, the same in all cells of a column.

An interval of half-width h justifies the decimals that give h one digit, or two where it begins
with a 1, and no more; a value without an interval gets three digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any, TypeGuard

Figures = Iterable[Mapping[str, Any]]
MISSING = "–"
# from, unit, its name
_PREFIXES = ((1e9, 1e9, "\u202fG"), (1e6, 1e6, "\u202fM"), (1e5, 1e3, "\u202fk"))
_MOST = 5


def decimal_places(figures: Figures) -> int:
    """Decimals for a column of figures: a digit or two of the usual half-width, or three of the
    usual value where no interval is known."""
    figures = [f for f in figures if is_finite(f.get("value"))]
    widths = [width for f in figures if (width := half_width(f)) > 0]
    sizes = [abs(f["value"]) for f in figures if f["value"]]
    if not sizes or (not widths and all(float(size).is_integer() for size in sizes)):
        return 0
    digits = -exponent(median(widths) / 2) if widths else 2 - exponent(median(sizes))
    return max(0, min(_MOST, digits))


def format_number(value: Any, decimals: int) -> str:
    """A value with a true minus sign, thin spaces between thousands, and k, M, G for what is
    long."""
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    for least, unit, name in _PREFIXES:
        if abs(value) >= least:
            return f"{value / unit:.3g}{name}".replace("-", "−")
    text = f"{value:,.{decimals}f}".replace(",", "\u202f")
    return text.replace("-", "−") if float(text.replace("\u202f", "")) else text.lstrip("-")


def format_count(n: int) -> str:
    """A number of examples, in full."""
    return f"{n:,}".replace(",", "\u202f")


def format_interval(figure: Mapping[str, Any], decimals: int) -> str:
    """The interval, "11.2 to 13.4" in short; empty where it is a point or not known."""
    low, high = figure.get("low"), figure.get("high")
    if not is_finite(low) or not is_finite(high) or low == high:
        return ""
    return f"{format_number(low, decimals)}\u2009–\u2009{format_number(high, decimals)}"


def half_width(figure: Mapping[str, Any]) -> float:
    """Half of the interval; 0 where it is not known."""
    low, high = figure.get("low"), figure.get("high")
    return float(high - low) / 2 if is_finite(low) and is_finite(high) else 0.0


def is_finite(value: Any) -> TypeGuard[float]:
    """Whether ``value`` is a number that can be drawn."""
    return isinstance(value, int | float) and math.isfinite(value)


def exponent(value: float) -> int:
    """The power of ten of the first digit."""
    return math.floor(math.log10(value))


def format_p_value(p: Any) -> str:
    """A p-value: "p < 0.001" rather than zeros."""
    if not is_finite(p):
        return "p not known"
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def format_duration(seconds: Any) -> str:
    """Seconds, minutes or hours, whichever reads best."""
    if not is_finite(seconds):
        return MISSING
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"
