"""Processes on any machines that share the work of one comparison through its folder.

Each job is done by the process that holds its lock (`core.disk.locks`), which the system lets go of
when that process ends, however it ends: what a killed one had begun is taken up by another where it
was. What a job gives stands in the folder, so that in the end every process finds all of it there
and writes the same report.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...core.disk.locks import Lock
from ...core.errors import UserError
from ...engine.runs.run import Run
from ..candidates import Candidate
from ..comparison import Comparison, takes_planned_time
from ..tune import HyperparameterSearch
from ..workspace import Workspace

_AGAIN = 0.3  # seconds between two looks at jobs that others do
_ENTRANCE = ".entrance.lock"


class Job(NamedTuple):
    """What one process does: whether it is ``done``, by whomever, and the ``work``."""

    done: Callable[[], bool]
    work: Callable[[], Any]


@dataclass(frozen=True)
class Jobs:
    """Those of the comparison in ``folder``."""

    folder: Workspace

    def share(self, jobs: Mapping[str, Job]) -> None:
        """All ``jobs`` are done when this returns: those that no other process does, here, in their
        order."""
        while left := {name: job for name, job in jobs.items() if not job.done()}:
            if not any(self._taken(name, job) for name, job in left.items()):
                time.sleep(_AGAIN)

    def _taken(self, name: str, job: Job) -> bool:
        """Whether the job was free, and is done now."""
        with ExitStack() as stack:
            try:
                stack.enter_context(Lock(self.folder.path / ".jobs" / f"{name}.lock"))
            except UserError:
                return False
            if not job.done():
                job.work()
                if not job.done():
                    raise RuntimeError(f"{name} was worked on, and is not done")
            return True


def take_part(comparison: Comparison) -> None:
    """Do what no other process does, until all is done: what is done is then found by
    `Comparison.report`."""
    jobs = Jobs(comparison.folder)
    simple, others = comparison.in_order()
    # those that take longest first, so that nobody waits for the last
    candidates = [*reversed(others), *simple]
    _learn_features(comparison, jobs, candidates)
    _plan_times(comparison, jobs, others)
    if comparison.settings.trials:
        _tune(comparison, jobs, candidates)
    given = comparison.folder.plan["seconds"]
    jobs.share({c.name: _training(comparison, c, given.get(c.name)) for c in candidates})
    comparison.failed |= comparison.folder.plan["failed"]
    _judge(comparison, jobs, candidates)
    comparison.failed |= comparison.folder.plan["failed"]


def _learn_features(comparison: Comparison, jobs: Jobs, candidates: Sequence[Candidate]) -> None:
    """Meanwhile the others train those of ``candidates`` whose time is not planned by what that
    takes, unless trials are to be judged by the features first."""
    bench, tunes = comparison.bench, comparison.settings.trials > 0
    early = [c for c in candidates if not tunes and not takes_planned_time(c)]
    jobs.share(
        {"features": Job(lambda: bench.has_done("features"), bench.prepare)}
        | {c.name: _training(comparison, c, None) for c in early}
    )
    bench.prepare()


def _plan_times(comparison: Comparison, jobs: Jobs, candidates: Sequence[Candidate]) -> None:
    planned = {candidate.name for candidate in candidates}

    def done() -> bool:
        return bool(planned <= comparison.folder.plan["seconds"].keys())

    jobs.share({"seconds": Job(done, comparison.plan_times)})


def _training(comparison: Comparison, candidate: Candidate, allowed: float | None) -> Job:
    """The training of ``candidate`` in ``allowed`` seconds, done where it is complete or has
    failed."""
    run = Run(comparison.folder.run(candidate.name))
    return Job(
        lambda: run.complete or _failed(comparison, candidate),
        lambda: comparison.train(candidate, allowed),
    )


def _failed(comparison: Comparison, candidate: Candidate) -> bool:
    return candidate.name in comparison.folder.plan["failed"]


def _judge(comparison: Comparison, jobs: Jobs, candidates: Sequence[Candidate]) -> None:
    """Every one of ``candidates``, and real data, by as many samples as are planned first."""
    bench, folder = comparison.bench, comparison.folder
    jobs.share({"sample sizes": Job(lambda: bool(folder.plan["amounts"]), comparison.plan_judging)})
    comparison.plan_judging()

    def judging(candidate: Candidate) -> Job:
        return Job(
            lambda: bench.has_done(candidate.name) or _failed(comparison, candidate),
            lambda: comparison.attempt(candidate, "be judged", comparison.judge),
        )

    real = Job(lambda: bench.has_done("floor and ceiling"), bench.measure_floor_and_ceiling)
    jobs.share({"floor and ceiling": real} | {c.name: judging(c) for c in candidates})
    bench.measure_floor_and_ceiling()


def _tune(comparison: Comparison, jobs: Jobs, candidates: Sequence[Candidate]) -> None:
    """Every trial of every one of ``candidates``, each by one process."""
    given = comparison.folder.plan["seconds"]

    def trial(candidate: Candidate, search: HyperparameterSearch, number: int) -> Job:
        return Job(
            lambda: search.has_tried(number) or _failed(comparison, candidate),
            lambda: comparison.attempt(candidate, "be tuned", lambda _: search.attempt(number)),
        )

    jobs.share(
        {
            f"{candidate.name}, trial {number}": trial(candidate, search, number)
            for candidate in candidates
            for search in [comparison.search(candidate, given.get(candidate.name))]
            for number in range(comparison.settings.trials)
        }
    )


@contextmanager
def joined(folder: Workspace, plan: dict[str, Any], fresh: bool) -> Iterator[bool]:
    """Inside, this process takes part in the comparison of ``plan`` in ``folder``, beside others;
    whether there was one already. The first of them opens the folder, and what failed earlier is
    tried again. Raises `UserError` where another comparison stands there."""
    with ExitStack() as stack:
        with Lock(folder.path / _ENTRANCE, wait=True), ExitStack() as alone:
            try:
                alone.enter_context(folder.alone())
            except UserError as error:
                if fresh:
                    raise UserError(f"{error}; or leave --fresh out, to take part") from None
                continued = folder.open(plan, fresh)
            else:
                continued = folder.open(plan, fresh)
                folder.forget_failures()
            alone.close()
            stack.enter_context(folder.beside_others())
        yield continued
