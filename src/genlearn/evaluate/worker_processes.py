"""Sampling and scoring shared over processes: each loads the run and does its part.

A sample depends on its seed and its number alone, and a score on its example alone, so the parts
together are what one process would give.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..core.capabilities import Array, Scores
from ..data.columns.frames import as_numbers
from ..engine.runs.loading import read

_SAMPLES, _SCORES = 250, 16  # examples in one task

_loaded: Any = None  # the model of this worker process


@dataclass(frozen=True)
class WorkerPool:
    """The work of ``model``, which is the one of the run at ``path``, over ``processes``."""

    model: Any
    path: Path | None = None
    processes: int = 1
    # set after loading: how, not what, the model computes
    hyper: dict[str, Any] = field(default_factory=dict)

    def sample(self, n: int, seed: int, sample_kwargs: dict[str, Any] | None = None) -> Array:
        """``n`` samples in the user's units, with ``sample_kwargs`` passed on to `sample`."""
        tasks = [
            (min(_SAMPLES, n - start), seed, start, sample_kwargs or {})
            for start in range(0, n, _SAMPLES)
        ]
        return np.concatenate(list(self._results(_sample, tasks)))

    def score(self, values: Array) -> Array:
        """log p(x) of each example, in nats."""
        tasks = [(values[start : start + _SCORES],) for start in range(0, len(values), _SCORES)]
        return np.concatenate(list(self._results(_score, tasks)))

    def _results(self, work: Callable[..., Array], tasks: list[Any]) -> Iterator[Array]:
        if self.processes == 1 or self.path is None or len(tasks) == 1:
            yield from (work(self.model, *task) for task in tasks)
            return
        threads = max(1, torch.get_num_threads() // self.processes)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(
            self.processes, context, _prepare, (self.path, self.hyper, threads)
        ) as pool:
            yield from pool.map(_in_worker, [work] * len(tasks), tasks)


def _prepare(path: Path, hyper: dict[str, Any], threads: int) -> None:
    global _loaded  # noqa: PLW0603
    torch.set_num_threads(threads)
    _loaded = read(path).set_params(**hyper)


def _in_worker(work: Callable[..., Array], task: Any) -> Array:
    return work(_loaded, *task)


def _sample(model: Any, n: int, seed: int, start: int, sample_kwargs: dict[str, Any]) -> Array:
    drawn = model.sample(n, seed=seed, start=start, **sample_kwargs)
    return as_numbers(drawn, model.spec_)


def _score(model: Scores, values: Array) -> Array:
    return model.score_samples(values)
