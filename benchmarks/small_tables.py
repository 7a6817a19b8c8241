"""Small tables by the protocol of ForestDiffusion (Jolicoeur-Martineau, Fatras & Kachman 2023,
"Generating and imputing tabular data via diffusion and flow-based gradient-boosted trees", arXiv
2309.09968): three splits of four to one, five tables drawn from each model, of as many rows as it
learned from.

Numbers are scaled by the range of the training rows, and levels are one-hot halves, so that
distances by L1 are Gower's times the number of columns.

* **Wasserstein**: W1 between drawn and held-out rows, less is better.
* **coverage**: the share of held-out rows that have a drawn row nearer than their k-th neighbour
  among themselves; k is one more than the fewest by which they cover themselves to 95 %.

``train`` draws the training rows themselves: a copier, which no honest model needs to beat.

    OMP_NUM_THREADS=1 python benchmarks/small_tables.py iris wine [--models "gmm,flow size=tiny"]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from common import report
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype as is_number
from sklearn import datasets
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import train_test_split

import genlearn as gl
from genlearn.core.model_spec import parse_model_spec
from genlearn.core.params import params_of

SPLITS, DRAWS, HELD_OUT = 3, 5, 0.2
Array = NDArray[np.float64]
Draw = Callable[[int], pd.DataFrame]  # a table, by seed
# as published for flow matching by trees, a model for each class: Wasserstein, coverage, seconds
PUBLISHED = {
    "iris": (0.328, 0.931, 12.4),
    "wine": (1.421, 0.954, 68.0),
    "breast_cancer": (1.749, 0.976, 254.8),
}


def table_of(name: str) -> pd.DataFrame:
    """A set of scikit-learn; its last column is the target, a level where it is a class."""
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    frame = frame.rename(columns={"target": "outcome"})  # a column like the others
    if name != "diabetes":
        frame["outcome"] = "class " + frame.outcome.astype(str)
    return frame


def splits(frame: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Rows to learn from and rows held out, by class where there is one."""
    classes = None if is_number(frame.outcome) else frame.outcome
    for seed in range(SPLITS):
        train, test = train_test_split(
            frame, test_size=HELD_OUT, random_state=seed, stratify=classes
        )
        yield train.reset_index(drop=True), test.reset_index(drop=True)


def ours(text: str, train: pd.DataFrame, seed: int) -> Draw:
    """One of our models; where it can, it learns the target's classes as such, as the peer does."""
    name, hyper = parse_model_spec(text, "a model")
    model = gl.create(name, seed=seed, **hyper)
    if is_number(train.outcome) or "condition" not in params_of(model):
        model.fit(train, progress=False)
        return lambda draw: model.sample(len(train), seed=draw)
    rows, classes = train.drop(columns="outcome"), train.outcome.to_numpy()
    model.fit(rows, classes, progress=False)

    def draw(number: int) -> pd.DataFrame:
        drawn = np.random.default_rng(number).choice(classes, len(classes))
        parts = []
        for level in np.unique(drawn):
            n = int((drawn == level).sum())
            parts.append(model.sample(n, seed=number, label=level).assign(outcome=level))
        return pd.concat(parts, ignore_index=True)

    return draw


def forest(train: pd.DataFrame, seed: int) -> Draw:
    """The peer as it was published: flow matching of 50 steps by XGBoost, 100 copies of each row,
    a model for each class."""
    from ForestDiffusion import ForestDiffusionModel

    names = list(train)
    levels = [] if is_number(train.outcome) else sorted(train.outcome.unique())
    given: dict[str, Any] = {"X": train.to_numpy() if not levels else train.iloc[:, :-1].to_numpy()}
    if levels:
        given["label_y"] = train.outcome.map(levels.index).to_numpy()
    model = ForestDiffusionModel(
        **given,
        n_t=50,
        model="xgboost",
        diffusion_type="flow",
        duplicate_K=100,
        n_jobs=1,
        seed=seed,
    )

    def draw(number: int) -> pd.DataFrame:
        np.random.seed(number)
        rows = pd.DataFrame(model.generate(batch_size=len(train)), columns=names)
        if levels:
            rows["outcome"] = [levels[int(code)] for code in rows.outcome]
        return rows

    return draw


def learned(name: str, train: pd.DataFrame, seed: int) -> Draw:
    """What draws tables, by the name of a model."""
    if name == "train":
        return lambda draw: train
    return forest(train, seed) if name == "forest" else ours(name, train, seed)


def places(rows: pd.DataFrame, train: pd.DataFrame) -> Array:
    """Rows as points whose L1 distance is Gower's, times the number of columns."""
    columns: list[Array] = []
    for name, known in train.items():
        if is_number(known):
            values = rows[name].to_numpy(float)
            columns.append((values - known.min()) / (known.max() - known.min()))
        elif known.nunique() == 2:
            columns.append((rows[name] == known.max()).to_numpy(float))
        else:
            columns += [(rows[name] == level).to_numpy(float) / 2 for level in known.unique()]
    return np.stack(columns, 1)


def wasserstein(x: Array, y: Array) -> float:
    """W1 under L1."""
    import ot

    cost = pairwise_distances(x, y, metric="cityblock")
    return float(ot.emd2(ot.unif(len(x)), ot.unif(len(y)), cost))


def coverage(real: Array, drawn: Array) -> float:
    """The share of ``real`` rows that ``drawn`` ones cover."""
    among = np.sort(pairwise_distances(real, metric="cityblock"), 1)  # the first is itself
    own = (k for k in range(1, len(real)) if (among[:, k] > 0).mean() >= 0.95)
    nearest = pairwise_distances(real, drawn, metric="cityblock").min(1)
    return float((nearest < among[:, next(own) + 1]).mean())


def row_of(data: str, model: str) -> dict[str, Any]:
    """Means over splits and draws, their range over splits, and processor seconds of learning and
    drawing once."""
    found, seconds = [], []
    for seed, (train, test) in enumerate(splits(table_of(data))):
        start = time.process_time()
        draw = learned(model, train, seed)
        tables = [draw(number) for number in range(DRAWS)]
        seconds.append(time.process_time() - start)
        real = places(test, train)
        drawn = [places(table, train) for table in tables]
        figures = [(wasserstein(real, x), coverage(real, x)) for x in drawn]
        found.append(np.mean(figures, 0))
    means = np.array(found)
    cells = [f"{m.mean():.3f} ({m.min():.3f} to {m.max():.3f})" for m in means.T]
    names = ("Wasserstein to test", "coverage of test")
    row = {"data": data, "model": model, **dict(zip(names, cells, strict=True))}
    return row | {"core seconds": float(np.mean(seconds))}


def main() -> None:
    """A row for each set and model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="+")
    parser.add_argument("--models", default="gmm,arm,flow size=tiny,flow,forest,train")
    asked = parser.parse_args()
    rows = []
    for data in asked.data:
        for model in asked.models.split(","):
            rows.append(row_of(data, model))
            print(rows[-1], flush=True)
        if data in PUBLISHED:
            print(f"{data}: forest flow as published {PUBLISHED[data]}")
    report("small-tables", rows)


if __name__ == "__main__":
    main()
