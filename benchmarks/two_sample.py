"""What the two-sample tests see, and how often they see what is not there.

`table`: the numeric columns of a table (diamonds.csv): real rows, columns that were shuffled
independently, `gmm` and `ppca`, each against held-out rows, by boosted trees and by a logistic
regression, 5-fold cross-validated, as a second opinion; then the share of 100 pairs of disjoint
real sets that are told apart with p < .01. `images`: the same alarms on MNIST, by the network on
pixels and by trees on principal components.

    python benchmarks/two_sample.py table CSV [rows]
    python benchmarks/two_sample.py images [rows]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from common import report
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genlearn.core.capabilities import Array
from genlearn.data import open_data
from genlearn.evaluate.metrics.c2st import Classifier, boosted_trees, c2st
from genlearn.evaluate.metrics.c2st_network import pixel_network
from genlearn.models.density.gmm import GMM
from genlearn.models.density.ppca import PPCA

_ALARMS = 100


def alarms(rows: Array, n: int, classifier: Classifier, test: str) -> dict[str, Any]:
    """Real against real, again and again."""
    found = []
    for seed in range(_ALARMS):
        order = np.random.default_rng(seed).permutation(len(rows))
        found.append(c2st(rows[order[:n]], rows[order[n : 2 * n]], classifier, seed))
    areas = np.array([result.auc for result in found])
    low = float(np.mean([result.p < 0.01 for result in found]))
    return {"test": test, "n": n, "AUC": f"{areas.mean():.3f} +- {areas.std():.3f}", "p < .01": low}


def logistic(real: Array, fake: Array) -> float:
    x, y = np.concatenate([real, fake]), np.repeat([1, 0], [len(real), len(fake)])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    return float(cross_val_score(model, x, y, cv=5, scoring="roc_auc").mean())


def of_table(source: str, n: int) -> None:
    rows = open_data(source).values.astype(float)
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    held, train = rows[: 2 * n], rows[2 * n :]
    rng = np.random.default_rng(1)
    shuffled = np.stack([rng.permutation(column) for column in train.T], 1)
    fakes = {"real": train, "shuffled columns": shuffled}
    fakes |= {type(m).__name__: m.fit(train).sample(n, seed=0) for m in (GMM(), PPCA())}
    told = []
    for name, fake in fakes.items():
        result = c2st(held[:n], fake[:n], boosted_trees)
        told.append(
            {
                "rows": name,
                "n": n,
                "AUC of trees": f"{result.auc:.3f} +- {1.96 * result.error:.3f}",
                "p": f"{result.p:.1g}",
                "AUC of logistic regression": round(logistic(held[:n], fake[:n]), 3),
            }
        )
    report("two-sample-table", told)
    report("two-sample-table-alarms", [alarms(rows, n, boosted_trees, "trees")])


def of_images(n: int) -> None:
    images = open_data("mnist").values[:20_000].astype(float) / 255
    codes = PCA(64, random_state=0).fit_transform(images.reshape(len(images), -1))
    tests = ((images, pixel_network, "network"), (codes, boosted_trees, "trees"))
    report("two-sample-images-alarms", [alarms(rows, n, *how) for rows, *how in tests])


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "table":
        of_table(rest[0], int(rest[1]) if rest[1:] else 4000)
    else:
        of_images(int(rest[0]) if rest else 600)
