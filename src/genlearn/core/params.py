"""Hyper-parameters: the dataclass fields of a model, which become its flags, its form and its
manifest.

A field written as ``latent_dim: int = param(16, "size of the latent space", low=1)`` carries all
that a face needs to know: type, default, help and range. ``Literal`` types are choices; ``None`` as
a default means "derived from the data or from ``size``".

A range says what is allowed; ``search=Range(2, 64, log=True)`` or ``search=Choice(1, 2, 4)`` says
where it is worth looking. Without one, a hyper-parameter is not tuned.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Literal

from .errors import UserError, nearest


@dataclasses.dataclass(frozen=True)
class Range:
    """Worth searching from ``low`` to ``high``, both included; with ``log``, in equal ratios rather
    than equal steps."""

    low: float
    high: float
    log: bool = False


class Choice:
    """Worth searching among ``values``."""

    def __init__(self, *values: Any) -> None:
        self.values = values


Search = Range | Choice


@dataclasses.dataclass(frozen=True)
class Param:
    """One hyper-parameter as a face sees it: ``kind`` is int, float, str, bool or tuple (of ints);
    ``search`` is where tuning looks."""

    name: str
    kind: type
    default: Any
    help: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    optional: bool
    search: Search | None = None

    def check(self, value: Any, owner: str) -> None:
        """Raise `UserError` where ``value`` is of the wrong type, out of range or not a choice."""
        if value is None and self.optional:
            return
        if self.choices and value not in self.choices:
            raise UserError(
                f"{owner}: {self.name}={value!r} is not a choice;"
                f" {nearest(str(value), self.choices)}"
            )
        if not is_of_kind(value, self.kind):
            raise UserError(
                f"{owner}: {self.name}={value!r} was given; {self.name} is {_describe(self)}"
            )
        numbers = value if self.kind is tuple else (value,) if self.kind in (int, float) else ()
        if any(not _inside(number, self.low, self.high) for number in numbers):
            most = f" and at most {LARGEST:,}" if max(map(abs, numbers)) > LARGEST else ""
            raise UserError(
                f"{owner}: {self.name}={value!r} was given; {self.name} is {_describe(self)}{most}"
            )


def param(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    search: Search | None = None,
    choices: Callable[[], Iterable[str]] | None = None,
) -> Any:
    """A dataclass field that carries its help text, its range (both ends included), and where
    tuning looks, if anywhere.

    ``choices`` gives the names that can be chosen where others may add to them (`registry`); fixed
    ones are the field's `Literal`.
    """
    about = {"help": help, "low": low, "high": high, "search": search, "choices": choices}
    return dataclasses.field(default=default, metadata=about)


def inherited(base: type[Any], name: str, default: Any, **about: Any) -> Any:
    """The field ``name`` of ``base`` with another ``default``, and other words (``help``) or bounds
    where ``about`` gives them."""
    known: dict[str, dataclasses.Field[Any]] = base.__dataclass_fields__
    return dataclasses.field(default=default, metadata={**known[name].metadata, **about})


def params_of(model: Any) -> dict[str, Param]:
    """The hyper-parameters of a model class or instance, by name, in the order they were
    declared."""
    cls = model if isinstance(model, type) else type(model)
    hints = _hints(cls)
    return {
        f.name: _read(f, hints[f.name]) for f in dataclasses.fields(cls) if "help" in f.metadata
    }


@lru_cache(maxsize=256)  # every annotation of every base is evaluated for it
def _hints(cls: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def check_params(model: Any) -> None:
    """Raise `UserError` at the first hyper-parameter of ``model`` that is out of its type or
    range."""
    for name, h in params_of(model).items():
        h.check(getattr(model, name), type(model).__name__)


def parse_param(h: Param, text: str) -> Any:
    """The value that ``text`` (as typed in a shell or a form) stands for. Raises `UserError`."""
    if h.optional and text.lower() in ("none", "auto"):
        return None
    try:
        value: Any = _PARSERS.get(h.kind, h.kind)(text)
    except (ValueError, KeyError):
        raise UserError(f"{h.name}={text!r} was given; {h.name} is {_describe(h)}") from None
    return value


LARGEST = 10**15  # of whole numbers, which count something
_TRUTH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_PARSERS: dict[type, Callable[[str], Any]] = {
    bool: lambda text: _TRUTH[text.lower()],
    tuple: lambda text: tuple(int(part) for part in text.split(",")),
}


def _read(field: dataclasses.Field[Any], hint: Any) -> Param:
    options = (
        typing.get_args(hint)
        if typing.get_origin(hint) in (typing.Union, types.UnionType)
        else (hint,)
    )
    optional = type(None) in options
    hint = next(option for option in options if option is not type(None))
    choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    kind = str if choices else typing.get_origin(hint) or hint
    meta = field.metadata
    if meta["choices"] is not None:
        choices = tuple(meta["choices"]())
    h = Param(
        field.name,
        kind,
        field.default,
        meta["help"],
        meta["low"],
        meta["high"],
        choices,
        optional,
        meta["search"],
    )
    _check_search(h)
    return h


def _check_search(h: Param) -> None:
    """Raise `UserError` where tuning would look at what is not allowed."""
    if isinstance(h.search, Range):
        ends = (h.search.low, h.search.high)
        if h.kind not in (int, float) or not ends[0] < ends[1] or (h.search.log and ends[0] <= 0):
            raise UserError(
                f"{h.name}: {h.search} is no range to search; it takes numbers low < high, above"
                " zero if log"
            )
    for value in h.search.values if isinstance(h.search, Choice) else ends if h.search else ():
        h.check(value, "search")


def is_of_kind(value: Any, kind: type) -> bool:
    """Whether ``value`` is of a ``kind`` such as int, by Python or NumPy; truth is no number."""
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind is tuple:
        return isinstance(value, (tuple, list)) and all(is_of_kind(part, int) for part in value)
    number = hasattr(value, "__index__") or (
        kind is float and hasattr(value, "__float__") and not isinstance(value, str)
    )
    return number if kind in (int, float) else isinstance(value, kind)


def _inside(number: float, low: float | None, high: float | None) -> bool:
    bounded = high == math.inf or is_bounded(number)
    return bounded and (low is None or number >= low) and (high is None or number <= high)


def is_bounded(number: float) -> bool:
    """Whether ``number`` is finite, and a whole one no larger than anything that is counted."""
    return abs(number) <= LARGEST if hasattr(number, "__index__") else math.isfinite(number)


def _describe(h: Param) -> str:
    nouns = {
        int: "an integer",
        float: "a number",
        str: "a text",
        bool: "true or false",
        tuple: "integers separated by commas",
    }
    bounds = [f"at least {h.low:g}"] if h.low is not None else []
    bounds += [f"at most {h.high:g}"] if h.high not in (None, math.inf) else []
    return f"{nouns[h.kind]}{' of ' + ' and '.join(bounds) if bounds else ''}"
