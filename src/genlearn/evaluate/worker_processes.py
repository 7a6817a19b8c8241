"""Sampling and scoring shared over processes: each loads the run and does its part.

A sample depends on its seed and its number alone, and a score on its example alone, so the parts
together are what one process would give.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from ..core.capabilities import Array, Scores
from ..data.columns.frames import as_numbers
from ..engine.runs.loading import read

_SAMPLES, _SCORES = 250, 16  # examples in one task
_AHEAD = 4  # tasks of each process that are handed out before results are taken

_loaded: Any = None  # the model of this worker process


class Draw(NamedTuple):
    """``n`` samples from number ``start`` on, with ``options`` passed on to `sample`."""

    n: int
    seed: int
    start: int
    options: dict[str, Any]


@dataclass(frozen=True)
class WorkerPool:
    """The work of ``model``, which is the one of the run at ``path``, over ``processes``."""

    model: Any
    path: Path | None = None
    processes: int = 1
    # set after loading: how, not what, the model computes
    hyper: dict[str, Any] = field(default_factory=dict)

    def draw(self, draws: Iterable[Draw]) -> Iterator[Any]:
        """The samples of each of ``draws`` in the user's units, in their order."""
        yield from self._results(_draw, draws)

    def sample(self, n: int, seed: int, options: dict[str, Any] | None = None) -> Array:
        """``n`` samples in the user's units, as numbers, with ``options`` passed on to
        `sample`."""
        draws = [
            Draw(min(_SAMPLES, n - start), seed, start, options or {})
            for start in range(0, n, _SAMPLES)
        ]
        spec = self.model.spec_
        return np.concatenate([as_numbers(drawn, spec) for drawn in self.draw(draws)])

    def score(self, values: Array) -> Array:
        """log p(x) of each example, in nats."""
        tasks = [(values[start : start + _SCORES],) for start in range(0, len(values), _SCORES)]
        return np.concatenate(list(self._results(_score, tasks)))

    def _results(self, work: Callable[..., Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """In the order of the ``tasks``, of which there may be any number."""
        tasks = iter(tasks)
        begin = list(islice(tasks, 2))
        if self.processes == 1 or self.path is None or len(begin) == 1:
            yield from (work(self.model, *task) for task in chain(begin, tasks))
            return
        threads = max(1, torch.get_num_threads() // self.processes)
        context = multiprocessing.get_context("spawn")
        how = (self.path, self.hyper, threads, context.Value("i", 0))
        with ProcessPoolExecutor(self.processes, context, _prepare, how) as pool:
            ahead = deque[Future[Any]]()
            for task in chain(begin, tasks):
                ahead.append(pool.submit(_in_worker, work, task))
                if len(ahead) > _AHEAD * self.processes:
                    yield ahead.popleft().result()
            yield from (one.result() for one in ahead)


def _prepare(path: Path, hyper: dict[str, Any], threads: int, others: Any) -> None:
    """Each of the ``others``, which are counted, has the next GPU, where there are any."""
    global _loaded  # noqa: PLW0603
    torch.set_num_threads(threads)
    with others:
        number, others.value = others.value, others.value + 1
    if torch.cuda.is_available():
        torch.cuda.set_device(number % torch.cuda.device_count())
    _loaded = read(path).set_params(**hyper)


def _in_worker(work: Callable[..., Any], task: Any) -> Any:
    return work(_loaded, *task)


def _draw(model: Any, n: int, seed: int, start: int, options: dict[str, Any]) -> Any:
    return model.sample(n, seed=seed, start=start, **options)


def _score(model: Scores, values: Array) -> Array:
    return model.score_samples(values)
