"""How long a training is: a number of steps, or a time, for which the number is planned anew while
it runs; and, once it is finished, how much longer it goes on.

The rate and the stages of a training follow its *progress*, the share that is done. A revision of
the plan bends it from there on and never makes it jump. A *restart* lets a finished training go on:
the rate rises and falls anew (Loshchilov & Hutter 2016, "SGDR", arXiv 1608.03983), and what has
grown by stages stays as it is. What was planned stands in the manifest, so that a run that is taken
up again takes the steps that it would have taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

OPEN = 10**9  # steps of a training whose length is not known yet


class Revision(NamedTuple):
    """From ``step`` on: ``steps`` in all, on ``threads`` of a CPU (0: by the size of a batch);
    ``restart``: training was finished there, and goes on; ``batch`` examples in a step (0: the
    model's own number)."""

    step: int
    steps: int
    threads: int = 0
    restart: bool = False
    batch: int = 0


@dataclass
class Plan:
    """What was planned, in order. ``endless``: the training has no end of its own."""

    revisions: list[Revision]
    endless: ClassVar[bool] = False

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
        several = len(self.revisions) > 1
        more = {"plan": [list(one) for one in self.revisions]} if several else {}
        return {"steps": self.steps, **more}

    @property
    def steps(self) -> int:
        return self.revisions[-1].steps

    @property
    def cycles(self) -> list[Plan]:
        """What was planned from the start, and from each restart on."""
        starts = [n for n, one in enumerate(self.revisions) if one.restart or n == 0]
        ends = [*starts[1:], len(self.revisions)]
        return [Plan(self.revisions[a:b]) for a, b in zip(starts, ends, strict=True)]

    @property
    def current(self) -> Plan:
        """The last cycle."""
        return self.cycles[-1]

    def cycle(self, step: int) -> Plan:
        """The one that the step after ``step`` belongs to."""
        return [one for one in self.cycles if one.start <= step][-1]

    @property
    def start(self) -> int:
        """Steps before the first that is planned here."""
        return self.revisions[0].step

    @property
    def first(self) -> int:
        """How many steps the current cycle was planned to have when those of now were first
        planned, by which reports and checkpoints are spaced."""
        now, batch = self.current, self.revisions[-1].batch
        known = (r.steps for r in now.revisions if r.steps != OPEN and r.batch == batch)
        return next((steps - now.start for steps in known), OPEN)

    @property
    def open(self) -> bool:
        """Whether the current cycle is given a time, and its length is not known yet."""
        return self.steps == OPEN

    def threads(self, step: int) -> int:
        """Of the step after ``step``."""
        return [one.threads for one in self.revisions if one.step <= step][-1]

    def batch(self, step: int, usual: int) -> int:
        """Examples in the step after ``step``, ``usual`` where no number is said."""
        return [one.batch for one in self.revisions if one.step <= step][-1] or usual

    def examples(self, step: int, usual: int) -> int:
        """Those of the first ``step`` steps."""
        parts = pairwise([*self.revisions, Revision(OPEN, OPEN)])
        return sum(
            max(0, min(step, later.step) - now.step) * (now.batch or usual) for now, later in parts
        )

    def progress(self, step: int) -> float:
        """The share of the first cycle that is done after ``step`` steps, in [0, 1]."""
        done = 0.0
        for now, later in pairwise([*self.cycles[0].revisions, Revision(OPEN, OPEN)]):
            left = now.steps - now.step  # none where training was ended early
            done += (1 - done) * ((min(step, later.step) - now.step) / left if left else 1.0)
            if step <= later.step:
                break
        return min(1.0, done)
