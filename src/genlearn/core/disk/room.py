"""Room on a disk, asked for before it is needed.

A memory map of a file that the disk has no room for ends its process with a signal (SIGBUS) when
it is written, and a stream ends after hours. So blocks are taken beforehand (`posix_fallocate`),
and what is about to be written is compared with what is free.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

from ..errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def reserve(file: int, size: int, folder: Path, what: str, remedy: str) -> None:
    """Take ``size`` bytes of the disk for the open ``file`` in ``folder``. Raises `UserError` where
    there are not so many, with what to do."""
    check_room(folder, size, what, remedy)
    try:
        if sys.platform == "linux":
            os.posix_fallocate(file, 0, size)
        else:
            os.ftruncate(file, size)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise _none_left(folder, size, what, remedy) from None


def check_room(folder: Path, size: float, what: str, remedy: str) -> None:
    """Raise `UserError` where ``folder`` has no room for ``size`` bytes more."""
    if size > shutil.disk_usage(folder).free:
        raise _none_left(folder, size, what, remedy)


def _none_left(folder: Path, size: float, what: str, remedy: str) -> UserError:
    free = shutil.disk_usage(folder).free
    return UserError(
        f"no room left in {folder}: {what} takes {_bytes(size)}, and {_bytes(free)} are free;"
        f" {remedy}"
    )


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.3g} {unit}" if unit != "bytes" else f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:,.3g} TB"
