"""Hyper-parameters: the dataclass fields of a model, which become its flags, its form and its manifest.

A field written as ``latent_dim: int = hyper(16, "size of the latent space", low=1)`` carries all that a face needs to know: type,
default, help and range. ``Literal`` types are choices; ``None`` as a default means "derived from the data or from ``size``".

A range says what is allowed; ``search=Between(2, 64, log=True)`` or ``search=Among(1, 2, 4)`` says where it is worth looking. Without one, a
hyper-parameter is not tuned.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from typing import Any, Literal

from .errors import UserError, nearest


@dataclasses.dataclass(frozen=True)
class Between:
    """Worth searching from ``low`` to ``high``, both included; with ``log``, in equal ratios rather than equal steps."""

    low: float
    high: float
    log: bool = False


class Among:
    """Worth searching among ``values``."""

    def __init__(self, *values: Any) -> None:
        self.values = values


Search = Between | Among


@dataclasses.dataclass(frozen=True)
class Hyper:
    """One hyper-parameter as a face sees it: ``kind`` is int, float, str, bool or tuple (of ints); ``search`` is where tuning looks."""

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
            raise UserError(f"{owner}: {self.name}={value!r} is not a choice; {nearest(str(value), self.choices)}")
        if not _is(value, self.kind):
            raise UserError(f"{owner}: {self.name}={value!r} was given; {self.name} is {_describe(self)}")
        numbers = value if self.kind is tuple else (value,) if self.kind in (int, float) else ()
        if any(not _inside(number, self.low, self.high) for number in numbers):
            raise UserError(f"{owner}: {self.name}={value!r} was given; {self.name} is {_describe(self)}")


def hyper(default: Any, help: str, *, low: float | None = None, high: float | None = None, search: Search | None = None) -> Any:
    """A dataclass field that carries its help text, its range (both ends included), and where tuning looks, if anywhere."""
    return dataclasses.field(default=default, metadata={"help": help, "low": low, "high": high, "search": search})


def hypers(model: Any) -> dict[str, Hyper]:
    """The hyper-parameters of a model class or instance, by name, in the order they were declared."""
    cls = model if isinstance(model, type) else type(model)
    hints = typing.get_type_hints(cls)
    return {f.name: _read(f, hints[f.name]) for f in dataclasses.fields(cls) if "help" in f.metadata}


def check_hypers(model: Any) -> None:
    """Raise `UserError` at the first hyper-parameter of ``model`` that is out of its type or range."""
    for name, h in hypers(model).items():
        h.check(getattr(model, name), type(model).__name__)


def parse(h: Hyper, text: str) -> Any:
    """The value that ``text`` (as typed in a shell or a form) stands for. Raises `UserError`."""
    if h.optional and text.lower() in ("none", "auto"):
        return None
    try:
        value: Any = tuple(int(part) for part in text.split(",")) if h.kind is tuple else h.kind(text)
    except ValueError:
        raise UserError(f"{h.name}={text!r} was given; {h.name} is {_describe(h)}") from None
    return value


def _read(field: dataclasses.Field[Any], hint: Any) -> Hyper:
    options = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    optional = type(None) in options
    hint = next(option for option in options if option is not type(None))
    choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    kind = str if choices else typing.get_origin(hint) or hint
    meta = field.metadata
    h = Hyper(field.name, kind, field.default, meta["help"], meta["low"], meta["high"], choices, optional, meta["search"])
    _check_search(h)
    return h


def _check_search(h: Hyper) -> None:
    """Raise `UserError` where tuning would look at what is not allowed."""
    if isinstance(h.search, Between):
        ends = (h.search.low, h.search.high)
        if h.kind not in (int, float) or not ends[0] < ends[1] or (h.search.log and ends[0] <= 0):
            raise UserError(f"{h.name}: {h.search} is no range to search; it takes numbers low < high, above zero if log")
    for value in h.search.values if isinstance(h.search, Among) else ends if h.search else ():
        h.check(value, "search")


def _is(value: Any, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind is tuple:
        return isinstance(value, (tuple, list)) and all(_is(part, int) for part in value)
    number = hasattr(value, "__index__") or (kind is float and hasattr(value, "__float__") and not isinstance(value, str))
    return number if kind in (int, float) else isinstance(value, kind)


def _inside(number: float, low: float | None, high: float | None) -> bool:
    return math.isfinite(number) and (low is None or number >= low) and (high is None or number <= high)


def _describe(h: Hyper) -> str:
    nouns = {int: "an integer", float: "a number", str: "a text", bool: "true or false", tuple: "integers separated by commas"}
    bounds = [f"at least {h.low:g}"] if h.low is not None else []
    bounds += [f"at most {h.high:g}"] if h.high is not None else []
    return f"{nouns[h.kind]}{' of ' + ' and '.join(bounds) if bounds else ''}"
