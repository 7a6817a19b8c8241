"""One writer for each place: a lock file in it, held by `flock` as long as its process lives.

The system lets go of the lock when its holder ends, however that ends, so that none is ever stale;
what the file says, who holds it, is for people. Shared disks pass `flock` on to their server (NFS
since Linux 2.6.12, Lustre and GPFS where they are mounted so). On one without locks what the file
says is all there is: a living process of this computer is believed, of others nothing can be known,
which is told once.

A lock file is removed when it is let go of. Another process may have opened it just before, so a
lock counts only if its file is the one that stands at its path.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import UserError
from .flock import flocked
from .json_text import parse_json

_AGAIN = 0.1  # seconds between two looks at a lock that is waited for


@dataclass(eq=False)
class Lock:
    """The lock at ``path``, a file in the folder that it guards; held inside a ``with``. A folder
    that was made for it, and stays empty, goes with it.

    ``shared``: beside others that are shared, but no other. ``wait``: until it is free, of which
    ``told`` hears once, with who holds it; else `UserError` tells that ``what`` is written by
    another process.
    """

    path: Path
    what: str = ""
    shared: bool = False
    wait: bool = False
    told: Callable[[str], None] | None = None
    sure: bool = field(default=False, init=False)  # no other holds it; unsure on disks without
    _file: int | None = field(default=None, init=False, repr=False)
    _made: list[Path] = field(default_factory=list, init=False, repr=False)

    def __enter__(self) -> Lock:
        said = False
        while not self._taken():
            holder = holder_of(self.path)
            if not self.wait:
                raise UserError(
                    f"{self.what or self.path.parent} is being written by {holder}; wait until"
                    " that is done, stop it, or choose another place (--out)"
                )
            if not said and self.told:
                self.told(holder)
            said = True
            time.sleep(_AGAIN)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None:
            return
        if self.there and (not self.shared or flocked(self._file, shared=False)):
            self.path.unlink(missing_ok=True)  # no other has it
        self.forget()
        remove_empty(self._made)

    @property
    def there(self) -> bool:
        """Whether the file that is held stands at its path: the place was not removed since."""
        return self._file is not None and _same(self._file, self.path)

    def renewed(self) -> bool:
        """Whether it is held at its path, again where somebody removed its file."""
        if self.there:
            return True
        self.forget()
        return self._taken()

    def forget(self) -> None:
        """Close the file without letting go of the lock, in a process that only inherited it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _taken(self) -> bool:
        """Whether the lock was free, and is held now. Raises `OSError` where no file can be
        written."""
        while True:
            file = self._opened()
            if file is None:
                continue  # another process removed the empty folder just now
            try:
                free = flocked(file, self.shared)
                if free is None and not self.shared:
                    free = _unsure(self.path)
            except BaseException:
                os.close(file)
                raise
            if free is not False and _same(file, self.path):
                self._file, self.sure = file, free is True
                _HELD.add(self)
                _sign(file)
                return True
            os.close(file)
            if free is False:
                return False

    def _opened(self) -> int | None:
        folder = self.path.parent
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._made += [place for place in missing if place not in self._made]
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except FileNotFoundError:
            if folder.is_dir():
                raise
            return None


_HELD: weakref.WeakSet[Lock] = weakref.WeakSet()
_UNSURE: set[int] = set()  # disks without locks


def holder_of(path: Path) -> str:
    """Who holds the lock at ``path``, in words."""
    try:
        about: dict[str, Any] = parse_json(path.read_text(encoding="utf-8"))
        here = about["host"] == socket.gethostname()
        where = "" if here else f" on {about['host']}"
        if here and about["process"] == os.getpid():
            return f"this process already, since {about['since']}"
        return (
            f"another process ({about['process']}{where}, since {about['since']}:"
            f" {about['command']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def other_holds(path: Path) -> bool | None:
    """Whether the lock at ``path`` is signed by another process that lives; None where it is signed
    by one of another computer, of which nothing can be known. The lock itself is not touched."""
    try:
        about = parse_json(path.read_text(encoding="utf-8"))
        process = int(about["process"])
        if about["host"] != socket.gethostname():
            return None
        if os.name != "posix" or process in (os.getpid(), 0) or process < 0:
            return False
        os.kill(process, 0)
    except PermissionError:  # it is of another user
        return True
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return False
    return True


def _unsure(path: Path) -> bool | None:
    """False where the lock at ``path`` is another's on a disk without locks; else None, and it is
    said once of each disk that it has none."""
    folder = path.parent
    if other_holds(path):
        return False
    if (disk := folder.stat().st_dev) not in _UNSURE:
        _UNSURE.add(disk)
        warnings.warn(
            f"{folder} is on a disk without locks: keep processes of other computers from writing"
            " there at the same time",
            UserWarning,
            stacklevel=5,
        )
    return None


def remove_empty(folders: list[Path]) -> None:
    """The first of them, and those that it lies in, where nothing else is."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _sign(file: int) -> None:
    """Write down who holds the lock; on a full disk, nobody can tell."""
    about = {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "command": _command(),
    }
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(about).encode(), 0)
    except OSError:
        return


def _command() -> str:
    """What runs here, as it was typed, in brief."""
    name = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return " ".join([name, *sys.argv[1:]])[:120]


def _same(file: int, path: Path) -> bool:
    """Whether the open ``file`` is the one at ``path``."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _forget_all() -> None:
    """A child that was forked would keep its parent's locks after the parent's end."""
    for lock in list(_HELD):
        lock.forget()


if os.name == "posix":
    os.register_at_fork(after_in_child=_forget_all)
