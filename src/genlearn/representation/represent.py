"""What of a model stands for an example: the code of its encoder, as it is; of a model that has no
encoder and whose codes are noise, the features of a layer of its network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..core.capabilities import Array, Encodes, HasFeatures, InvertsByOptimization
from ..core.errors import UserError
from ..core.registry import available, find
from ..data.dataset import Dataset

AUTO, CODES = "auto", "codes"
_CHUNK = 1024  # examples at a time
Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Representation:
    """``function``: examples in the user's units (n, *user_shape) -> numbers that stand for them,
    (n, d), deterministic. ``name`` tells representations of one model apart; ``why`` says in a few
    words how it was chosen, or nothing."""

    name: str
    function: Callable[[Array], Array]
    why: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.why})" if self.why else self.name

    def of(self, data: Dataset, progress: Progress = silent) -> Array:
        """Of all of ``data``, (n, d)."""
        return np.concatenate(list(encoded_blocks(self, data, progress)))


def representation_of(
    model: Any, asked: str = AUTO, known: Dataset | None = None
) -> Representation:
    """What stands for an example of the fitted ``model``: "auto", the features of a layer where it
    has such (chosen by the classes of ``known``), else its codes; "codes"; LAYER@T, or all@T for
    all layers. Raises `UserError` for a model that has not what was asked for."""
    encodes = isinstance(model, Encodes) and not isinstance(model, InvertsByOptimization)
    if isinstance(model, HasFeatures) and asked != CODES:
        return _features(model, asked, known)
    if asked not in (AUTO, CODES):
        raise UserError(
            f"--features {asked} was given; {type(model).__name__} has codes alone: leave it out"
            if encodes
            else f"--features {asked} was given; {type(model).__name__} has no features"
        )
    if encodes:
        return Representation(CODES, model.encode)
    why = (
        "finds codes by optimisation, which is approximate and takes seconds for each example"
        if isinstance(model, InvertsByOptimization)
        else "has no codes"
    )
    raise UserError(
        f"{type(model).__name__} {why}; take a model that encodes, such as"
        f" {', '.join(encoders()[:4])}: see `genlearn models`"
    )


def _features(model: HasFeatures, asked: str, known: Dataset | None) -> Representation:
    from .choose_features import choose_features, default_features, parse_features

    if asked != AUTO:
        choice = parse_features(asked)
        for layer in choice.layers(model):
            model.check_feature(layer, choice.t)
    else:
        choice = default_features(model) if known is None else choose_features(model, known)
    function = partial(choice.of, model)
    why = f"the model's codes are noise; {choice.why}" if choice.why else ""
    return Representation(f"features of {choice}", function, why)


def encoders() -> list[str]:
    """Names of the models that have codes."""
    models = {name: find(name) for name in available()}
    return [
        name
        for name, model in models.items()
        if issubclass(model, Encodes) and not issubclass(model, InvertsByOptimization)
    ]


def encoded_blocks(
    representation: Representation, data: Dataset, progress: Progress = silent
) -> Iterator[Array]:
    """What stands for ``data``, a block (k, d) at a time, float32, in order."""
    for start in range(0, max(len(data), 1), _CHUNK):
        values = data.user(slice(start, start + _CHUNK))
        yield np.asarray(representation.function(values), np.float32)
        progress(min(start + _CHUNK, len(data)), len(data))
