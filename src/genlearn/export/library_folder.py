"""What folders for the diffusers library have in common: they are whole or not there, hold nothing
that differs from the model, and say what they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ..core.disk.atomic import atomic_folder, write_bytes
from ..core.disk.checked import write_document
from ..core.errors import UserError
from ..foreign.huggingface import diffusers, quiet
from .compare import TOLERANCE

DOCUMENT = "export.json"
# how anyone would read a part of the library
READ = {"use_safetensors": True, "local_files_only": True, "low_cpu_mem_usage": False}


@contextmanager
def library_folder(folder: Path) -> Iterator[tuple[Path, ModuleType]]:
    """What becomes ``folder`` when the block ends, and the library to write to it with. Raises
    `UserError` for a ``folder`` with other files in it, and without the library."""
    if folder.exists() and not (folder / DOCUMENT).exists() and any(folder.iterdir()):
        raise UserError(f"{folder} holds other files, which would be lost; name another folder")
    with atomic_folder(folder) as place, diffusers("'genlearn[diffusers]'") as library, quiet():
        yield place, library


def check_equal(error: float, does: str) -> None:
    """Raise `UserError` for a difference that is too large, of what the library ``does``."""
    if not error <= TOLERANCE:
        raise UserError(
            f"diffusers would {does} that differ from the model's by {error:.2g}; nothing was"
            " written"
        )


def describe(place: Path, document: dict[str, Any], card: str) -> None:
    """Write what a folder says of itself, to programs and to readers."""
    write_document(place / DOCUMENT, document)
    write_bytes(place / "README.md", card.encode())
