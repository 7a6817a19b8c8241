"""Columns that say which example a row is about: ``name``, its file or what the table calls it, and
``class``, where the data has classes. What has no name is called by its number."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
import pandas as pd

from ..core.capabilities import Array
from ..data.dataset import Dataset

NAME, CLASS = "name", "class"


def about(data: Dataset) -> pd.DataFrame:
    """Names and classes of ``data``, those that there are, a row for each example."""
    classes = class_names(data)
    columns = {NAME: data.names or None, CLASS: classes}
    return pd.DataFrame(
        {key: column for key, column in columns.items() if column is not None},
        index=pd.RangeIndex(len(data)),
    )


def called(data: Dataset) -> Array:
    """What each example is called: its name, or its number, from 0."""
    return np.array(data.names, object) if data.names else np.arange(len(data))


def class_names(data: Dataset) -> Array | None:
    """The class of each example by name, where the data has classes."""
    if data.labels is None:
        return None
    return np.array(data.spec.classes, object)[data.labels]


def captions(data: Dataset, index: Array) -> list[str]:
    """Class and name of the examples at ``index``, without the folder that they lie in."""
    names = [PurePath(str(name)).name for name in called(data)[index]]
    classes = class_names(data)
    if classes is None:
        return names
    return [f"{one} · {name}" for one, name in zip(classes[index], names, strict=True)]
