"""What scikit-learn's own checks apply to."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from ..data import check_names


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


def checked_matrix(model: Any, X: Any, reset: bool) -> Any:
    """``X`` after the checks for a matrix that scikit-learn's estimators make, if it is one; a
    frame keeps its columns, whose names are checked. ``reset``: the columns are new to the
    model."""
    if not is_matrix(X):
        return X
    if isinstance(X, pd.DataFrame):
        check_names([str(name) for name in X.columns])
        validate_data(model, X, reset=reset, skip_check_array=True)
        return X
    with warnings.catch_warnings():
        # arrays are taken in the order of the columns
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        return validate_data(model, X, reset=reset, ensure_min_samples=2 if reset else 1)


def _has_array_protocol(X: Any) -> bool:
    """Whether ``X`` says that it is an array, by NumPy's protocol."""
    return callable(getattr(X, "__array__", None)) and not isinstance(X, torch.utils.data.Dataset)
