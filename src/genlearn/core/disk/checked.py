"""Tensors and documents that carry a digest, and are read without executing anything.

A tensor file is safetensors with a digest of its content in its header; a document is JSON with a
digest of the rest. What was cut short or edited is told from what is whole.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..errors import UserError
from .atomic import write_bytes
from .durable import check_regular
from .json_text import parse_json

DIGEST = "digest"


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
