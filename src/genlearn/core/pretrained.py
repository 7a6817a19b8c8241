"""Models that others trained: found in a folder or on the Hugging Face hub, and read without executing anything in them."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from .errors import UserError

_WANTED = ["*.json", "*.safetensors", "*.txt", "*.model"]  # what is read of a repository: configurations, weights, vocabularies


def cached(repository: str) -> Path | None:
    """The folder of a model that is in the Hugging Face cache already, or None."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, "config.json")
    return Path(found).parent if isinstance(found, str) else None


def fetched(repository: str) -> Path:
    """The folder of a model of the Hugging Face hub, fetched unless it was before. Raises `UserError` where it cannot be had."""
    return cached(repository) or fetched_whole(repository)


def fetched_whole(repository: str) -> Path:
    """The folder of all that is read of a repository of the hub, fetched unless it was before. Raises `UserError` where it cannot be had."""
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, allow_patterns=_WANTED))
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"{repository} could not be fetched from the Hugging Face hub ({reason}); give the folder of a model that you have") from None


def transformers(extra: str) -> ModuleType:
    """The library of that name. Raises `UserError` that says how to install it."""
    _hide_if_broken("torchvision")
    return library("transformers", extra)


def diffusers(extra: str) -> ModuleType:
    """The library of that name. Raises `UserError` that says how to install it."""
    _hide_if_broken("torchvision")
    found = library("diffusers", extra)
    if sys.modules.get("torchvision", found) is None:  # it may have been loaded before, when a broken torchvision looked whole
        library("diffusers.utils.import_utils", extra).__dict__["_torchvision_available"] = False
    return found


def library(module: str, extra: str) -> ModuleType:
    """The optional ``module``. Raises `UserError` that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UserError(f"{module.partition('.')[0]} is needed for this ({error}); install it with: pip install {extra}") from None


def document(file: Path) -> dict[str, Any]:
    """A configuration as it lies beside weights. Raises `UserError` where it is missing or damaged."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UserError(f"{file} is missing; give a folder as the transformers library saves it, with {file.name}") from None
    except ValueError:
        raise UserError(f"{file} is damaged; fetch the model again") from None


def _hide_if_broken(name: str) -> None:
    """Let a package that is installed but does not load count as absent: transformers takes whatever is there, and fails with it.

    A torchvision built for another torch is common where torch is a CPU build.
    """
    if name in sys.modules:
        return
    try:
        importlib.import_module(name)
    except ImportError:
        return
    except Exception:
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[module]
        sys.modules[name] = None  # type: ignore[assignment]
