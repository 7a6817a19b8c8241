"""The entrance: any source in, one `Dataset` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core.errors import UserError
from ...core.spec import Binarise, DataSpec, TableSpec
from ..dataset import Dataset
from ..sources.base import Source, choose, meaning
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
    header: bool | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    key: str | None = None,
    kinds: dict[str, str] | None = None,
    binarise: Binarise = "none",
    like: DataSpec | None = None,
    tell: Tell = silent,
    progress: Progress | None = None,
) -> Dataset:
    """Whatever ``source`` is, as a `Dataset`. Raises `UserError` in one line where it cannot be.

    ``labels``: one for each example. ``split``: by default the training part where there is one,
    else all. ``resolution``: side or (height, width) of images. ``label``: the column of classes.
    ``header``, ``delimiter``, ``decimal``: whether the first row of a table in text holds names,
    what separates its cells ("tab" and "space" are understood), its decimal mark; by default what
    its lines say. ``key``: the array of examples in a file of several. ``like``: the size,
    channels, columns and classes to bring the data to. ``tell`` hears of long work and of each
    note, ``progress`` of (done, total).
    """
    if isinstance(source, Dataset):
        return source if like is None else conform(source, like)
    options = make_options(
        resolution,
        label,
        binarise,
        tell,
        progress,
        like=like if isinstance(source, (str, Path)) or isinstance(like, TableSpec) else None,
        header=header,
        delimiter=delimiter,
        decimal=decimal,
        key=key,
        kinds=kinds,
    )
    data = read(source, labels, split, options)
    for note in data.notes:
        tell(note)
    return data if like is None else conform(data, like)


def read(source: Any, labels: Any, split: str | None, options: Options) -> Dataset:
    """`open_data` with its options in one object, which hears of long work alone."""
    found = find(source)
    _check_written(found, options)
    try:
        data = found.read(choose(split, found.splits()), options)
    except PermissionError as error:
        raise UserError(
            f"{error.filename} cannot be read: permission denied; change its permissions, or give"
            " another"
        ) from None
    data = data if labels is None else attach(data, labels)
    asked = {"split": split, "label": options.label, **options.written}
    return replace(data, asked={name: value for name, value in asked.items() if value is not None})


def as_before(source: Any, learned_from: Mapping[str, Any]) -> dict[str, Any]:
    """The options of `open_data` by which a run that ``learned_from`` (its manifest's "data") reads
    ``source``: how it was told that data is written, and of the same data the column of classes."""
    asked = learned_from.get("asked", {})
    if isinstance(source, Dataset) or not asked:
        return {}
    known = [*find(source).written()]
    known += ["label"] if str(source) == learned_from["source"] else []
    return {name: asked[name] for name in known if name in asked}


_FOR = {"key": "files of several arrays (.npz)", "kinds": "tables"}


def _check_written(found: Source, options: Options) -> None:
    """Raise `UserError` for an option that nothing here is read by."""
    for name, value in options.written.items():
        if name not in found.written():
            kind = _FOR.get(name, "tables in text (.csv)")
            raise UserError(
                f"{name}={value!r} was given; it is for {kind}, and this data is none: leave it out"
            )


def splits(source: Any) -> list[str]:
    """Names of the splits of ``source``; empty where it is one whole. Reads no examples."""
    return [] if isinstance(source, Dataset) else find(source).splits()


def has_split(source: Any, name: str) -> bool:
    """Whether ``source`` has a part that is meant by ``name``, however its author spells it."""
    return any(meaning(known) == meaning(name) for known in splits(source))
