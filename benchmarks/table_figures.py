"""Detection, shape, trend and use of drawn rows, as `tables` describes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from table_sets import TableSet

import genlearn as gl
from genlearn.evaluate.columns.kinds import by_kind
from genlearn.evaluate.metrics import METRICS

Array = NDArray[Any]
_FOLDS = 3


def figures(data: TableSet, drawn: pd.DataFrame, seed: int = 0) -> dict[str, float]:
    """The four headline figures of ``drawn`` rows, of which as many as there are held-out rows are
    detected, in random order; of the columns that were learned from."""
    data = TableSet(data.train[list(drawn)], data.test[list(drawn)], data.target)
    n = min(len(data.test), len(drawn))
    real, fake = data.test.sample(n, random_state=seed), drawn.sample(n, random_state=seed)
    return {
        "detection": detection(real, fake, seed),
        **shape_and_trend(data.train, drawn),
        "use": use(drawn, data.test, data.target),
    }


def shape_and_trend(real: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, float]:
    """As reports have them."""
    data = gl.open_data(real)
    rows = by_kind(data.values, data.spec), by_kind(drawn, data.spec)
    found = {name: METRICS.find(name).function(*rows)[0] for name in ("shape", "trend")}
    return {name: float(value) for name, value in found.items()}


def detection(real: pd.DataFrame, fake: pd.DataFrame, seed: int = 0) -> float:
    """2 (1 - AUC) of trees that tell ``fake`` rows from ``real`` ones, in [0, 1]."""
    X = np.concatenate(_design(real, fake))
    y = np.repeat([0, 1], [len(real), len(fake)])
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    aucs = [
        roc_auc_score(y[test], _trees(True).fit(X[train], y[train]).predict_proba(X[test])[:, 1])
        for train, test in folds.split(X, y)
    ]
    return float(np.clip(2 * (1 - np.mean(aucs)), 0, 1))


def use(drawn: pd.DataFrame, test: pd.DataFrame, target: str) -> float:
    """How well the target is known on ``test`` to trees that learn from ``drawn`` rows."""
    X, Z = _design(drawn.drop(columns=target), test.drop(columns=target))
    if _is_number(test[target]) and test[target].nunique() > 2:
        return float(r2_score(test[target], _trees(False).fit(X, drawn[target]).predict(Z)))
    classes = sorted(test[target].dropna().astype(str).unique())
    codes = {level: code for code, level in enumerate(classes)}
    y, truth = (
        frame[target].astype(str).map(codes).fillna(0).astype(int) for frame in (drawn, test)
    )
    if y.nunique() < len(classes):
        return 0.5
    model = _trees(True).fit(X, y)
    if len(classes) == 2:
        return float(roc_auc_score(truth, model.predict_proba(Z)[:, 1]))
    return float(accuracy_score(truth, model.predict(Z)))


def _design(a: pd.DataFrame, b: pd.DataFrame) -> tuple[Array, Array]:
    """Numbers as they are and a column for each level, of both frames alike."""
    both = pd.concat([a, b[list(a)]], ignore_index=True)
    parts = [
        both[name].to_numpy(float)[:, None]
        if _is_number(a[name])
        else pd.get_dummies(_text(both[name])).to_numpy(float)
        for name in both
    ]
    X = np.concatenate(parts, axis=1)
    return X[: len(a)], X[len(a) :]


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    """With missing as a level."""
    return column.astype(object).where(column.notna(), "missing").astype(str)


def _is_number(column: pd.Series[Any]) -> bool:
    kinds = pd.api.types
    return kinds.is_numeric_dtype(column) and not kinds.is_bool_dtype(column)


def judge() -> str:
    """Whose trees detect and learn."""
    try:
        import xgboost
    except ImportError:
        return "scikit-learn's histogram trees: XGBoost is not installed"
    return f"XGBoost {xgboost.__version__}"


def _trees(classes: bool) -> Any:
    """XGBoost at its defaults, or scikit-learn's trees where it is not installed."""
    try:
        from xgboost import XGBClassifier, XGBRegressor
    except ImportError:
        ours = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
        return ours(random_state=0)
    return (XGBClassifier if classes else XGBRegressor)(n_jobs=1, random_state=0)
