"""What examples are held against: others of the kind that the model has learned, best such as it
has not learned from.

A model knows the examples that it learned from, so that new ones look more unusual beside them than
they are. Where the data has a test split, or a part of it was left out of the training, the p-value
of an example is honest: were it one of the same kind, it would be below any a with probability a at
most, whatever the score (Vovk, Gammerman & Shafer 2005; Bates et al. 2023, arXiv 2104.08279).
Scores that look at the reference examples themselves, at a mean or a range, move a by the order of
1/n.

    p = (1 + #{i: s_i >= s}) / (n + 1),    s_i of the n reference examples.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...core.capabilities import Array, DatasetProtocol
from ...core.seeding import seed_for
from ...core.spec import DataSpec
from ...data.dataset import Dataset
from ...data.open.opening import has_split, open_data
from .gaussian import Gaussian

LARGEST = 1000  # reference examples, which give p-values down to 1/1001
# examples that the Gaussian is estimated from, and numbers in them, at most
_BACKGROUND, _NUMBERS = 10_000, 2**26
_CHUNK = 1000


@dataclass(frozen=True, eq=False)
class Reference:
    """``examples`` to hold others against, and ``background``, from which the Gaussian of the data
    is estimated. ``what`` names them in a few words; ``learned``: whether the model learned from
    them, None where that is not known."""

    examples: Dataset
    background: Dataset
    what: str
    learned: bool | None

    def p_values(self, scores: Array, own: Array) -> Array:
        """p, (n,), of ``scores`` (n,), with ``own`` those of the reference examples."""
        reached = len(own) - np.searchsorted(np.sort(own), scores, side="left")
        return np.asarray((1 + reached) / (len(own) + 1))

    @property
    def caveat(self) -> str:
        """What to know of them, or nothing."""
        if self.learned is None:
            return "; it is not known whether the model learned from them"
        return (
            "; the model learned from them, so that new examples look more unusual than they are"
            if self.learned
            else ", which the model did not learn from"
        )

    def gaussian_log_prob(self, data: DatasetProtocol) -> Array:
        """log p(x) in nats, (n,), by the Gaussian of the background."""
        parts = []
        for start in range(0, len(data), _CHUNK):
            some = slice(start, start + _CHUNK)
            volume = np.asarray(data.spec.log_volume(data.user(some)))
            parts.append(self._gaussian.log_prob(_flat(data, some)) + volume)
        return np.asarray(np.concatenate(parts))

    @cached_property
    def _gaussian(self) -> Gaussian:
        return Gaussian.of(_flat(self.background, slice(None)), self.background.spec.bin_width)


def reference_of(
    source: Any,
    spec: DataSpec,
    fingerprints: Collection[str] = (),
    *,
    seed: int = 0,
    largest: int = LARGEST,
    **options: Any,
) -> Reference:
    """At most ``largest`` examples of ``source``, of its test split where it has one, for a model
    of ``spec`` that learned from data of these ``fingerprints``; ``options`` are those of
    `open_data`. Raises `UserError` where they cannot be read."""
    train = open_data(source, like=spec, **options)
    held_out = has_split(source, "test")
    data = open_data(source, split="test", like=spec, **options) if held_out else train
    learned = data.fingerprint in fingerprints
    known = learned or train.fingerprint in fingerprints
    return Reference(
        _some(data, seed, largest),
        _some(train, seed, min(_BACKGROUND, max(2, _NUMBERS // spec.dim))),
        f"{'the test split of ' if held_out else ''}{source if _is_name(source) else 'the data'}",
        learned if known else None,
    )


def _is_name(source: Any) -> bool:
    return isinstance(source, (str, Path))


def _some(data: Dataset, seed: int, n: int) -> Dataset:
    order = np.random.default_rng(seed_for(seed, "outliers")).permutation(len(data))
    return data.take(np.sort(order[:n]))


def _flat(data: DatasetProtocol, index: slice) -> Array:
    """Examples as the networks see them, (n, D)."""
    inside = data.spec.to_internal(data.user(index))
    return np.asarray(inside.flatten(1).double().numpy())
