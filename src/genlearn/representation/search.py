"""Examples that are like others, found by their codes: as a table, and for images as a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from PIL import Image

from ..core.capabilities import Array
from ..data.dataset import Dataset
from ..data.inspect.contact_sheet import Sheet
from ..data.open.labels import renumbered
from .names import called, captions, class_names
from .nearest import Neighbours, nearest_neighbours, same_class_share

SHOWN, _ANSWERS = 16, 20  # queries on a sheet, and answers beside each, at most
_ROUNDING = 1e-4  # of the largest distance found


@dataclass(frozen=True, eq=False)
class Found:
    """The ``neighbours`` among ``data`` of each of ``queries``, which are like it."""

    queries: Dataset
    data: Dataset
    neighbours: Neighbours

    @property
    def k(self) -> int:
        return int(self.neighbours.indices.shape[1])

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each answer, near to far: ``query``, ``rank``, ``neighbour`` and ``distance``,
        with ``query_class`` and ``neighbour_class`` where there are any."""
        index = self.neighbours.indices.ravel()
        each = np.arange(len(self.queries)).repeat(self.k)
        columns = {
            "query": called(self.queries)[each],
            "query_class": _taken(class_names(self.queries), each),
            "rank": np.tile(np.arange(1, self.k + 1), len(self.queries)),
            "neighbour": called(self.data)[index],
            "neighbour_class": _taken(class_names(self.data), index),
            "distance": self.neighbours.distances.ravel(),
        }
        return pd.DataFrame({key: column for key, column in columns.items() if column is not None})

    @property
    def equal(self) -> int:
        """How many queries, where they are other examples, have one at no distance, but for what
        rounding leaves of it."""
        if self.queries is self.data:
            return 0
        nearest = self.neighbours.distances[:, 0]
        return int((nearest <= _ROUNDING * self.neighbours.distances.max()).sum())

    @cached_property
    def same_class(self) -> float | None:
        """The share of answers that are of the class of their query, where both have classes."""
        if self.data.labels is None or self.queries.labels is None:
            return None
        return same_class_share(self.data.labels, self._query_labels, self.neighbours)

    @cached_property
    def chance(self) -> float:
        """The share of answers of the class of their query if they were drawn at random."""
        assert self.data.labels is not None
        counts = np.bincount(self.data.labels, minlength=self._query_labels.max() + 1)
        own = self.queries is self.data
        of_class = counts[self._query_labels] - own
        return float(of_class.mean() / (len(self.data) - own))

    @property
    def _query_labels(self) -> Array:
        """Classes of the queries, in the numbers of those of the data."""
        assert self.queries.labels is not None
        labels: Array = renumbered(
            self.queries.labels, self.queries.spec.classes, self.data.spec.classes
        )[0]
        return labels

    def sheet(self) -> Image.Image:
        """The first queries, framed, and their answers to the right, near to far, with classes and
        names below."""
        shown, k = self.queries.take(slice(0, SHOWN)), min(self.k, _ANSWERS)
        index = self.neighbours.indices[:SHOWN, :k].ravel()
        answers = self.data.take(index)
        both = replace(
            self.data,
            values=np.concatenate([shown.values, answers.values]),
            labels=None,
            captions=[*captions(self.queries, np.arange(len(shown))), *captions(self.data, index)],
            names=None,
        )
        places = len(shown) + np.arange(len(answers)).reshape(len(shown), k)
        rows = [("", np.array([query, *row])) for query, row in enumerate(places)]
        return Sheet(both, rows, led=True).draw()


def search(data: Dataset, codes: Array, queries: Dataset, query_codes: Array, k: int = 10) -> Found:
    """The ``k`` examples of ``data`` whose ``codes`` are nearest to each of those of ``queries``.
    Raises `UserError` as `nearest_neighbours` does."""
    return Found(queries, data, nearest_neighbours(codes, query_codes, k))


def search_own(data: Dataset, codes: Array, k: int = 10) -> Found:
    """The ``k`` other examples of ``data`` whose ``codes`` are nearest to those of each."""
    return Found(data, data, nearest_neighbours(codes, k=k))


def _taken(column: Array | None, index: Array) -> Array | None:
    return None if column is None else column[index]
