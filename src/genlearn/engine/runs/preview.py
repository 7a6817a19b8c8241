"""What a model can do at a moment of its training, as a file that anyone can look at."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.capabilities import Samples
from ...core.disk.atomic import write_bytes
from ...core.estimator_types import GenerativeModel
from ...core.image_grid import encoded, image_grid
from ...core.spec import FeatureMapSpec, ImageSpec

PREVIEWED = 12  # samples of a moment that are kept as they are, for reports


def write_preview(model: GenerativeModel, path: Path) -> None:
    """Samples from one fixed noise: ``path``.png for images, then the first of them as they are to
    ``path``.npy, by which they are found; ``path``.csv for tables; nothing of what nobody could
    look at."""
    if (
        not isinstance(model, Samples)
        or not model.previews
        or isinstance(model.spec_, FeatureMapSpec)
    ):
        return
    values = model.sample(model.previews, seed=0)
    if isinstance(model.spec_, ImageSpec):
        write_bytes(path.with_suffix(".png"), encoded(image_grid(values, model.spec_)))
        np.save(first := BytesIO(), values[:PREVIEWED], allow_pickle=False)
        write_bytes(path.with_suffix(".npy"), first.getvalue())
    elif isinstance(values, pd.DataFrame):
        write_bytes(path.with_suffix(".csv"), values.to_csv(index=False).encode())
    else:
        np.savetxt(table := BytesIO(), values, delimiter=",", fmt="%g")
        write_bytes(path.with_suffix(".csv"), table.getvalue())


def find_previews(folder: Path) -> list[Path]:
    """Those of images in ``folder``, by step, as they are; each is called by its step."""
    found = (path for path in folder.glob("[0-9]*.npy") if path.stem.isdecimal())
    return sorted(found, key=lambda path: int(path.stem))


def drop_previews(folder: Path, step: int) -> None:
    """Remove those beyond ``step``: they are of a training that was lost with its process."""
    for path in folder.glob("[0-9]*.*"):
        if path.stem.isdecimal() and int(path.stem) > step:
            path.unlink(missing_ok=True)
