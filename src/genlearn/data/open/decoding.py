"""The border to decoders that others wrote: of what a damaged file makes them raise, no list is
complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...core.errors import UserError, first_line

_LONGEST = 120  # characters of what a decoder says


@contextmanager
def decoding(path: Path, what: str, todo: str = "save it again") -> Iterator[None]:
    """Inside, whatever a decoder raises over ``path`` is a `UserError` that says it cannot be read
    as ``what``, and what ``todo``; a message of our own gets the path before it.

    What the system refuses (permissions), or runs out of (memory), is passed on.
    """
    try:
        yield
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    except (PermissionError, MemoryError):
        raise
    except Exception as error:
        why = first_line(error)[:_LONGEST]
        raise UserError(f"{path} cannot be read as {what} ({why}); {todo}") from error
