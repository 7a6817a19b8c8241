"""Which source a thing is: the one place that tells kinds of data apart. What a kind needs is imported only when it is met."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from .source import Source


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
    from .arrays import Arrays

    return Arrays({"": source}, {})


def _named(source: str | Path) -> Source:
    from .files import at_path
    from .named import find_named

    path = Path(source).expanduser()
    try:
        if path.exists():
            return at_path(path)
    except PermissionError:
        raise UserError(f"{path} cannot be read: permission denied; change its permissions, or give another file") from None
    return find_named(str(source))


def _is(source: Any, module: str, *names: str) -> bool:
    """Whether ``source`` is of a class of ``module``, without importing it: who has such an object has imported it."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(source, tuple(getattr(loaded, name) for name in names))


def _is_picture(item: Any) -> bool:
    return isinstance(item, (str, Path)) or _is(item, "PIL.Image", "Image")
