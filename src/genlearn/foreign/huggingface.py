"""Models that others trained: found in a folder or on the Hugging Face hub, and read without
executing anything in them. Libraries are used inside a block, and what has to be changed of the
process for them is as it was after it."""

from __future__ import annotations

import importlib
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import _lru_cache_wrapper, cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ..core.disk.json_text import parse_json
from ..core.errors import UserError, first_line

# whether the hub may be asked: while something is learned, and never on account of what was loaded
_FETCHING: ContextVar[bool] = ContextVar("fetching", default=False)
# what is read of a repository: configurations, weights, vocabularies
_WANTED = ["*.json", "*.safetensors", "*.txt", "*.model"]


@contextmanager
def fetching() -> Iterator[None]:
    """Inside, what models of the hub lack here is fetched."""
    before = _FETCHING.set(True)
    try:
        yield
    finally:
        _FETCHING.reset(before)


def cached_snapshot(repository: str) -> Path | None:
    """The folder of a model that is in the Hugging Face cache already, or None."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    found = try_to_load_from_cache(repository, "config.json")
    return Path(found).parent if isinstance(found, str) else None


def download_model(repository: str) -> Path:
    """The folder of a model of the Hugging Face hub, fetched unless it was before. Raises
    `UserError` where it cannot be had."""
    return cached_snapshot(repository) or download_snapshot(repository)


def download_snapshot(repository: str) -> Path:
    """The folder of all that is read of a repository of the hub, fetched unless it was before.
    Raises `UserError` where it cannot be had, or would have to be fetched outside `fetching`."""
    hub, allowed = library("huggingface_hub", "'genlearn[hub]'"), _FETCHING.get()
    try:
        return Path(
            hub.snapshot_download(repository, allow_patterns=_WANTED, local_files_only=not allowed)
        )
    except Exception as error:
        if not allowed:
            raise UserError(
                f"{repository} is not in the Hugging Face cache, and what was loaded fetches"
                f" nothing; fetch it with `hf download {repository}`"
            ) from None
        raise UserError(
            f"{repository} could not be fetched from the Hugging Face hub ({first_line(error)});"
            " give the folder of a model that you have"
        ) from None


@contextmanager
def transformers(extra: str) -> Iterator[ModuleType]:
    """The library of that name, to load models with inside. Raises `UserError` that says how to
    install it."""
    with _absent_if_broken("torchvision") as absent:
        found = library("transformers", extra)
        memory = sys.modules.get("transformers.utils.import_utils") if absent else None
        try:
            _forget(memory, "torchvision")
            yield found
        finally:
            _forget(memory, "torchvision")


@contextmanager
def diffusers(extra: str) -> Iterator[ModuleType]:
    """The library of that name, to load pipelines with inside. Raises `UserError` that says how to
    install it."""
    with transformers(extra):
        found = library("diffusers", extra)
        absent = sys.modules.get("torchvision", found) is None
        memory = vars(library("diffusers.utils.import_utils", extra))
        before = memory["_torchvision_available"]
        memory["_torchvision_available"] = before and not absent
        try:
            yield found
        finally:
            memory["_torchvision_available"] = before


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, diffusers gives no advice and shows no progress."""
    told, logger = library("diffusers.utils.logging", "diffusers"), logging.getLogger("diffusers")
    level, shown = logger.level, told.is_progress_bar_enabled()
    logger.setLevel(logging.ERROR)
    told.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        if shown:
            told.enable_progress_bar()


def library(module: str, extra: str) -> ModuleType:
    """The optional ``module``. Raises `UserError` that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UserError(
            f"{module.partition('.')[0]} is needed for this ({error}); install it with: pip install"
            f" {extra}"
        ) from None


def read_config(file: Path) -> dict[str, Any]:
    """A configuration as it lies beside weights. Raises `UserError` where it is missing or
    damaged."""
    try:
        return dict(parse_json(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UserError(
            f"{file} is missing; give a folder as the transformers library saves it, with"
            f" {file.name}"
        ) from None
    except ValueError:
        raise UserError(f"{file} is damaged; fetch the model again") from None


@contextmanager
def _absent_if_broken(name: str) -> Iterator[bool]:
    """Inside, a package that is installed but does not load counts as absent, which is told:
    transformers takes whatever is there, and fails with it.

    A torchvision built for another torch is common where torch is a CPU build.
    """
    absent = name not in sys.modules and _is_broken(name)
    if absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield absent
    finally:
        if absent:
            del sys.modules[name]


@cache
def _is_broken(name: str) -> bool:
    """Whether loading the package fails, though it is installed; what it loaded until then is
    unloaded."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        broken = error.name != name
    except Exception:
        broken = True
    else:
        broken = False
    if broken:
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[module]
    return broken


def _forget(memory: ModuleType | None, what: str) -> None:
    """Empty the memories of the functions in the module ``memory`` that have ``what`` in their
    names."""
    for name, function in vars(memory).items() if memory else ():
        if what in name and isinstance(function, _lru_cache_wrapper):
            function.cache_clear()
