r"""Reconstruction: how badly an example comes back, from its code or from noise.

A model that squeezes data through a *code* has learned to bring back its own kind, and brings back
others worse (Hawkins et al. 2002): the squared error for each number, with the range of an image
and the spread of a column counted as 1.

A *denoiser* is given the example under noise in which nothing but its coarse structure survives,
and completes it to what the data would have there (Graham et al. 2023, arXiv 2211.07740). With E(s)
the mean squared error of E[x | x + s sigma_data eps],

    mean over coarse s of log E(s) - 1/2 log E(fine s),

since busy examples come back worse from any noise: what their details cost is known from little
noise, and taken off (as the complexity of Serra et al. 2020, arXiv 1909.11480, from log p). By
half: where a smooth kind was learned, busy examples are unusual indeed, and all of it would hide
them (the half was found on digits and photographs, `benchmarks/outliers.py`). All examples are
given the same noise, so that chance does not rank them.

Of examples unlike anything learned the details cost so much that nothing is left of the
difference: there they decide (`guard`).

Pitfalls: large codes bring back anything, and those as large as the data are not asked; classes of
photographs differ little in what comes back; what differs in detail alone is taken off with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....core.capabilities import Array, DatasetProtocol, Encodes, Restores
from ...probes.profiling import is_bijective
from ...probes.reconstruction import errors_of
from ..guard import Guarded
from ..outlier_score import Judge, OutlierScore

# of the noise, in standard deviations of the data, and how often it is drawn: what a coarse draw
# happens to hide decides much, what a fine one does is averaged over the pixels
COARSE, FINE = (2.2, 3.2), (0.8,)
COARSE_DRAWS, FINE_DRAWS = 16, 2
TAKEN_OFF = 0.5  # of the logarithm of the error of details
_CHUNK, _LEAST = 256, 1e-12


def reconstruction(judge: Judge, data: DatasetProtocol) -> Array:
    """Of a model with codes, the squared error; of a denoiser, the log ratio of its errors in
    standard deviations from usual, guarded by that of details; (n,)."""
    if not isinstance(judge.model, Restores):
        return np.asarray(errors_of(judge.model, data, len(data)))
    return _from_noise(judge, data).held_against(_from_noise(judge, judge.reference.examples))


def _from_noise(judge: Judge, data: DatasetProtocol) -> Guarded:
    coarse, fine = (
        np.concatenate(
            [_log_errors(judge, data, start, noise, draws) for start in range(0, len(data), _CHUNK)]
        )
        for noise, draws in ((COARSE, COARSE_DRAWS), (FINE, FINE_DRAWS))
    )
    return Guarded(coarse - TAKEN_OFF * fine, fine)


def _log_errors(
    judge: Judge, data: DatasetProtocol, start: int, noise: Sequence[float], draws: int
) -> Array:
    values = data.user(slice(start, start + _CHUNK))
    errors = judge.model.denoising_errors(values, noise, draws=draws)
    judge.progress(start + len(values), len(data))
    return np.asarray(np.log(np.maximum(errors, _LEAST)).mean(1))


def _brings_back_anything(model: Any) -> bool:
    """Whether it is judged by codes, and these may hold all of an example."""
    return not isinstance(model, Restores) and is_bijective(model, model.spec_)


SCORE = OutlierScore(
    function=reconstruction,
    needs=(Encodes, Restores),
    meaning="how badly it comes back from its code, or its coarse structure from noise",
    order=1,
    vain=_brings_back_anything,
)
