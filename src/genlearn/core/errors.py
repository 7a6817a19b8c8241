"""Errors a person can act on: what was given, what is needed, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(ValueError):
    """A mistake in what was asked or given. The command line prints it as one line and exits with
    code 2."""


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
