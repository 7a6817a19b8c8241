"""Processes on any machines that share the work of one comparison through its folder.

Each job is done by the process that holds its lock (`core.disk.locks`), which the system lets go of
when that process ends, however it ends: what a killed one had begun is taken up by another where it
was. What a job gives stands in the folder, so that in the end every process finds all of it there
and writes the same report.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from ...core.disk.locks import Lock
from ...core.errors import UserError
from ...engine.runs.run import Run
from ..candidates import Candidate
from ..comparison import Comparison
from ..workspace import Workspace

_AGAIN = 0.3  # seconds between two looks at jobs that others do
_ENTRANCE = ".entrance.lock"


@dataclass(frozen=True)
class Jobs:
    """Those of the comparison in ``folder``."""

    folder: Workspace

    def share(
        self, names: Sequence[str], done: Callable[[str], bool], work: Callable[[str], Any]
    ) -> None:
        """All jobs ``names`` are done when this returns: those that no other process does, by
        ``work`` here."""
        while left := [name for name in names if not done(name)]:
            if not any(self._taken(name, done, work) for name in left):
                time.sleep(_AGAIN)

    def _taken(self, name: str, done: Callable[[str], bool], work: Callable[[str], Any]) -> bool:
        """Whether the job was free, and is done now."""
        with ExitStack() as stack:
            try:
                stack.enter_context(Lock(self.folder.path / ".jobs" / f"{name}.lock"))
            except UserError:
                return False
            if not done(name):
                work(name)
                if not done(name):
                    raise RuntimeError(f"{name} was worked on, and is not done")
            return True


def take_part(comparison: Comparison) -> None:
    """Do what no other process does, until all is done: what is done is then found by
    `Comparison.report`."""
    folder, bench, jobs = comparison.folder, comparison.bench, Jobs(comparison.folder)
    simple, others = comparison.in_order()
    # those that take longest first, so that nobody waits for the last
    by_name = {candidate.name: candidate for candidate in [*reversed(others), *simple]}

    def over(name: str, there: bool) -> bool:
        return there or name in folder.plan["failed"]

    jobs.share(["features"], bench.has_done, lambda _: bench.prepare())
    bench.prepare()
    planned = {candidate.name for candidate in others}
    jobs.share(
        ["seconds"],
        lambda _: planned <= folder.plan["seconds"].keys(),
        lambda _: comparison.plan_times(),
    )
    given = folder.plan["seconds"]
    if comparison.settings.trials:
        _tune(comparison, jobs, list(by_name.values()))
    jobs.share(
        list(by_name),
        lambda name: over(name, Run(folder.run(name)).complete),
        lambda name: comparison.train(by_name[name], given.get(name)),
    )
    comparison.failed |= folder.plan["failed"]
    jobs.share(["floor and ceiling"], bench.has_done, lambda _: comparison.plan_judging())
    comparison.plan_judging()
    jobs.share(
        list(by_name),
        lambda name: over(name, bench.has_done(name)),
        lambda name: comparison.attempt(by_name[name], "be judged", comparison.judge),
    )
    comparison.failed |= folder.plan["failed"]


def _tune(comparison: Comparison, jobs: Jobs, candidates: Sequence[Candidate]) -> None:
    """Every trial of every one of ``candidates``, each by one process."""
    folder = comparison.folder
    given = folder.plan["seconds"]
    trials = {
        f"{candidate.name}, trial {number}": (candidate, search, number)
        for candidate in candidates
        for search in [comparison.search(candidate, given.get(candidate.name))]
        for number in range(comparison.settings.trials)
    }

    def done(name: str) -> bool:
        candidate, search, number = trials[name]
        return candidate.name in folder.plan["failed"] or search.has_tried(number)

    def work(name: str) -> None:
        candidate, search, number = trials[name]
        comparison.attempt(candidate, "be tuned", lambda _: search.attempt(number))

    jobs.share(list(trials), done, work)


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
