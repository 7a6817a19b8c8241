"""Torch's map-style datasets, and plain lists of images: items are read once or twice in order, and
stored.

An item is a tensor, an array or a PIL image, alone or with a label: (x, y). Tensors of three axes
are channels first, as in all of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from ...core.errors import UserError
from ..dataset import Array, Dataset, scratch
from ..open.labels import attach
from ..open.options import Options
from ..prepare.image_source import ImageBatchSource
from ..prepare.prepare import prepare
from .arrays import as_array, from_array
from .base import Source


@dataclass(frozen=True)
class TorchDatasetSource(Source):
    """Anything with a length whose items are examples. ``classes``: names of labels 0, 1, ..."""

    items: Any
    classes: Sequence[str] = ()

    def read(self, split: str | None, options: Options) -> Dataset:
        if options.label is not None:
            raise UserError(
                f"label={options.label!r} was given; this data has no columns, pass labels= instead"
            )
        if isinstance(self.items, torch.utils.data.IterableDataset):
            raise UserError(
                "an iterable dataset was given; one with a length and an index is needed: collect"
                " its items into a list first"
            )
        if len(self.items) == 0:
            raise UserError("a dataset of 0 examples was given; at least one is needed")
        first, _ = _parts(self.items[0])
        data, targets = (
            self._pictures(options)
            if isinstance(first, (str, Path, Image.Image))
            else self._numbers(options)
        )
        return self._labelled(data, targets)

    def _pictures(self, options: Options) -> tuple[Dataset, list[Any]]:
        targets: list[Any] = []

        def payloads() -> Iterator[Any]:
            targets.clear()
            for x, y in self._pairs():
                targets.append(y)
                yield Path(x) if isinstance(x, str) else x

        named = isinstance(self.items[0], (str, Path))
        names = (
            [str(item) for item in self.items]
            if named
            else [f"item {i}" for i in range(len(self.items))]
        )
        data = prepare(
            ImageBatchSource(place="the given dataset", names=names, payloads=payloads, key=None),
            options,
        )
        return data, targets

    def _numbers(self, options: Options) -> tuple[Dataset, list[Any]]:
        first = _channels_last(_parts(self.items[0])[0])
        values = scratch((len(self.items), *first.shape), first.dtype)
        targets = []
        for i, (x, y) in enumerate(self._pairs()):
            item = _channels_last(x)
            if item.shape != first.shape:
                raise UserError(
                    f"item {i} has shape {item.shape} and item 0 {first.shape}; resize them in the"
                    " dataset's transform"
                )
            values[i] = item
            targets.append(y)
        return from_array(values, None, options), targets

    def _pairs(self) -> Iterator[tuple[Any, Any]]:
        return (_parts(self.items[i]) for i in range(len(self.items)))

    def _labelled(self, data: Dataset, targets: list[Any]) -> Dataset:
        plain = [_plain(target) for target in targets]
        if all(target is None for target in targets):
            return data
        if all(isinstance(target, str) for target in plain) and 2 * len(set(plain)) > len(plain):
            kept = np.delete(
                np.arange(len(plain)), [i for i, _, _ in data.origin.bad] if data.origin else []
            )
            return replace(
                data, captions=[plain[i] for i in kept], spec=replace(data.spec, captions=True)
            )
        if any(x is None and y is not None for x, y in zip(plain, targets, strict=True)):
            return replace(
                data,
                notes=(
                    *data.notes,
                    "second parts of the items left out: they are neither classes nor text",
                ),
            )
        return attach(data, plain, self.classes)


def _parts(item: Any) -> tuple[Any, Any]:
    """Example and label of an item."""
    return (
        (item[0], item[1] if len(item) > 1 else None)
        if isinstance(item, (tuple, list))
        else (item, None)
    )


def _plain(target: Any) -> Any:
    """The label as a Python object; None where it is no single number or text."""
    if isinstance(target, (torch.Tensor, np.ndarray, np.generic)):
        numbers = np.asarray(target)
        return numbers.item() if numbers.size == 1 else None
    return target if isinstance(target, (int, float, str)) else None


def _channels_last(item: Any) -> Array:
    array = as_array(item)
    if isinstance(item, torch.Tensor) and array.ndim == 3:
        array = np.moveaxis(array, 0, -1)
    return (
        array[..., 0]
        if isinstance(item, torch.Tensor) and array.ndim == 3 and array.shape[-1] == 1
        else array
    )
