"""Feature spaces: where samples of a model are compared with real data.

The primary space of images is a small network learned on the training split, and the second opinion random convolutions, which no training can
bend; tables have their columns, and random Fourier features of them. `external` brings networks trained elsewhere, for those who have their files.
"""

from __future__ import annotations

from ...core.spec import ImageSpec
from ...data import Dataset
from .base import Extractor, Tell
from .columns import Columns, Waves
from .external import external
from .learned import Learned
from .random import RandomConvolutions
from .store import load_extractors, save_extractors

__all__ = ["Extractor", "choose", "external", "load_extractors", "save_extractors"]


def choose(train: Dataset, seed: int, seconds: float, tell: Tell) -> list[Extractor]:
    """The feature spaces for data like ``train``: the primary one, then second opinions.

    ``seconds``: the longest that learning may take; ``tell`` is called with a line on what happens.
    """
    if isinstance(train.spec, ImageSpec):
        return [Learned.fit(train, seed, seconds, tell), RandomConvolutions.fit(train, seed)]
    columns = Columns.fit(train, seed)
    return [columns, Waves.fit(columns, train, seed)]
