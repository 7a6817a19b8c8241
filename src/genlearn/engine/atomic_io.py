"""Files that are written whole or not at all, and read without executing anything.

A tensor file is safetensors with a digest of its content in its header; a document is JSON with a
digest of the rest. What was cut short or edited is told from what is whole.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..core.disk.durable import (
    UNFINISHED,
    check_regular,
    create_new,
    remove,
    remove_unfinished,
    sync_folder,
    sync_tree,
    temporary_beside,
)
from ..core.disk.json_text import parse_json
from ..core.disk.locks import Lock
from ..core.disk.room import FULL
from ..core.errors import UserError

DIGEST = "digest"
LOCK = ".lock"  # in a folder that one process writes to


def write_bytes(path: Path, content: bytes, many: bool = False) -> None:
    """Replace ``path`` by ``content`` in one step, as `atomic_file` does. Raises `UserError` if the
    disk is full or the place not writable."""
    with atomic_file(path, many) as file:
        file.write(content)


@contextmanager
def atomic_file(path: Path, many: bool = False) -> Iterator[BinaryIO]:
    """A temporary file that becomes ``path`` when the block ends, and vanishes if it fails. It
    outlasts a power cut, and what a killed process has left of an earlier one vanishes; of ``many``
    files in a row that would take too long for each, and who writes them sees to it."""
    temporary = temporary_beside(path)
    with wrap_os_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not many:
            remove_unfinished(path.parent, glob.escape(path.name))
        with open(create_new(temporary), "w+b") as file, _removed_on_failure(temporary):
            yield file
            file.flush()
            if not many:
                os.fsync(file.fileno())
            os.replace(temporary, path)
        if not many:
            sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """What was appended to ``path`` outlasts a power cut; nothing where there is none."""
    if path.exists():
        with wrap_os_errors(path), path.open("rb+") as file:
            os.fsync(file.fileno())


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes ``path`` when the block ends, and vanishes if it fails."""
    temporary = temporary_beside(path)
    with wrap_os_errors(path), _removed_on_failure(temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        yield temporary
        sync_tree(temporary)
        if path.exists() or path.is_symlink():
            old = temporary_beside(path)
            os.replace(path, old)
            os.replace(temporary, path)
            remove(old)
        else:
            os.replace(temporary, path)
        sync_folder(path.parent)


@contextmanager
def sole_writer(folder: Path, *inside: str, shared: bool = False) -> Iterator[Lock]:
    """Inside, no other process that asks writes to ``folder``, which is made where it is not there;
    several may that are ``shared``. What killed ones have left unfinished in it, and in the folders
    ``inside`` it, is removed. Raises `UserError` where another one does, or it cannot be written
    to."""
    with ExitStack() as stack:
        with wrap_os_errors(folder):
            lock = stack.enter_context(Lock(folder / LOCK, str(folder), shared))
            if lock.sure and not shared:
                for place in (folder, *(folder / name for name in inside)):
                    for path in place.glob(f".*{UNFINISHED}"):
                        remove(path)
        yield lock


@contextmanager
def wrap_os_errors(path: Path) -> Iterator[None]:
    """Inside, a failing operating system is told in one line that names ``path``."""
    try:
        yield
    except OSError as error:
        full = error.errno in FULL
        reason = (
            "the disk is full; free some space"
            if full
            else f"{error.strerror or error}; choose another place"
        )
        raise UserError(
            f"could not write {path}: {reason}. What was saved before is intact"
        ) from error


def write_tensors(path: Path, tensors: dict[str, Tensor], **about: str) -> None:
    """Write ``tensors`` and a few words ``about`` them."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    # one entry: safetensors writes several in no fixed order
    header = json.dumps({**about, DIGEST: _digest(tensors)})
    write_bytes(path, save(tensors, metadata={"about": header}))


def read_about(path: Path) -> dict[str, Any]:
    """The words about the tensors of ``path`` alone, which are not read; none where it is
    damaged."""
    try:
        check_regular(path)
        with safe_open(path, framework="pt") as file:
            return dict(parse_json((file.metadata() or {}).get("about", "{}")))
    except (SafetensorError, OSError, ValueError, TypeError):
        return {}


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of ``path`` and the words about them. Raises `UserError` if the file is missing,
    cut short or edited."""
    try:
        check_regular(path)
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = dict(parse_json((file.metadata() or {}).get("about", "{}")))
    except FileNotFoundError:
        raise UserError(
            f"{path} is missing; if its training was stopped early, the same fit command goes on;"
            " else restore the file"
        ) from None
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{path} is damaged ({error}); restore it from a copy, or fit again with --fresh"
        ) from None
    if about.pop(DIGEST, None) != _digest(tensors):
        raise UserError(
            f"{path} was changed after it was saved; restore it from a copy, or fit again with"
            " --fresh"
        )
    return tensors, about


def write_document(path: Path, document: dict[str, Any]) -> None:
    """Write ``document`` as JSON that a person can read."""
    write_bytes(
        path, json.dumps({**document, DIGEST: _digest_of_text(document)}, indent=1).encode()
    )


def read_document(path: Path) -> dict[str, Any]:
    """The document in ``path``. Raises `UserError` if it is missing, cut short or edited."""
    try:
        check_regular(path)
        document = parse_json(path.read_text())
        digest = document.pop(DIGEST)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; restore it from a copy, or fit again") from None
    except (ValueError, KeyError, AttributeError, TypeError, OSError):
        raise UserError(
            f"{path} is damaged; restore it from a copy, or fit again with --fresh"
        ) from None
    if digest != _digest_of_text(document):
        raise UserError(
            f"{path} was changed after it was saved; restore it from a copy, or fit again with"
            " --fresh"
        )
    return dict(document)


def _digest(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def _digest_of_text(document: dict[str, Any]) -> str:
    return hashlib.blake2b(
        json.dumps(document, sort_keys=True).encode(), digest_size=16
    ).hexdigest()


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            remove(path)
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Inside, no other process that asks has the lock beside the file ``path``; it is waited
    for."""
    with Lock(path.parent / f".{path.name}.lock", wait=True):
        yield
