"""Every kind of input, and the reading of its changed copies."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from fuzzing import runs
from fuzzing.inputs import Input, inputs
from fuzzing.mutations import mutated
from fuzzing.reading import Outcome, attempt, read_data

_RUNS: dict[str, Callable[[Path, Path, random.Random], Path]] = {
    "run manifest": runs.changed_manifest,
    "run weights": runs.changed_weights,
    "run damaged": runs.damaged,
}


class Campaign:
    """Changed copies in ``folder``, by kind and number; ``kinds``: some of them (default: all)."""

    def __init__(self, folder: Path, kinds: list[str]) -> None:
        self.folder = folder
        self._inputs = {one.kind: one for one in inputs(folder / "good")}
        self._good = {one.kind: one.file.read_bytes() for one in self._inputs.values()}
        known = [*self._inputs, *_RUNS]
        unknown = [kind for kind in kinds if kind not in known]
        if unknown:
            raise SystemExit(f"no kind is called {unknown[0]!r}; there are: {', '.join(known)}")
        self.kinds = kinds or known

    @cached_property
    def _runs(self) -> list[Path]:
        return runs.make_runs(self.folder / "runs")

    def attempt(self, kind: str, number: int) -> Outcome:
        """Read the changed copy ``number`` of ``kind``."""
        rng = random.Random(f"{kind} {number}")
        if kind in self._inputs:
            return self._changed_data(self._inputs[kind], rng)
        run = rng.choice(self._runs)
        return attempt(runs.use, _RUNS[kind](run, self.folder / "changed", rng))

    def unchanged(self, kind: str) -> Outcome:
        """Read a good copy of ``kind``."""
        if kind in self._inputs:
            return attempt(read_data, self._inputs[kind].source)
        return attempt(runs.use, self._runs[0])

    def _changed_data(self, given: Input, rng: random.Random) -> Outcome:
        given.file.write_bytes(mutated(self._good[given.kind], rng))
        try:
            return attempt(read_data, given.source)
        finally:
            given.file.write_bytes(self._good[given.kind])
