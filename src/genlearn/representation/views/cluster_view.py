"""Clusters of examples as a table, and their prototypes as a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from PIL import Image

from ...data.dataset import Dataset
from ...data.inspect.contact_sheet import Sheet
from ..clusters import Clusters
from ..names import about, captions

_ROWS = 40  # clusters on a sheet


def cluster_table(data: Dataset, clusters: Clusters) -> pd.DataFrame:
    """A row for each example: its name and class where it has them, its ``cluster``, and the
    ``distance`` of its code to the cluster's centre."""
    return about(data).assign(cluster=clusters.labels, distance=clusters.distances)


def prototype_sheet(data: Dataset, clusters: Clusters) -> Image.Image:
    """A row for each of the largest clusters: the examples nearest to its centre."""
    rows = clusters.prototypes()[:_ROWS]
    shown = np.concatenate(rows)
    examples = replace(data.take(shown), labels=None, captions=captions(data, shown), names=None)
    ends = np.cumsum([len(row) for row in rows])
    titles = [f"{c}: {size:,}" for c, size in enumerate(clusters.sizes)]
    places = [np.arange(end - len(row), end) for row, end in zip(rows, ends, strict=True)]
    return Sheet(examples, list(zip(titles, places, strict=False))).draw()
