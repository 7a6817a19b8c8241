"""What the answers in a room say: to the teacher of all judges, and to a judge of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...turing.results import Answers
from ...turing.statistics import Summary, by_judge, mistaken, summarize
from ...turing.trials import REAL
from ...turing.verdict import percent, sentences, verdict
from .judge import Judge
from .room import Room

_SHOWN = 12  # images of a kind


@dataclass(frozen=True)
class Mistake:
    """The picture of ``trial``, in which ``side`` (0 or 1 of a pair) was taken for what it is not,
    and what to say below it."""

    trial: int
    side: int
    caption: str


@dataclass(frozen=True)
class Findings:
    """``verdict`` and ``lines`` in words; ``fooled``: generated images taken for real, ``doubted``:
    real ones taken for generated, those of most judges first."""

    answers: Answers
    summary: Summary
    verdict: str
    lines: list[str]
    fooled: list[Mistake]
    doubted: list[Mistake]


def findings(room: Room) -> Findings | None:
    """Of all judges; None while there are no answers that count."""
    answers = room.answers()
    if not (answers.given[:, answers.right >= 0] >= 0).any():
        return None
    summary = summarize(answers)
    lines = list(sentences(summary, answers, named=0))
    return Findings(
        answers,
        summary,
        _sentence(lines.pop(1)),
        lines,
        _mistakes(room, answers, generated=True),
        _mistakes(room, answers, generated=False),
    )


def judge_rows(room: Room) -> list[dict[Any, Any]]:
    """A row for each judge who has answered what counts."""
    answers = room.answers()
    return by_judge(answers).to_dict("records") if answers.judges else []


@dataclass(frozen=True)
class OwnResult:
    """As `Findings`, of one judge; a mistake's ``trial`` is the place in the judge's order."""

    lines: list[str]
    fooled: list[Mistake]
    doubted: list[Mistake]


def own_result(room: Room, judge: Judge) -> OwnResult | None:
    """What ``judge`` has shown; None without answers that count."""
    answers = room.answers([judge])
    if not (answers.given[:, answers.right >= 0] >= 0).any():
        return None
    place = {trial: place for place, trial in enumerate(judge.order)}

    def seen(generated: bool) -> list[Mistake]:
        found = _mistakes(room, answers, generated, most=len(place))
        own = [Mistake(place[one.trial], one.side, one.caption.partition(":")[0]) for one in found]
        return sorted(own, key=lambda one: one.trial)

    return OwnResult(list(_own_lines(summarize(answers), answers)), seen(True), seen(False))


def _sentence(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."


def _own_lines(summary: Summary, answers: Answers) -> Iterator[str]:
    share, found = summary.accuracy, summary.detection
    yield f"You were right {share.count:.0f} of {share.n}: {percent(share)}. Guessing gives 50 %."
    yield _sentence(verdict(summary, "you"))
    if found.d_prime == found.d_prime:
        yield (
            f"d' = {found.d_prime:.2f} [{found.low:.2f}, {found.high:.2f}]: how well you tell them"
            " apart, whatever you like to answer; 0 for who cannot, 3 for who hardly errs."
        )
    if answers.kind == "one":
        yield (
            f"You called {found.hits.count:.0f} of {found.hits.n} real images real, and"
            f" {found.false_alarms.count:.0f} of {found.false_alarms.n} fakes."
        )
    if summary.first_side and (side := summary.first_side).n:
        yield (
            f"In {side.n} pairs both were real, so that no answer was right: you chose A in"
            f" {side.count:.0f}."
        )


def _mistakes(room: Room, answers: Answers, generated: bool, most: int = _SHOWN) -> list[Mistake]:
    found: list[Mistake] = []
    for one in mistaken(answers):
        if (one.source != REAL) == generated and len(found) < most:
            name = answers.sources[one.source] if generated else "real"
            side = 1 - int(answers.right[one.trial]) if answers.kind == "pair" else 0
            caption = f"{name}: {one.wrong} of {one.answered}"
            found.append(Mistake(one.trial + room.about.practice, side, caption))
    return found
