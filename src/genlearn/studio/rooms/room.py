"""One room: its pictures, its judges and their answers, all of which a folder keeps.

In the folder are room.json (`RoomDocument`), pictures.bin (the picture of each trial, all of one
length, in the order drawn), quiz.html (the same trials as a page by itself) and answers.jsonl
(`Journal`), which has a line for each judge who began and for each answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from starlette.exceptions import HTTPException

from ...turing.results import Answers, Sitting, judge_names
from .document import RoomDocument
from .journal import Journal, Lot
from .judge import Given, Judge, clean_name, order_of

PICTURES, QUIZ, ANSWERS = "pictures.bin", "quiz.html", "answers.jsonl"
_MOST = 5000  # judges
_CLOSED = HTTPException(409, "The room is closed.")


class _Begun(msgspec.Struct, tag="judge", tag_field="what"):
    """That a judge began."""

    judge: str
    name: str


class _Answered(msgspec.Struct, tag="answer", tag_field="what"):
    """That a judge answered a trial, after so many milliseconds."""

    judge: str
    trial: int
    answer: Literal[0, 1]
    ms: float


class _Pasted(msgspec.Struct, tag="pasted", tag_field="what"):
    """What was sent from a page by itself: all answers of one judge."""

    judge: str
    name: str
    answers: str
    ms: list[float]


_LINE = msgspec.json.Decoder(_Begun | _Answered | _Pasted)


class Room:
    """The room in ``folder``. Raises `UserError` where its document is damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.about = RoomDocument.read(folder)
        self.version = 0  # counts changes, for those who watch
        self.judges: dict[str, Judge] = {}
        self._pictures = np.memmap(folder / PICTURES, np.uint8, "r")
        self._journal = Journal(folder / ANSWERS, self._changed)
        for line in self._journal.lines():
            self._replay(line)

    @property
    def code(self) -> str:
        return self.about.code

    @property
    def open(self) -> bool:
        return self.about.open

    @open.setter
    def open(self, value: bool) -> None:
        """Kept before it holds."""
        about = msgspec.structs.replace(self.about, open=value)
        about.write(self.folder)
        self.about = about
        self._changed()

    @property
    def answered(self) -> int:
        """How many answers count."""
        practice = self.about.practice
        return sum(sum(t >= practice for t in [*one.given]) for one in [*self.judges.values()])

    def picture(self, trial: int) -> bytes:
        """The file of what trial number ``trial`` shows."""
        length = self.about.length
        return self._pictures[trial * length : (trial + 1) * length].tobytes()

    def begin(self, id: str, name: str) -> Lot:
        """Let a judge in; once is enough."""
        if id in self.judges:
            return self.judges[id].lot
        if not self.open or len(self.judges) >= _MOST:
            raise _CLOSED if not self.open else HTTPException(409, "The room is full.")
        name = clean_name(name)
        line = msgspec.json.encode(_Begun(id, name))
        lot = self._journal.add(line, lambda: self.judges.pop(id, None))
        self.judges[id] = Judge(id, name, self._order(id), lot)
        return lot

    def answer(self, judge: Judge, place: int, answer: Literal[0, 1], ms: float) -> Given:
        """What counts for the trial at a judge's ``place``, from 0: the first answer, this or an
        earlier one. Raises `HTTPException` where that trial's turn has not come, or the room is
        closed."""
        if not 0 <= place < len(judge.order):
            raise HTTPException(404)
        trial = judge.order[place]
        if trial in judge.given:
            return judge.given[trial]
        if not self.open:
            raise _CLOSED
        if place != judge.next:
            raise HTTPException(409, "An earlier image has no answer yet.")
        line = msgspec.json.encode(_Answered(judge.id, trial, answer, ms))
        lot = self._journal.add(line, lambda: judge.given.pop(trial, None))
        given = judge.given[trial] = Given(answer, ms / 1000, lot)
        return given

    def paste(self, sittings: Sequence[Sitting]) -> list[Lot]:
        """Count what was sent from the page by itself, each judge once; a lot for each."""
        lots = []
        for one in sittings:
            line = _Pasted(f"page {one.sitting}", clean_name(one.judge), one.answers, one.ms)
            if line.judge not in self.judges:
                undo = partial(self.judges.pop, line.judge, None)
                lots.append(self._journal.add(msgspec.json.encode(line), undo))
                self._take(line)
        return lots

    def answers(self, judges: Sequence[Judge] | None = None) -> Answers:
        """What all judges, or ``judges``, have answered to the trials that count; those who have
        not answered any are left out."""
        practice, truths = self.about.practice, self.about.truths[self.about.practice :]
        found = [
            (one, dict(one.given))
            for one in (judges if judges is not None else [*self.judges.values()])
        ]
        found = [(one, given) for one, given in found if any(t >= practice for t in given)]
        given, seconds = (np.full((len(found), len(truths)), np.nan) for _ in range(2))
        for row, (_, answers) in enumerate(found):
            for trial, one in answers.items():
                if trial >= practice:
                    given[row, trial - practice] = one.answer
                    seconds[row, trial - practice] = one.seconds
        return Answers(
            self.about.kind,
            tuple(self.about.sources),
            judge_names([judge.name for judge, _ in found], lambda line: None),
            np.array([source for source, _ in truths]),
            np.array([-1 if right is None else right for _, right in truths]),
            given,
            seconds,
        )

    def _order(self, id: str) -> list[int]:
        about = self.about
        return order_of(about.seed, id, about.practice, len(about.truths))

    def _changed(self) -> None:
        self.version += 1

    def _replay(self, line: bytes) -> None:
        """One that was cut short was not told to be there."""
        try:
            self._take(_LINE.decode(line))
        except (msgspec.DecodeError, ValueError):
            return

    def _take(self, line: _Begun | _Answered | _Pasted) -> None:
        if isinstance(line, _Answered):
            judge = self.judges.get(line.judge)
            if judge and 0 <= line.trial < len(judge.order):
                judge.given.setdefault(line.trial, Given(line.answer, line.ms / 1000))
            return
        judge = self.judges.setdefault(
            line.judge, Judge(line.judge, line.name, self._order(line.judge))
        )
        if isinstance(line, _Pasted):
            pairs = zip(line.answers, line.ms, strict=True)
            judge.given |= {
                self.about.practice + trial: Given(int(answer), ms / 1000)
                for trial, (answer, ms) in enumerate(pairs)
            }
