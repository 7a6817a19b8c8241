"""The pages. Each module here is one, with its ``routes``; the wall lets the owner in to all, and
judges to those below `wall.ROOMS`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from starlette.routing import BaseRoute


def all_routes() -> list[BaseRoute]:
    """Those of all pages, by the names of their modules."""
    names = sorted(module.name for module in iter_modules(__path__))
    return [route for name in names for route in import_module(f".{name}", __name__).routes]
