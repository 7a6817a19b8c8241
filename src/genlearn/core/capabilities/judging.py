"""Abilities of models that say how likely, or how real, examples are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from .data import Array, LogProbKind


class Scores(ABC):
    """Knows log p(x), in nats, of a density over the user's data space."""

    @property
    @abstractmethod
    def log_prob_kind(self) -> LogProbKind:
        """Of the class, or of the fitted model where it depends on the data."""

    @abstractmethod
    def score_samples(self, X: Any) -> Array:
        """log p(x) of each example, shape (n,), in nats. For discrete data, of the probability of
        the example."""

    def score(self, X: Any, y: Any = None) -> float:
        """Mean log p(x), in nats."""
        return float(np.mean(self.score_samples(X)))


class ScoresColumns(ABC):
    """Knows log p(x_j | all other columns) of each column of a table."""

    @abstractmethod
    def score_columns(self, X: Any) -> Array:
        """log p(x_j | the other columns), (n, D), in nats, of densities over the user's values; of
        a whole number and of a level the probability."""


class Discriminates(ABC):
    """Tells data from its own samples."""

    @abstractmethod
    def discriminate(self, X: Any) -> Array:
        """How sure the model is that each example is data and not one of its samples, shape (n,),
        in [0, 1]; no probability of the example."""

    @abstractmethod
    def certainty_history(self) -> Array:
        """How sure it was during training: (points, 3), the step, and the means for data and for
        its own samples at that time."""
