"""What can be chosen by name, ours and that of installed packages: models, samplers, metrics...

Ours is found where it lies; others' through entry points of the group ``genlearn.<kind>s``, called
as the thing itself is. Nothing is imported before it is asked for, and a name of ours cannot be
taken over.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar

from .errors import UserError, nearest

T = TypeVar("T")
Load = Callable[[], Any]


@dataclass(frozen=True)
class Registry(Generic[T]):
    """All of one ``kind``, such as "sampler": ``own`` gives ours, by name, each to be loaded;
    ``called``: what a thing of this kind calls itself, where it does."""

    kind: str
    own: Callable[[], Mapping[str, Load]]
    called: Callable[[T], str] | None = None

    @property
    def group(self) -> str:
        """The entry points through which other packages add to it."""
        return f"genlearn.{self.kind.replace(' ', '_')}s"

    def available(self) -> list[str]:
        """Names of all of them."""
        return sorted({*self.own(), *self._foreign()})

    def find(self, name: str) -> T:
        """What is called ``name``. Raises `UserError` with the nearest name where there is none,
        and for an entry point that is called otherwise than the thing."""
        own = self.own()
        if name in own:
            found: T = own[name]()
            return found
        foreign = self._foreign()
        if name not in foreign:
            raise UserError(f"no {self.kind} is called {name!r}; {nearest(name, self.available())}")
        try:
            loaded: T = foreign[name].load()
        except Exception as error:
            raise UserError(
                f"{self.kind} {name!r} of the installed package "
                f"{getattr(foreign[name].dist, 'name', '?')} cannot be loaded "
                f"({type(error).__name__}: {error}); mend or uninstall that package"
            ) from error
        own_name = name if self.called is None else self.called(loaded)
        if own_name != name:
            raise UserError(
                f"{self.kind} {name!r} of the installed package "
                f"{getattr(foreign[name].dist, 'name', '?')} calls itself {own_name!r}; call its"
                " entry point so"
            )
        return loaded

    def all(self) -> dict[str, T]:
        """Every one of them by name, loaded."""
        return {name: self.find(name) for name in self.available()}

    def foreign(self) -> dict[str, T]:
        """Those of other packages by name, loaded."""
        return {name: self.find(name) for name in self.available() if name not in self.own()}

    def _foreign(self) -> Mapping[str, EntryPoint]:
        return _installed(self.group, _places())


def _places() -> tuple[tuple[str, int], ...]:
    """Where packages can be installed, and when each place changed: one that is added while we run
    is there."""
    folders = [os.path.realpath(place) for place in sys.path]
    return tuple((path, os.stat(path).st_mtime_ns) for path in folders if os.path.exists(path))


@lru_cache(maxsize=64)  # every package's metadata is read for it
def _installed(group: str, places: tuple[tuple[str, int], ...]) -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


def things(named: Mapping[str, Any]) -> dict[str, Load]:
    """What is there already, to be given out by name."""
    return {name: partial(_itself, thing) for name, thing in named.items()}


def classes_in(module: str, base: type[Any]) -> dict[str, Load]:
    """The final classes of ``module`` that are of ``base``, by their ``name``."""
    found = inspect.getmembers(importlib.import_module(module), inspect.isclass)
    own = [c for _, c in found if issubclass(c, base) and "name" in vars(c)]
    return things({vars(c)["name"]: c for c in own})


def objects_in(package: str, attribute: str) -> dict[str, Load]:
    """What each file of ``package`` calls ``attribute``, by the name of the file."""
    return {stem: partial(_attribute, path, attribute) for stem, path in files_in(package).items()}


def _attribute(path: str, attribute: str) -> Any:
    return getattr(importlib.import_module(path), attribute)


def _itself(thing: Any) -> Any:
    return thing


@lru_cache(maxsize=64)  # the disk is walked for it
def files_in(package: str) -> Mapping[str, str]:
    """Modules of ``package`` and its sub-folders by the name of their file, but for private
    ones."""
    spec = importlib.util.find_spec(package)
    places = [] if spec is None else list(spec.submodule_search_locations or [])
    files = [(Path(place), file) for place in places for file in Path(place).rglob("*.py")]
    return {
        file.stem: ".".join([package, *file.relative_to(place).with_suffix("").parts])
        for place, file in files
        if not file.stem.startswith("_")
    }


def _model_files() -> dict[str, Load]:
    files = {stem: path for stem, path in files_in("genlearn.models").items() if stem != "base"}
    return {stem: partial(_class_of, path) for stem, path in files.items()}


def _class_of(path: str) -> type[Any]:
    """The model of a file: the class that has its name."""
    module, stem = importlib.import_module(path), path.rpartition(".")[2]
    classes = (c for _, c in inspect.getmembers(module, inspect.isclass) if c.__module__ == path)
    return next(c for c in classes if name_of(c) == stem)


def name_of(model: type[Any]) -> str:
    """The registered name of a model class."""
    return model.__name__.lower()


MODELS: Registry[type[Any]] = Registry("model", _model_files, name_of)
available, find = MODELS.available, MODELS.find
