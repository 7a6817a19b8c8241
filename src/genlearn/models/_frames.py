"""Data-frames in, data-frames out: what a model that learned from a table gives as examples is a
table of the same columns, as scikit-learn's ``set_output`` has it for what transformers give."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

from ..core.spec import DataSpec, TableSpec
from ..data import Dataset, open_data
from ..data.columns.frames import to_frame
from ._matrix import is_polars

# methods that give examples in the user's units
_EXAMPLES = (
    "sample",
    "decode",
    "inverse_transform",
    "reconstruct",
    "interpolate",
    "denoise",
    "inpaint",
)


def in_frames(cls: type[Any]) -> None:
    """Wrap those methods of ``cls`` that give examples."""
    for name in _EXAMPLES:
        method = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
        if not inspect.isfunction(method) or "gives_frames" in vars(method):
            continue
        if not getattr(method, "__isabstractmethod__", False):
            setattr(cls, name, _giving_frames(method))


def is_coded(X: Any) -> bool:
    """Whether rows are given as the numbers that stand for them."""
    return isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "fiub"


def in_units(data: Dataset, spec: DataSpec) -> Dataset:
    """``data``, which is like ``spec``, in its units."""
    return open_data(data, like=spec) if isinstance(spec, TableSpec) else replace(data, spec=spec)


def _giving_frames(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def giving(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = method(self, *args, **kwargs)
        spec = getattr(self, "spec_", None)
        if not isinstance(spec, TableSpec):
            return found
        given = args[0] if args else None
        polars = is_polars(given) or vars(self).get("frames_") == "polars"
        return _like(found, given, spec, polars)

    giving.gives_frames = True  # type: ignore[attr-defined]
    return giving


def _like(found: Any, given: Any, spec: TableSpec, polars: bool) -> Any:
    """Examples as a data-frame of pandas, under the index of one that was ``given`` where there is
    an example for each of its rows; or of polars."""
    frame = to_frame(found, spec) if isinstance(found, np.ndarray) else found
    if isinstance(given, pd.DataFrame) and len(given) == len(frame):
        return frame.set_axis(given.index)
    if polars and isinstance(frame, pd.DataFrame):
        return sys.modules["polars"].from_pandas(frame)
    return frame
