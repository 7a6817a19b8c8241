"""What scikit-learn's own checks apply to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.sparse import issparse


def is_polars(X: Any) -> bool:
    """Whether ``X`` is of polars, which need not be there."""
    return type(X).__module__.partition(".")[0] == "polars"


def is_matrix(X: Any) -> bool:
    """Whether scikit-learn's own checks apply: to arrays, lists of numbers and frames of numbers;
    the data layer checks the rest."""
    if isinstance(X, pd.DataFrame):
        return all(pd.api.types.is_numeric_dtype(kind) for kind in X.dtypes)
    if is_polars(X):
        return False
    if isinstance(X, (list, tuple)):
        return not any(
            isinstance(x, (str, Path))
            or getattr(x, "ndim", 1) > 1
            or type(x).__module__.startswith("PIL")
            for x in X[:1]
        )
    array_like = isinstance(X, (np.ndarray, torch.Tensor)) or issparse(X) or _has_array_protocol(X)
    return array_like and getattr(X, "ndim", 2) <= 2


def _has_array_protocol(X: Any) -> bool:
    """Whether ``X`` says that it is an array, by NumPy's protocol."""
    return callable(getattr(X, "__array__", None)) and not isinstance(X, torch.utils.data.Dataset)
