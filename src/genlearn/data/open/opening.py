"""The entrance: any source in, one `Dataset` out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...core.errors import UserError
from ...core.spec import Binarise, DataSpec
from ..dataset import Dataset
from ..sources.base import choose, meaning
from .conform import conform
from .dispatch import find
from .labels import attach
from .options import Options, Progress, Tell, make_options, silent


def open_data(
    source: Any,
    *,
    labels: Any = None,
    split: str | None = None,
    resolution: int | tuple[int, int] | None = None,
    label: str | None = None,
    binarise: Binarise = "none",
    like: DataSpec | None = None,
    tell: Tell = silent,
    progress: Progress | None = None,
) -> Dataset:
    """Whatever ``source`` is, as a `Dataset`. Raises `UserError` in one line where it cannot be.

    ``labels``: one for each example. ``split``: by default the training part where there is one,
    else all. ``resolution``: side or (height, width) of images. ``label``: the column of classes.
    ``like``: the size, channels and columns to bring the data to. ``tell`` hears of long work and
    of each note, ``progress`` of (done, total).
    """
    if isinstance(source, Dataset):
        return source if like is None else conform(source, like)
    options = make_options(
        resolution,
        label,
        binarise,
        tell,
        progress,
        like=like if isinstance(source, (str, Path)) else None,
    )
    data = read(source, labels, split, options)
    return data if like is None else conform(data, like)


def open_with_classes(
    source: Any,
    like: DataSpec,
    *,
    split: str | None = None,
    label: str | None = None,
    progress: Progress | None = None,
) -> tuple[Dataset, tuple[str, ...]]:
    """`open_data` for a model of data ``like``, and the names of the data's own classes, which may
    be others than those that the model knows."""
    options = make_options(None, label, "none", silent, progress, like=like)
    data = read(source, None, split, options)
    return conform(data, like), data.spec.classes


def read(source: Any, labels: Any, split: str | None, options: Options) -> Dataset:
    """`open_data` with its options in one object."""
    found = find(source)
    try:
        data = found.read(choose(split, found.splits()), options)
    except PermissionError as error:
        raise UserError(
            f"{error.filename} cannot be read: permission denied; change its permissions, or give"
            " another"
        ) from None
    data = data if labels is None else attach(data, labels)
    for note in data.notes:
        options.tell(note)
    return data


def splits(source: Any) -> list[str]:
    """Names of the splits of ``source``; empty where it is one whole. Reads no examples."""
    return [] if isinstance(source, Dataset) else find(source).splits()


def has_split(source: Any, name: str) -> bool:
    """Whether ``source`` has a part that is meant by ``name``, however its author spells it."""
    return any(meaning(known) == meaning(name) for known in splits(source))
