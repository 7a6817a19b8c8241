"""Which source a thing is: kinds of data are asked in turn whether they accept it. What a kind
needs is imported only when it is met.

Objects of our own kinds are known by their class. What is left, texts above all, is offered to
those of other packages first, since ours read any text as a path or a name, and any object as an
array.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...core.errors import UserError
from ...core.registry import Registry, things
from ..remote.addresses import expanded, is_address
from ..sources.base import Source, SourceKind, brief


def find(source: Any) -> Source:
    """The source that ``source`` is or names. Raises `UserError` where it is none."""
    for kind in (*_BY_CLASS.values(), *SOURCES.foreign().values(), *_BY_CONTENT.values()):
        if kind.accepts(source):
            return kind.open(source)
    raise UserError(
        f"{type(source).__name__} was given; data is an array, a data-frame, a torch dataset, a"
        " path or the name of a set"
    )


@dataclass(frozen=True)
class OwnKind:
    """A kind of source that this package brings, from its two functions."""

    accepts: Callable[[Any], bool]
    open: Callable[[Any], Source]


def _is(source: Any, module: str, *names: str) -> bool:
    """Whether ``source`` is of a class of ``module``, without importing it: who has such an object
    has imported it."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(source, tuple(getattr(loaded, name) for name in names))


def is_data_frame(source: Any) -> bool:
    """Whether ``source`` is a frame of pandas or polars."""
    return _is(source, "pandas", "DataFrame") or _is(source, "polars", "DataFrame")


def _is_hugging_face(source: Any) -> bool:
    return _is(source, "datasets", "Dataset", "DatasetDict")


def _is_torch_dataset(source: Any) -> bool:
    return _is(source, "torch.utils.data", "Dataset")


def _is_pictures(source: Any) -> bool:
    return isinstance(source, (list, tuple)) and len(source) > 0 and _is_picture(source[0])


def _is_picture(item: Any) -> bool:
    return isinstance(item, (str, Path)) or _is(item, "PIL.Image", "Image")


def _is_text(source: Any) -> bool:
    return isinstance(source, (str, Path))


def _is_array(source: Any) -> bool:
    return source is not None and not isinstance(source, (dict, set, bytes, Iterator))


def _data_frame(source: Any) -> Source:
    from ..sources.dataframes import DataFrameSource

    return DataFrameSource(source)


def _hugging_face(source: Any) -> Source:
    from ..sources.huggingface import HuggingFaceSource

    return HuggingFaceSource.of(source)


def _torch_dataset(source: Any) -> Source:
    from ..sources.torch_datasets import TorchDatasetSource

    # torchvision's datasets name their classes so
    return TorchDatasetSource(source, tuple(getattr(source, "classes", ())))


def _pictures(source: Any) -> Source:
    from ..sources.torch_datasets import TorchDatasetSource

    return TorchDatasetSource(source)


def _path_or_name(source: str | Path) -> Source:
    from ..sources.builtin_sets import find_named
    from .path_dispatch import at_path, at_paths

    try:
        path = Path(source).expanduser()
        if "{" in str(source) and not path.exists():
            return at_paths([Path(name) for name in expanded(str(path))])
        return at_path(path) if str(source) and path.exists() else find_named(str(source))
    except UserError:
        raise
    except PermissionError as error:
        raise UserError(
            f"{error.filename or source} cannot be read: permission denied; change its permissions,"
            " or give another"
        ) from None
    except (OSError, RuntimeError, ValueError) as error:  # no path, as of a null byte
        raise UserError(
            f"{str(source)[:80]!r} cannot be opened ({brief(error)[:80]}); give a path or the name"
            " of a set"
        ) from None


def _address(source: str) -> Source:
    from ..remote.source import RemoteSource

    return RemoteSource(source)


def _array(source: Any) -> Source:
    from ..sources.arrays import ArraySource

    return ArraySource({"": source}, {})


_BY_CLASS: dict[str, SourceKind] = {
    "data frame": OwnKind(is_data_frame, _data_frame),
    "hugging face": OwnKind(_is_hugging_face, _hugging_face),
    "torch dataset": OwnKind(_is_torch_dataset, _torch_dataset),
    "pictures": OwnKind(_is_pictures, _pictures),
}
_BY_CONTENT: dict[str, SourceKind] = {
    "address": OwnKind(is_address, _address),
    "path or name": OwnKind(_is_text, _path_or_name),
    "array": OwnKind(_is_array, _array),
}
SOURCES: Registry[SourceKind] = Registry("source", partial(things, _BY_CLASS | _BY_CONTENT))
