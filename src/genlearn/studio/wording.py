"""Numbers and times as pages tell them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def ago(when: float) -> str:
    """A time, in seconds since 1970, as how long ago it was."""
    seconds = max(0.0, time.time() - when)
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def duration(seconds: float) -> str:
    """3 min 20 s."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest if not hours else 0, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def number(value: float) -> str:
    """With separators if it is whole, else three significant digits."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:.3g}"


def size(count: float) -> str:
    """A number of bytes."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} GB"


FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "duration": duration,
    "number": number,
    "size": size,
}
