"""Models by name: the files of ``genlearn/models`` and the entry points of group ``genlearn.models``.

A model's name is the name of its file, and of its class in lower case. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from .errors import UserError, nearest

GROUP = "genlearn.models"


def available() -> list[str]:
    """Names of all models, our own and those of installed packages."""
    return sorted({*_own(), *_foreign()})


def find(name: str) -> type[Any]:
    """The model class called ``name``. Raises `UserError` with the nearest name where there is none."""
    foreign = _foreign()
    if name in _own():
        return _class_of(importlib.import_module(f"{GROUP}.{name}"))
    if name in foreign:
        model: type[Any] = foreign[name].load()
        return model
    raise UserError(f"no model is called {name!r}; {nearest(name, available())}")


def name_of(model: type[Any]) -> str:
    """The registered name of a model class."""
    return model.__name__.lower()


def _own() -> list[str]:
    spec = importlib.util.find_spec(GROUP)
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    files = (file.stem for folder in folders for file in Path(folder).glob("*.py"))
    return [stem for stem in files if not stem.startswith("_") and stem != "base"]


def _foreign() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _class_of(module: Any) -> type[Any]:
    stem = module.__name__.rpartition(".")[2]
    classes = (c for _, c in inspect.getmembers(module, inspect.isclass) if c.__module__ == module.__name__)
    return next(c for c in classes if name_of(c) == stem)
