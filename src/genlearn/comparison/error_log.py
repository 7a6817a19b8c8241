"""What failed, whole: a comparison goes on without it, and a report has room for one line."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..core.disk.atomic import wrap_os_errors
from ..core.errors import UserError, first_line


@dataclass(frozen=True)
class ErrorLog:
    """The file at ``path``; with ``debug`` its tracebacks are told as well, as they come."""

    path: Path
    tell: Callable[[str], None]
    debug: bool = False

    def keep(self, name: str, error: BaseException) -> None:
        """Add the traceback of what failed for ``name``, with the time."""
        lines = "".join(traceback.format_exception(error))
        with wrap_os_errors(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {name}\n{lines}\n")
        if self.debug:
            self.tell(lines)


def summary(error: BaseException) -> str:
    """An error in one line, with its class where it is no `UserError`."""
    text = first_line(error)
    return text if isinstance(error, UserError) else f"{type(error).__name__}: {text}"
