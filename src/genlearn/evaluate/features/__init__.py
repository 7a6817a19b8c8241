"""Feature spaces: where samples of a model are compared with real data.

The primary space of images is a small network learned on the training split, and the second opinion
random convolutions, which no training can bend; tables have their columns, and random Fourier
features of them. `external_extractor` brings networks trained elsewhere, for those who have their
files.
"""

from __future__ import annotations

from ...core.spec import ImageSpec
from ...data import Dataset
from .base import Extractor, Tell
from .external import external_extractor
from .io import load_extractors, save_extractors
from .learned_network import LearnedExtractor
from .random_conv import RandomConvolutions
from .tabular_features import RandomFourierFeatures, TabularFeatures

__all__ = ["Extractor", "choose", "external_extractor", "load_extractors", "save_extractors"]


def choose(train: Dataset, seed: int, seconds: float, tell: Tell) -> list[Extractor]:
    """The feature spaces for data like ``train``: the primary one, then second opinions.

    ``seconds``: the longest that learning may take; ``tell`` is called with a line on what happens.
    """
    if isinstance(train.spec, ImageSpec):
        return [
            LearnedExtractor.fit(train, seed, seconds, tell),
            RandomConvolutions.fit(train, seed),
        ]
    columns = TabularFeatures.fit(train, seed)
    return [columns, RandomFourierFeatures.fit(columns, train, seed)]
