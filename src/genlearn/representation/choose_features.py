"""Which layer of a network, at which time, tells examples apart: the one whose features a linear
classifier, taught with known classes, tells best what it was not taught, by cross-validation.

Layers can stand beside one another, ``all`` of them: more numbers, which know more (of five digits
of each class, a linear classifier reads .76 where the best layer gives .75 and the middle one .73).
Where no classes are known it is the layer in the middle under little noise, the second of the times
that the model names.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ..core.capabilities import Array, HasFeatures
from ..core.errors import UserError
from ..core.seeding import random_rows, seed_for
from ..data.dataset import Dataset

ALL = "all"  # layers, beside one another
_EXAMPLES, _FOLDS, _ITERATIONS = 1000, 5, 100
_FEWEST = 2  # examples of a class that counts


class FeatureChoice(NamedTuple):
    """A ``layer``, or `ALL`, at time ``t``; ``why`` in a few words."""

    layer: str
    t: float
    why: str = ""

    def __str__(self) -> str:
        return f"{self.layer}@{self.t:g}"

    def layers(self, model: HasFeatures) -> tuple[str, ...]:
        """Their names, in the order in which they answer."""
        return tuple(model.feature_layers_) if self.layer == ALL else (self.layer,)

    def of(self, model: HasFeatures, X: Any) -> Array:
        """The features of ``X`` (n, *user_shape), (n, d)."""
        layers = self.layers(model)
        found = model.layer_features(X, layers, self.t)
        return np.concatenate([found[layer] for layer in layers], axis=1)


def parse_features(text: str) -> FeatureChoice:
    """LAYER@T. Raises `UserError` for another text."""
    layer, _, time = text.rpartition("@")
    try:
        return FeatureChoice(layer, float(time))
    except ValueError:
        raise UserError(
            f"--features {text} was given; it is auto, codes, or LAYER@T, such as middle@0.2, or"
            " all@0.2"
        ) from None


def default_features(model: HasFeatures) -> FeatureChoice:
    """The layer in the middle under little noise."""
    layers, times = model.feature_layers_, model.feature_times_
    why = "the middle layer under little noise, for want of classes to choose by"
    return FeatureChoice(layers[len(layers) // 2], times[len(times) // 2], why)


def choose_features(model: HasFeatures, known: Dataset, seed: int = 0) -> FeatureChoice:
    """The layer and time of the fitted ``model`` by the classes of ``known``, where they tell."""
    few = _few(known, seed)
    if few is None:
        return default_features(model)
    assert few.labels is not None
    scores: dict[tuple[str, float], float] = {}
    for t in model.feature_times_:
        features = model.layer_features(few.user(slice(None)), model.feature_layers_, t)
        features = {**features, ALL: np.concatenate(list(features.values()), axis=1)}
        for layer, found in features.items():
            scores[layer, t] = _accuracy(found, few.labels, seed)
    best = max(scores, key=lambda one: scores[one])
    why = f"best of {len(scores)} layers and times by the classes of {len(few):,} examples"
    return FeatureChoice(*best, why)


def _few(known: Dataset, seed: int) -> Dataset | None:
    """Examples of at least two classes to choose by, if there are any."""
    if known.labels is None:
        return None
    some = known.take(np.sort(random_rows(seed, len(known), _EXAMPLES, "features")))
    assert some.labels is not None
    names, counts = np.unique(some.labels, return_counts=True)
    common = names[counts >= _FEWEST]
    return some.take(np.flatnonzero(np.isin(some.labels, common))) if len(common) > 1 else None


def _accuracy(features: Array, labels: Array, seed: int) -> float:
    """Of a linear classifier on standardised features, cross-validated."""
    folds = min(_FOLDS, int(np.unique(labels, return_counts=True)[1].min()))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed_for(seed, "folds") % 2**32)
    classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=_ITERATIONS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return float(cross_val_score(classifier, features, labels, cv=parts).mean())
