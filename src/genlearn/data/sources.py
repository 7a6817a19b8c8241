"""Which source a thing is: the one place that tells kinds of data apart. What a kind needs is imported only when it is met."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from .source import Source, brief


def find(source: Any) -> Source:
    """The source that ``source`` is or names. Raises `UserError` where it is none."""
    if isinstance(source, (str, Path)):
        return _named(source)
    if _is(source, "pandas", "DataFrame") or _is(source, "polars", "DataFrame"):
        from .frames import Frame

        return Frame(source)
    if _is(source, "datasets", "Dataset", "DatasetDict"):
        from .hub import HubSets

        return HubSets.of(source)
    if _is(source, "torch.utils.data", "Dataset"):
        from .torchsets import Items

        return Items(source, tuple(getattr(source, "classes", ())))  # torchvision's datasets name their classes so
    if isinstance(source, (list, tuple)) and len(source) and _is_picture(source[0]):
        from .torchsets import Items

        return Items(source)
    if source is None or isinstance(source, (dict, set, bytes, Iterator)):
        raise UserError(f"{type(source).__name__} was given; data is an array, a data-frame, a torch dataset, a path or the name of a set")
    from .arrays import Arrays

    return Arrays({"": source}, {})


def _named(source: str | Path) -> Source:
    from .files import at_path
    from .named import find_named

    try:
        path = Path(source).expanduser()
        return at_path(path) if str(source) and path.exists() else find_named(str(source))
    except PermissionError as error:
        raise UserError(f"{error.filename or source} cannot be read: permission denied; change its permissions, or give another") from None
    except (OSError, RuntimeError) as error:
        raise UserError(f"{str(source)[:80]!r} cannot be opened ({brief(error)[:80]}); give a path or the name of a set") from None


def _is(source: Any, module: str, *names: str) -> bool:
    """Whether ``source`` is of a class of ``module``, without importing it: who has such an object has imported it."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(source, tuple(getattr(loaded, name) for name in names))


def _is_picture(item: Any) -> bool:
    return isinstance(item, (str, Path)) or _is(item, "PIL.Image", "Image")
