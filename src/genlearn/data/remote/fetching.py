"""Files at addresses, by fsspec: what there is, and one at a time on the disk for as long as it is
read.

A server may be slow, fail for a moment, or send less than it said; so a file is asked for three
times, waited for a minute between two pieces of it, and compared in size with what was listed. What
cannot be had is an error that names it.
"""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.disk.durable import remove
from ...core.disk.locks import Lock
from ...core.disk.room import check_room
from ...core.errors import UserError, first_line
from ..folders.names import hidden_part, size_of
from ..open.file_tree import SUFFIXES, suffix
from ..open.path_dispatch import kind_of
from ..prepare.cache import key_of, root
from .addresses import check_address, expanded

IMAGES = "images"
_TRIES, _WAIT = 3, 0.5  # seconds before the second, doubled for each
_CONNECT, _SILENCE = 30, 60  # seconds for a connection, and without a byte
_LARGEST = 64 << 30  # bytes of one file
_LIST = 64 << 20  # of a list of addresses
_ASKED = 1000  # files that are asked for their size one by one, before any is fetched


@dataclass(frozen=True)
class RemoteFile:
    """``name``: within the data. ``size``: in bytes, if that is known. ``mark``: what changes with
    the content, as far as its keeper says."""

    address: str
    name: str
    size: int | None = None
    mark: str = ""


def listed(address: str) -> list[RemoteFile]:
    """The files that ``address`` names: one, those of its braces, those of a list (.txt), or of a
    folder, but hidden ones. Raises `UserError` where there are none, or they cannot be listed."""
    check_address(address)
    if "{" in address:
        return _named(expanded(address))
    if address.lower().endswith(".txt"):
        return _named(_lines(address))
    if kind_of_name(_plain(address)):
        return _named([address])
    files = _files_at(address)
    if not files:
        raise UserError(f"{address} holds no files that can be listed; name them with braces")
    return files


@contextmanager
def fetched(files: list[RemoteFile]) -> Iterator[Path]:
    """The one file, or a folder of all ``files``, on the disk for as long as this is entered."""
    key = key_of(file.address for file in files)
    folder = root() / "fetched" / key
    with Lock(folder.with_name(f".{key}.lock"), str(folder), wait=True):
        remove(folder)
        try:
            for file in files:
                _fetch(file, folder / _inside(file, files))
            yield folder / _inside(files[0], files) if len(files) == 1 else folder
        except UserError as error:
            told = str(error)
            for file in files if len(files) == 1 else ():
                told = told.replace(str(folder / _inside(file, files)), file.address)
            raise UserError(told) from None
        finally:
            remove(folder)


def _inside(file: RemoteFile, files: list[RemoteFile]) -> str:
    """Where a file is put; ``name`` leads nowhere else."""
    return posixpath.basename(file.name) if len(files) == 1 else file.name


def _named(addresses: list[str]) -> list[RemoteFile]:
    names = [_plain(address) for address in map(check_address, addresses)]
    shared = posixpath.commonpath([posixpath.dirname(name) for name in names])
    files = [
        RemoteFile(address, posixpath.relpath(name, shared))
        for address, name in zip(addresses, names, strict=True)
    ]
    return [_asked(file) for file in files] if len(files) <= _ASKED else files


def _plain(address: str) -> str:
    """The path in an address, without what a web server is asked beside it."""
    path = re.sub(r"^\w[\w+.-]*://", "/", address)
    path = re.split(r"[?#]", path)[0] if address.lower().startswith("http") else path
    return posixpath.normpath(path)


def _lines(address: str) -> list[str]:
    """The addresses in a list, those that are relative beside it."""
    with fetched([_limited(address)]) as path:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeError:
            raise UserError(f"{address} is no text; a list has one address a line") from None
    lines = [line.strip() for line in text.splitlines()]
    base = address.rpartition("/")[0]
    found = [
        line if "://" in line else f"{base}/{line}" for line in lines if line and line[0] != "#"
    ]
    if not found or any(".." in line.split("/") for line in found):
        raise UserError(f"{address} lists nothing, or files above it; give one address a line")
    return [one for line in found for one in (expanded(line) if "{" in line else [line])]


def _limited(address: str) -> RemoteFile:
    file = _asked(RemoteFile(address, posixpath.basename(_plain(address))))
    if file.size is not None and file.size > _LIST:
        raise UserError(f"{address} has {size_of(file.size)}; a list has {size_of(_LIST)} at most")
    return file


def _asked(file: RemoteFile) -> RemoteFile:
    """``file`` with its size, of which its keeper is asked."""
    system, path = _system(file.address)
    facts = _tried(file.address, lambda: system.info(path))
    return RemoteFile(file.address, file.name, facts.get("size"), _mark(facts))


def _mark(facts: dict[str, Any]) -> str:
    names = ("size", "ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified")
    return key_of(f"{name} {facts[name]}" for name in names if facts.get(name))


def kind_of_name(name: str) -> str:
    """How a file so called is read, "images" or a suffix; "" where it is not."""
    return IMAGES if suffix(name) in SUFFIXES else kind_of(Path(name))


def _files_at(address: str) -> list[RemoteFile]:
    """What is in a folder at ``address``, by name."""
    system, path = _system(address)
    found = _tried(address, lambda: system.find(path, detail=True))
    begin, files = f"{path.rstrip('/')}/", []
    for name, facts in sorted(found.items()):
        own = name.removeprefix(begin)
        if name.startswith(begin) and own and not hidden_part(own) and ".." not in own.split("/"):
            size, whole = facts.get("size"), system.unstrip_protocol(name)
            files.append(RemoteFile(check_address(whole), own, size, _mark(facts)))
    return files


def _fetch(file: RemoteFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if file.size:
        check_room(path.parent, file.size, file.address, "free some, or set GENLEARN_CACHE")
    system, place = _system(file.address)
    _tried(file.address, lambda: system.get_file(place, str(path), callback=_limit(file.address)))
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        raise UserError(
            f"{file.address} was said to have {file.size:,} bytes and has {size:,}; see whether it"
            " is whole, or has changed"
        )


def _limit(address: str) -> Any:
    from fsspec.callbacks import Callback

    class Limit(Callback):  # type: ignore[misc]
        """Hears of each piece."""

        def relative_update(self, inc: int = 1) -> None:
            super().relative_update(inc)
            if self.value > _LARGEST:
                raise UserError(f"{address} has more than {size_of(_LARGEST)}; pack it smaller")

    return Limit()


def _tried(address: str, ask: Any) -> Any:
    """What ``ask()`` gives, asked again where a server fails."""
    for number in range(_TRIES):
        try:
            return ask()
        except UserError:
            raise
        except FileNotFoundError:
            raise UserError(f"{address} is not there; see how it is called") from None
        except PermissionError as error:
            raise UserError(f"{address} may not be read ({first_line(error)[:120]})") from None
        except Exception as error:  # each keeper's library has errors of its own
            reason = first_line(error)[:120] or type(error).__name__
        if number + 1 < _TRIES:
            time.sleep(_WAIT * 2**number)
    raise UserError(f"{address} cannot be fetched, asked {_TRIES} times ({reason})")


def _system(address: str) -> tuple[Any, str]:
    """fsspec's way to ``address``, and what it is called there."""
    try:
        import fsspec

        how: dict[str, Any] = {}
        if address.lower().startswith("http"):
            import aiohttp

            waits = aiohttp.ClientTimeout(None, sock_connect=_CONNECT, sock_read=_SILENCE)
            how["client_kwargs"] = {"timeout": waits}
        return fsspec.core.url_to_fs(address, **how)  # type: ignore[no-any-return]
    except ImportError as error:
        raise UserError(
            f"{address} needs a package that is not there ({first_line(error)[:120]}); pip install"
            " 'genlearn[remote]'"
        ) from None
    except Exception as error:  # whatever its library says of an address that is none
        raise UserError(f"{address} cannot be read ({first_line(error)[:120]})") from None
