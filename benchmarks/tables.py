"""The league of tables: rows drawn by our models and by peers, after equal core minutes of training
on one thread, by the four figures that papers report.

* **detection**: 2 (1 - AUC), clipped to [0, 1], of boosted trees that tell drawn rows from as many
  held-out real ones, over three folds; 1 is "not to be told apart". XGBoost at its defaults, with
  one column for each level, as SDMetrics' detection has it; without XGBoost, scikit-learn's
  histogram trees, which is told.
* **shape**: SDMetrics' column shapes: 1 - Kolmogorov-Smirnov's statistic of numbers, 1 - total
  variation of categories, of which missing is one here, averaged over columns; against the rows
  that were learned from.
* **trend**: SDMetrics' column pair trends: 1 - half the difference of Pearson correlations of two
  numbers, 1 - total variation of the joint table otherwise (numbers in ten even bins), averaged
  over pairs; against the rows that were learned from.
* **use** (TSTR): trees that learn the target from drawn rows, judged on held-out real ones: AUC of
  two classes, accuracy of more, R^2 of a number.

Intervals are the range over seeds. ``train`` is the ceiling: real training rows in place of drawn
ones. Peers take part where they are installed: ctgan, tvae (ctgan) and copula (copulas).

    GENLEARN_DATA=... OMP_NUM_THREADS=1 python benchmarks/tables.py adult --minutes 10 --seeds 3
    GENLEARN_DATA=... python benchmarks/tables.py diamonds --models arm,gmm,train --minutes 2
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from common import report
from table_figures import figures, judge
from table_sets import SETS, TableSet

import genlearn as gl

_TRIAL = 4000  # rows by which the time of a peer's epoch is measured
PEERS = ("ctgan", "tvae", "copula")
Draw = Callable[[int, int], pd.DataFrame]  # rows, by number and seed


def ours(name: str, data: TableSet, minutes: float, seed: int) -> Draw:
    """One of our models, for so many minutes if it trains at all."""
    hyper = {"budget": f"{60 * minutes:g}s"} if hasattr(gl.create(name), "budget") else {}
    model = gl.create(name, seed=seed, **hyper).fit(data.train)
    return lambda n, s: model.sample(n, seed=s)


def peer(name: str, data: TableSet, minutes: float, seed: int) -> Draw:
    """A peer, by as many of its epochs as the minutes hold. Raises ImportError."""
    import numpy as np
    import torch

    torch.manual_seed(seed)
    np.random.seed(seed)
    discrete = list(data.train.select_dtypes(exclude="number"))
    if name == "copula":
        from copulas.multivariate import GaussianMultivariate

        if discrete:
            raise ImportError(f"copulas takes numbers alone, and {discrete[0]} holds none")
        copula = GaussianMultivariate()
        copula.fit(data.train)
        return lambda n, s: copula.sample(n)
    from ctgan import CTGAN, TVAE

    kind = {"ctgan": CTGAN, "tvae": TVAE}[name]
    whole = data.train.dropna()
    few, taken = whole.head(_TRIAL), {}
    for epochs in (1, 11):  # what reading the columns takes is no part of an epoch
        start = time.process_time()
        kind(epochs=epochs).fit(few, discrete)
        taken[epochs] = time.process_time() - start
    scale = len(whole) / len(few)
    each, reading = (taken[11] - taken[1]) / 10 * scale, taken[1] * scale
    model = kind(epochs=max(1, int((60 * minutes - reading) / each)))
    model.fit(whole, discrete)
    return lambda n, s: model.sample(n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=sorted(SETS))
    parser.add_argument("--models", default="arm,gmm,train,ctgan,tvae,copula")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    data, rows, missing = SETS[asked.data](), [], []
    for name in asked.models.split(","):
        try:
            found = [_one(name, data, asked.minutes, seed) for seed in range(asked.seeds)]
        except ImportError as error:
            missing.append(f"{name} ({error})")
            continue
        rows.append({"model": name, **_ranges(found)})
        print(rows[-1], flush=True)
    if missing:
        print("not there:", "; ".join(missing))
    print("detected and used by", judge())
    report(f"tables-{asked.data}-{asked.minutes:g}", rows, missing=missing, judge=judge())


def _one(name: str, data: TableSet, minutes: float, seed: int) -> dict[str, float]:
    """The figures of one training, and the CPU seconds that it took."""
    start = time.process_time()
    if name == "train":
        drawn, taken = data.train.sample(len(data.train), random_state=seed), 0.0
    else:
        draw = (peer if name in PEERS else ours)(name, data, minutes, seed)
        taken = time.process_time() - start
        drawn = draw(len(data.train), seed + 1000)
    return {**figures(data, drawn, seed), "cpu s": taken}


def _ranges(found: list[dict[str, Any]]) -> dict[str, str]:
    """Mean of each figure over seeds, and its range."""
    told = {}
    for key in found[0]:
        values = [one[key] for one in found]
        digits = 0 if key == "cpu s" else 4
        mean = f"{sum(values) / len(values):.{digits}f}"
        low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
        told[key] = mean if len(values) == 1 else f"{mean} ({low} to {high})"
    return told


if __name__ == "__main__":
    main()
