"""Errors a person can act on: what was given, what is needed, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from .text import printable

# what NumPy and torch say where memory is not to be had
_NO_MEMORY = (
    "not enough memory",
    "can't allocate memory",
    "out of memory",
    "array is too big",
    "storage size calculation overflowed",
    "maximum allowed size exceeded",
    "maximum allowed dimension exceeded",
)


class UserError(ValueError):
    """A mistake in what was asked or given. The command line prints it as one line and exits with
    code 2; names and values in it are made `printable`."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


def exhausted(error: BaseException) -> str:
    """What ran out and what to do, where ``error`` says that memory or threads did; else
    nothing."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(sign in text for sign in _NO_MEMORY):
        return (
            f"there is not enough memory ({first_line(error)}); take a smaller --size,"
            " --batch-size or --resolution, or fewer examples at a time"
        )
    if "can't start new thread" in text:
        return "no more threads can be started; end other programs, or raise `ulimit -u`"
    return ""


def first_line(error: BaseException) -> str:
    """The first line of what ``error`` says, or its class where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error message: the nearest known name, or all of them."""
    known = sorted(known)
    close = get_close_matches(name, known, n=1)
    return (
        f"did you mean {close[0]!r}?" if close else f"choose one of: {', '.join(known) or '(none)'}"
    )
