"""A training that is given a time and keeps to it, whatever else the machine does.

The first steps are timed, and the number of steps is planned; at some shares of the time it is
planned anew, by what steps took since. At some of these a few steps are taken on one thread and
then on all, and the faster number is kept: beside another program two threads wait for one another,
a step of 0.8 s then takes 4.6. The first step of all is taken on one thread, which waits for
nobody; where steps are long, all threads have one step to be faster by, and one thread one step now
and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from ..trainer import Trainer
from .batch_size import SMALLEST, batch_size, gradient_noise_scale
from .plan import OPEN

# shares of the time at which the number of steps is planned anew, and those where threads are tried
_MARKS = (0.03, 0.08, 0.15, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.93, 0.97)
_TRIALS = (0.08, 0.25, 0.5, 0.7, 0.88)
_TRIED, _ROOM = 3, 4  # steps of a trial, and how many times as many are left at least
_SHORT = 0.02  # share of the time that a step takes at most where so many are tried
_LOOK = 0.03  # share of the time that looking at the gradient takes at most
_PREVIEWS = 0.1  # share of the time up to which there is another preview, after the first
_FINISH = 0.02  # share of the time that is kept for the end, before it is known what that takes


@dataclass
class Budget:
    """``allowed`` seconds for the whole training of ``loop``, from ``started`` on, as
    `time.perf_counter` says."""

    loop: Trainer
    allowed: float
    started: float
    _most: int = field(default_factory=torch.get_num_threads)
    _longest: float = field(default=0.0, init=False)  # pause for a preview

    def __post_init__(self) -> None:
        self.loop.may_preview = self._may_preview

    def train(self, planned: Callable[[float], None]) -> None:
        """All steps that are left; ``planned`` hears what a step takes once that is known."""
        loop = self.loop
        loop.advance(loop.plan.revisions[-1].step)  # those that were planned before
        if loop.plan.open:
            self._plan(*self._begin())
            planned(self._each)
        for mark in _MARKS:
            if self.share >= mark or self._left == 0:
                continue
            each, threads = self._timed(loop.steps, mark), loop.plan.revisions[-1].threads
            if mark in _TRIALS:
                threads, each = self._faster(threads, each)
            if self._left:
                self._plan(threads, each)
        loop.train()

    @property
    def share(self) -> float:
        """The share of the time that is over."""
        return (time.perf_counter() - self.started) / self.allowed

    @property
    def _left(self) -> int:
        """Steps, as they are planned now."""
        return self.loop.steps - self.loop.state.step

    def _plan(self, threads: int, each: float) -> None:
        """As many steps as the rest of the time holds, at ``each`` seconds."""
        loop, self._each = self.loop, each
        pause = loop.pause
        self._longest = max(self._longest, pause)  # and as long again at the end
        more = int(self._seconds_left / (each + min(pause / loop.save_interval, _PREVIEWS * each)))
        loop.replan(loop.state.step + max(1, more), threads)

    @property
    def _seconds_left(self) -> float:
        """For steps."""
        end = max(1.2 * self._longest, _FINISH * self.allowed)
        return self.allowed * (1 - self.share) - end

    def _may_preview(self) -> bool:
        """Whether previews have taken little of the time so far."""
        self._longest = max(self._longest, self.loop.pause)
        return self.loop.paused < _PREVIEWS * self.share * self.allowed

    def _begin(self) -> tuple[int, float]:
        """The number of threads to begin with, and what a step takes, of as many examples as the
        time and the gradient ask for."""
        if not self._may_choose_size:
            return self._at_first()
        threads, each = self._resized(SMALLEST)
        scale = gradient_noise_scale(self.loop, _LOOK * self.allowed)
        size = batch_size(self._seconds_left, each, scale)
        if scale is not None:
            self.loop.callback.tell(f"gradient noise scale {scale:,.0f}: {size} examples a step")
        return (threads, each) if size == SMALLEST else self._resized(size)

    def _resized(self, size: int) -> tuple[int, float]:
        """The same, from here on with ``size`` examples in a step."""
        self.loop.replan(OPEN, 0, size)
        return self._at_first()

    @property
    def _may_choose_size(self) -> bool:
        """Whether the model leaves open how many examples a step takes; processes that share them
        keep their shares."""
        return self.loop.model.batch_size is None and self.loop.fabric.world_size == 1

    def _at_first(self) -> tuple[int, float]:
        """The number of threads to begin with, and what a step takes."""
        if not self._may_choose:
            each = self._timed(self.loop.state.step + 1)  # with what comes once
            short = self._is_short(each)
            return 0, self._timed(self.loop.state.step + _TRIED) if short else each
        one = self._tried(1, 1)  # with what comes once
        if self._is_short(one):
            return self._fastest()
        every = self._tried(self._most, 1)
        return (1, one) if one < every else (self._most, every)

    def _faster(self, threads: int, each: float) -> tuple[int, float]:
        """The number of threads from here on, and what a step takes; it was ``each`` on
        ``threads``."""
        short = self._is_short(each)
        if not self._may_choose or self._left <= _ROOM * (_TRIED if short else 1):
            return threads, each
        if short:
            return self._fastest()
        if threads == 1:  # the others might take many times as long
            return threads, each
        one = self._tried(1, 1)
        return (1, one) if one < each else (threads, each)

    def _fastest(self) -> tuple[int, float]:
        """The number of threads that is fastest now, and what a step takes."""
        taken = {threads: self._tried(threads, _TRIED) for threads in (1, self._most)}
        best = min(taken, key=lambda threads: taken[threads])
        return best, taken[best]

    @property
    def _may_choose(self) -> bool:
        """Whether there are threads to choose among; processes that share the cores keep their
        own."""
        fabric = self.loop.fabric
        return self._most > 1 and fabric.world_size == 1 and fabric.device.type == "cpu"

    def _is_short(self, each: float) -> bool:
        """Whether steps of ``each`` seconds are so short that some on the slower number of threads
        cost little."""
        return each < _SHORT * self.allowed

    def _tried(self, threads: int, steps: int) -> float:
        """What a step takes on so many ``threads``, of so many ``steps``."""
        self.loop.replan(self.loop.steps, threads)
        return self._timed(self.loop.state.step + steps)

    def _timed(self, end: int, mark: float | None = None) -> float:
        """What a step takes, of those up to ``end``, or until the time reaches ``mark``."""
        loop = self.loop
        step, start, paused = loop.state.step, time.perf_counter(), loop.paused
        loop.advance(end, None if mark is None else lambda: self.share >= mark)
        taken = time.perf_counter() - start - (loop.paused - paused)
        return taken / max(1, loop.state.step - step)
