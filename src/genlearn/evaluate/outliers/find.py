"""Examples ranked by how unusual they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...core.capabilities import Array
from ...core.errors import UserError
from ...data.dataset import Dataset
from ...data.vector_spec import column_names
from ..metric import MetricValue
from ..roc import auc
from .by_column import ByColumn, by_column
from .outlier_score import Judge, Progress, silent
from .reference import Reference
from .scores import OutlierScore, chosen_scores


@dataclass(frozen=True)
class Outliers:
    """``table``: rank, index and name of each example of ``data``, its scores and p-values, the
    most unusual first by the first of ``scores``; of tables, where ``by_column`` is known, also the
    column whose value is the most surprising given the others, and how much it is."""

    data: Dataset
    reference: Reference
    scores: dict[str, OutlierScore]
    table: pd.DataFrame
    by_column: ByColumn | None = None

    def auc(self, positive: Array) -> dict[str, MetricValue]:
        """The AUC of each score where ``positive`` (n,) is true of the unusual examples, in the
        order of the data."""
        ranked = np.asarray(positive, bool)[self.table["index"].to_numpy()]
        return {name: auc(self.table[name].to_numpy(), ranked) for name in self.scores}


def find_outliers(
    model: Any,
    data: Dataset,
    reference: Reference,
    scores: tuple[str, ...] = ("auto",),
    progress: Progress = silent,
) -> Outliers:
    """The examples of ``data`` by how unlike they are to what the fitted ``model`` learned, held
    against ``reference``. Raises `UserError` for ``scores`` that the model has not."""
    asked = chosen_scores(model, scores)
    if not len(data):
        raise UserError("no examples were given; outliers are looked for among at least 1")
    judge = Judge(model, reference, progress)
    columns: dict[str, Array] = {}
    for name, score in asked.items():
        columns[name] = score.function(judge, data)
        own = score.function(judge, reference.examples)
        columns[f"{name}_p"] = reference.p_values(columns[name], own)
    about = {"index": np.arange(len(data)), **({"name": list(data.names)} if data.names else {})}
    table = pd.DataFrame({**about, **columns})
    values = by_column(model, data, reference)
    if values is not None:
        table["column"] = np.array(column_names(data.spec), dtype=object)[values.worst]
        table["surprise"] = values.surprise.max(1)
    table = table.sort_values(next(iter(asked)), ascending=False, kind="stable")
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return Outliers(data, reference, asked, table.reset_index(drop=True), values)
