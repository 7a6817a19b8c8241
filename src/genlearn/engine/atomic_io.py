"""Files that are written whole or not at all, and read without executing anything.

A tensor file is safetensors with a digest of its content in its header; a document is JSON with a
digest of the rest. What was cut short or edited is told from what is whole.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..core.errors import UserError

DIGEST = "digest"


def write_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` in one step. Raises `UserError` if the disk is full or the
    place not writable."""
    with atomic_file(path) as file:
        file.write(content)


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A temporary file that becomes ``path`` when the block ends, and vanishes if it fails."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with wrap_os_errors(path), _removed_on_failure(temporary):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes ``path`` when the block ends, and vanishes if it fails."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with wrap_os_errors(path), _removed_on_failure(temporary):
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        yield temporary
        shutil.rmtree(path, ignore_errors=True)
        os.replace(temporary, path)


@contextmanager
def wrap_os_errors(path: Path) -> Iterator[None]:
    """Inside, a failing operating system is told in one line that names ``path``."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
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
        with safe_open(path, framework="pt") as file:
            return dict(json.loads((file.metadata() or {}).get("about", "{}")))
    except (SafetensorError, OSError, ValueError):
        return {}


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of ``path`` and the words about them. Raises `UserError` if the file is missing,
    cut short or edited."""
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = json.loads((file.metadata() or {}).get("about", "{}"))
    except FileNotFoundError:
        raise UserError(
            f"{path} is missing; if its training was stopped early, the same fit command goes on;"
            " else restore the file"
        ) from None
    except (SafetensorError, OSError, ValueError) as error:
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
        document = json.loads(path.read_text())
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
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Inside, no other process that asks has the lock beside the file ``path``; Windows has
    none."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (path.parent / f".{path.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
