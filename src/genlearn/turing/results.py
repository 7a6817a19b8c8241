"""What judges send back: a code to copy out of the page, and the answers that it stands for.

A code is ``genlearn-quiz:`` + base64url of JSON + ``:`` + eight digits of the SHA-256 of that text
+ ``.``; white space and quotation marks within, which mail programs put there, are of no account.
It names the quiz and the judge, and holds each answer with its milliseconds; what was right only
the page knows.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np

from ..core.capabilities import Array
from ..core.errors import UserError
from .answer_key import opened
from .trials import Kind

_DATA = re.compile(r'<script [^>]*class="quiz-data">(.*?)</script>', re.DOTALL)
_CODE = re.compile(r"genlearn-quiz:([\w\-=>\s]+):([0-9a-f>\s]{8,}?)\.")
_BEGIN = "genlearn-quiz:"


class _Page(msgspec.Struct):
    """What results need to know of a quiz."""

    id: str
    kind: Kind
    sources: list[str]
    practice: int
    salt: str
    truths: list[tuple[int, int | None]]
    hashes: list[str]


class Sitting(msgspec.Struct):
    """What one judge answered: a digit and milliseconds for each scored trial."""

    quiz: str
    sitting: str
    judge: str
    answers: str
    ms: list[float]


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of all judges to the scored trials, and what was right.

    ``source`` (trials,): the index of the model, or `REAL`; ``right`` (trials,): 0, 1, or -1 of a
    control; ``given`` (judges, trials): 0, 1, or NaN of what was not answered; ``seconds`` (judges,
    trials), NaN there too.
    """

    kind: Kind
    sources: tuple[str, ...]
    judges: tuple[str, ...]
    source: Array
    right: Array
    given: Array
    seconds: Array

    @property
    def correct(self) -> Array:
        """Whether each answer is right, 1 or 0 (judges, trials); NaN of what was not answered."""
        return np.where(np.isnan(self.given), np.nan, self.given == self.right)


def read_results(
    page: Path, texts: Sequence[tuple[str, str]], tell: Callable[[str], None]
) -> Answers:
    """The answers in ``texts``, each (name, text with one code or more), to the quiz of ``page``.

    What is counted once, or may be one judge's twice, is told to ``tell``. Raises `UserError` where
    a text holds no whole code, or codes of another quiz.
    """
    quiz, sittings = _read(page, texts, tell)
    truth = opened(quiz.hashes, quiz.salt, quiz.truths)[quiz.practice :]
    return Answers(
        quiz.kind,
        tuple(quiz.sources),
        judge_names([one.judge for one in sittings], tell),
        np.array([source for source, _ in truth]),
        np.array([-1 if right is None else right for _, right in truth]),
        np.array([[int(answer) for answer in one.answers] for one in sittings]),
        np.array([one.ms for one in sittings], dtype=np.float64) / 1000,
    )


def read_sittings(
    page: Path, texts: Sequence[tuple[str, str]], tell: Callable[[str], None]
) -> list[Sitting]:
    """As `read_results`, each judge's result as it was sent."""
    return _read(page, texts, tell)[1]


def _read(
    page: Path, texts: Sequence[tuple[str, str]], tell: Callable[[str], None]
) -> tuple[_Page, list[Sitting]]:
    """The quiz of ``page``, and results that fit it."""
    quizzes = {quiz.id: quiz for quiz in _quizzes(page.read_text("utf-8", "replace"))}
    if not quizzes:
        raise UserError(f"{page} holds no quiz; give the page that `genlearn quiz` wrote")
    sittings: dict[str, Sitting] = {}
    for name, text in texts:
        for one in _codes(name, text):
            if one.sitting in sittings:
                tell(f"{name}: a result that was given already is counted once")
            sittings[one.sitting] = one
    asked = sorted({one.quiz for one in sittings.values()})
    if len(asked) > 1 or asked[0] not in quizzes:
        raise UserError(
            f"results of quiz {', '.join(asked)} were given, and {page} holds quiz"
            f" {', '.join(quizzes)}; give the page that the judges saw, and its results alone"
        )
    quiz = quizzes[asked[0]]
    scored = len(quiz.hashes) - quiz.practice
    for one in sittings.values():
        if not len(one.answers) == len(one.ms) == scored or set(one.answers) - {"0", "1"}:
            raise UserError(
                f"a result has {len(one.answers)} answers; the quiz has {scored} trials"
            )
    return quiz, list(sittings.values())


def judge_names(given: list[str], tell: Callable[[str], None]) -> tuple[str, ...]:
    """A name for each judge; those who gave none, or the same, are numbered."""
    names = [name.strip() for name in given]
    count = Counter(names)
    for name in sorted(name for name in count if name and count[name] > 1):
        tell(f"{count[name]} results are of {name}: each is taken for a judge of its own")
    return tuple(
        name if name and count[name] == 1 else f"{name or 'judge'} {index + 1}"
        for index, name in enumerate(names)
    )


def quiz_ids(page: str) -> list[str]:
    """The names of the quizzes in the text of a page, if any."""
    return [quiz.id for quiz in _quizzes(page)]


def _quizzes(page: str) -> list[_Page]:
    try:
        return [msgspec.json.decode(one, type=_Page) for one in _DATA.findall(page)]
    except msgspec.DecodeError:
        return []


def _codes(name: str, text: str) -> list[Sitting]:
    whole = [
        (re.sub(r"[>\s]", "", body), re.sub(r"[>\s]", "", check))
        for body, check in _CODE.findall(text)
    ]
    if not whole or len(whole) != text.count(_BEGIN):
        what = "a result that is not whole" if _BEGIN in text else "no result"
        raise UserError(
            f"{name} holds {what}; a result begins with {_BEGIN} and ends with a full stop: copy"
            " all of it from the page"
        )
    return [_decoded(name, body, check) for body, check in whole]


def _decoded(name: str, body: str, check: str) -> Sitting:
    try:
        if sha256(body.encode()).hexdigest()[:8] != check:
            raise ValueError(body)
        text = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        return msgspec.json.decode(text, type=Sitting)
    except ValueError:  # msgspec's and base64's are such
        raise UserError(f"{name}: a result was damaged on its way; copy it again") from None
