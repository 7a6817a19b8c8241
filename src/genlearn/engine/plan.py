"""How long a training is: a number of steps, or a time, for which the number is planned anew while
it runs.

The rate and the stages of a training follow its *progress*, the share that is done. A revision of
the plan bends it from there on and never makes it jump. What was planned stands in the manifest, so
that a run that is taken up again takes the steps that it would have taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

OPEN = 10**9  # steps of a training whose length is not known yet


class Revision(NamedTuple):
    """From ``step`` on: ``steps`` in all, on ``threads`` of a CPU (0: by the size of a batch)."""

    step: int
    steps: int
    threads: int = 0


@dataclass
class Plan:
    """What was planned, in order."""

    revisions: list[Revision]

    @classmethod
    def of(cls, steps: int) -> Plan:
        return cls([Revision(0, steps)])

    @classmethod
    def from_json(cls, manifest: dict[str, Any]) -> Plan:
        """As `to_json` wrote it."""
        written = manifest.get("plan")
        return cls([Revision(*one) for one in written]) if written else cls.of(manifest["steps"])

    def to_json(self) -> dict[str, Any]:
        """For the manifest: the steps in all, and the plan where there was more than one."""
        more = {"plan": [list(one) for one in self.revisions]} if self.revised else {}
        return {"steps": self.steps, **more}

    @property
    def steps(self) -> int:
        return self.revisions[-1].steps

    @property
    def first(self) -> int:
        """As many as were planned at first, by which reports and checkpoints are spaced."""
        return next((one.steps for one in self.revisions if one.steps != OPEN), OPEN)

    @property
    def revised(self) -> bool:
        return len(self.revisions) > 1

    def threads(self, step: int) -> int:
        """Of the step after ``step``."""
        return [one.threads for one in self.revisions if one.step <= step][-1]

    def progress(self, step: int) -> float:
        """The share of the training that is done after ``step`` steps, in [0, 1]."""
        done = 0.0
        for now, later in pairwise([*self.revisions, Revision(OPEN, OPEN)]):
            left = now.steps - now.step
            done += (1 - done) * (min(step, later.step) - now.step) / left
            if step <= later.step:
                break
        return done
