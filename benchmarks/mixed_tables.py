"""What becomes of tables of mixed columns, apart from how good rows are (`tables.py`).

* **kept**: penguins, titanic, diamonds and tips as data-frames: columns left out, levels that were
  never seen, numbers with other decimals, and by how much the share of missing values of the worst
  column differs, in rows of ``arm`` and ``gmm``.
* **numbers**: the numeric columns of the diamonds, 40,000 rows to learn from: how often boosted
  trees tell drawn rows from 8,000 others (area under the curve, three folds; .5 is chance).
* **where**: 1,000 rows under a condition that one row in a thousand meets, of 20,000 normal rows
  of three correlated columns: seconds, and means beside the true ones.
* **large**: 1,000,000 rows of 20 columns, three of them categories: seconds to open, to fit a
  mixture and to draw as many rows, and the most memory that was taken.

    GENLEARN_DATA=... OMP_NUM_THREADS=1 python benchmarks/mixed_tables.py kept numbers where large
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import report
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

import genlearn as gl

Rows = Iterator[dict[str, Any]]
_DRAWN = 20_000


def table(name: str) -> pd.DataFrame:
    """A table of $GENLEARN_DATA."""
    return pd.read_csv(Path(os.environ["GENLEARN_DATA"]) / "tables" / f"{name}.csv")


def kept() -> Rows:
    """What comes back of each table."""
    for name in ("penguins", "titanic", "diamonds", "tips"):
        frame = table(name)
        for model in (gl.ARM(budget="30s"), gl.GMM()):
            drawn = model.fit(frame).sample(_DRAWN)
            unseen = sum(
                not set(drawn[column].dropna()) <= set(frame[column].dropna())
                for column in frame.select_dtypes(exclude="number")
                if column in drawn
            )
            rounded = [
                column
                for column in drawn.select_dtypes("number")
                if _decimals(drawn[column]) > _decimals(frame[column])
            ]
            yield {
                "table": name,
                "model": type(model).__name__,
                "left out": len(set(frame) - set(drawn)),
                "unseen": unseen,
                "decimals": len(rounded),
                "missing": f"{(frame.isna().mean() - drawn.isna().mean()).abs().max():.4f}",
            }


def numbers() -> Rows:
    """How well rows of numbers pass for real ones."""
    frame = table("diamonds").select_dtypes("number")
    frame = frame.sample(frac=1, random_state=0, ignore_index=True)
    train, test = frame[:40_000], frame[40_000:48_000]
    yield {"model": "real rows", "AUC": f"{_auc(test, train[:8000]):.3f}", "s": 0}
    for components in (None, 50, 150):
        start = time.perf_counter()
        drawn = gl.GMM(components=components).fit(train).sample(8000)
        taken = time.perf_counter() - start
        name = f"gmm, {components or 'default'}"
        yield {"model": name, "AUC": f"{_auc(test, drawn):.3f}", "s": round(taken)}


def where() -> Rows:
    """Draws under conditions beside the truth."""
    rng = np.random.default_rng(0)
    covariance = np.array([[1, 0.8, 0.3], [0.8, 1, 0.5], [0.3, 0.5, 1]])
    rows, many = (rng.multivariate_normal(np.zeros(3), covariance, n) for n in (20_000, 4_000_000))
    model = gl.ARM(budget="60s").fit(pd.DataFrame(rows, columns=list("abc")))
    for text, meets in (
        ("a>1", many[:, 0] > 1),
        ("a>3.09", many[:, 0] > 3.09),
        ("a>1.5,c<-1.2", (many[:, 0] > 1.5) & (many[:, 2] < -1.2)),
    ):
        start = time.perf_counter()
        drawn = model.sample(1000, where=text, seed=1)
        taken = time.perf_counter() - start
        yield {
            "where": text,
            "one in": round(len(many) / meets.sum()),
            "s": f"{taken:.2f}",
            "means": drawn.mean().round(2).tolist(),
            "true": many[meets].mean(0).round(2).tolist(),
        }


def large() -> Rows:
    """Time and memory of many rows."""
    n, rng = 1_000_000, np.random.default_rng(0)
    z = rng.normal(size=(n, 20)) @ rng.normal(size=(20, 20))
    levels = np.array(list("abcdefgh"))
    columns = {f"c{i}": z[:, i] if i < 12 else z[:, i].round(2) for i in range(17)}
    columns |= {f"k{i}": levels[np.digitize(z[:, i], np.linspace(-6, 6, 7))] for i in range(17, 20)}
    frame = pd.DataFrame(columns)
    model = gl.GMM(components=20)
    work: dict[str, Callable[[], Any]] = {
        "open": lambda: gl.open_data(frame),
        "fit": lambda: model.fit(frame),
        "sample 1,000,000": lambda: [model.sample(50_000, start=i) for i in range(0, n, 50_000)],
    }
    for what, function in work.items():
        start = time.perf_counter()
        function()
        taken = time.perf_counter() - start
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield {"what": what, "s": f"{taken:.1f}", "MB so far": round(most)}


def _decimals(column: pd.Series[Any]) -> int:
    there = column.dropna()
    return next(d for d in range(18) if np.allclose(there.round(d), there, rtol=1e-12, atol=0))


def _auc(real: pd.DataFrame, drawn: pd.DataFrame) -> float:
    x, y = pd.concat([real, drawn], ignore_index=True), np.arange(len(real) + len(drawn))
    is_real = y < len(real)
    trees = HistGradientBoostingClassifier(random_state=0)
    found = cross_val_predict(trees, x, is_real, cv=3, method="predict_proba")[:, 1]
    return float(roc_auc_score(is_real, found))


if __name__ == "__main__":
    for part in sys.argv[1:] or ["kept", "numbers", "where", "large"]:
        rows = []
        for row in globals()[part]():
            print(row, flush=True)
            rows.append(row)
        report(f"mixed-tables-{part}", rows)
