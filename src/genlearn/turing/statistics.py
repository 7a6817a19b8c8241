"""What all judges together have shown: of all models, of each, of each image.

*Accuracy* is the share of right answers. Of one model in the yes/no task it is balanced,
(H + 1 - F) / 2 with F of that model's images alone, since all models share the real ones: else who
always says "generated" would be always right about it. *Fooled*: the share of a model's images that
were taken for real.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.capabilities import Array
from .detection import Detection, detect
from .proportions import (
    Share,
    agreement,
    difference_of,
    p_chance,
    p_equivalent,
    share_of,
)
from .results import Answers
from .trials import REAL

HASTY = 0.2  # seconds: less than it takes to see what is shown


@dataclass(frozen=True)
class ModelResult:
    """One model: how often it fooled, and how well it was told apart (accuracy, d')."""

    name: str
    fooled: Share
    accuracy: float
    low: float
    high: float
    detection: Detection


@dataclass(frozen=True)
class Summary:
    """The figures of a quiz, each with its 95 % interval.

    ``p``: against guessing; ``p_equivalent``: that accuracy lies within 10 points of it.
    ``first_side``: of the controls, the share that was answered A (None without controls).
    ``kappa``: agreement of the judges, (value, low, high). ``hasty``: answers that came too soon.
    """

    judges: int
    accuracy: Share
    p: float
    p_equivalent: float
    detection: Detection
    models: tuple[ModelResult, ...]
    first_side: Share | None
    kappa: tuple[float, float, float]
    hasty: int
    seconds: float


def summarize(answers: Answers) -> Summary:
    """The figures of all judges."""
    scored = answers.right >= 0
    correct = answers.correct[:, scored]
    accuracy = share_of(correct)
    controls = answers.given[:, ~scored]
    return Summary(
        judges=len(answers.judges),
        accuracy=accuracy,
        p=p_chance(accuracy.value, accuracy.effective),
        p_equivalent=p_equivalent(accuracy.value, accuracy.effective),
        detection=_detection(answers, scored),
        models=tuple(_model(answers, index) for index in range(len(answers.sources))),
        first_side=share_of(1.0 - controls) if controls.size else None,
        kappa=agreement(answers.given[:, scored]),
        hasty=int((answers.seconds < HASTY).sum()),
        seconds=float(np.nanmedian(answers.seconds)),
    )


def by_image(answers: Answers) -> pd.DataFrame:
    """A row for each answer: who gave it to which trial, what was shown, what was answered, whether
    it was right."""
    rows = [
        {
            "judge": judge,
            "trial": trial + 1,
            "source": "real" if source == REAL else answers.sources[source],
            "right": _word(answers.kind, right),
            "answer": _word(answers.kind, int(answers.given[index, trial])),
            "correct": "" if right < 0 else bool(answers.given[index, trial] == right),
            "seconds": answers.seconds[index, trial],
        }
        for index, judge in enumerate(answers.judges)
        for trial, (source, right) in enumerate(zip(answers.source, answers.right, strict=True))
        if not np.isnan(answers.given[index, trial])
    ]
    return pd.DataFrame(rows)


def most_fooling(answers: Answers) -> list[tuple[int, str, int]]:
    """(trial, model, judges fooled) of the generated images that fooled anyone, most first."""
    fooled = [
        (one.trial + 1, answers.sources[one.source], one.wrong)
        for one in mistaken(answers)
        if one.source != REAL
    ]
    return sorted(fooled, key=lambda row: (-row[2], row[0]))


@dataclass(frozen=True)
class Mistaken:
    """Trial number ``trial``, from 0, of an image of ``source``: ``wrong`` of the ``answered``
    answers to it were."""

    trial: int
    source: int
    wrong: int
    answered: int


def mistaken(answers: Answers) -> list[Mistaken]:
    """The trials that anyone was wrong about, those of the largest share first; controls, which
    nobody can be wrong about, are not among them."""
    wrong = np.nansum(1 - answers.correct, axis=0)
    seen = (~np.isnan(answers.given)).sum(0)
    found = [
        Mistaken(trial, int(answers.source[trial]), int(wrong[trial]), int(seen[trial]))
        for trial in np.flatnonzero((answers.right >= 0) & (wrong > 0)).tolist()
    ]
    return sorted(found, key=lambda one: (-one.wrong / one.answered, -one.answered, one.trial))


def by_judge(answers: Answers) -> pd.DataFrame:
    """A row for each judge: how often right, and how fast."""
    scored = answers.right >= 0
    correct = answers.correct[:, scored]
    right, seen = np.nansum(correct, axis=1).astype(int), (~np.isnan(correct)).sum(1)
    return pd.DataFrame(
        {
            "judge": answers.judges,
            "right": [f"{a} of {n}" for a, n in zip(right, seen, strict=True)],
            "accuracy": [
                f"{100 * a / n:.0f} %" if n else "" for a, n in zip(right, seen, strict=True)
            ],
            "seconds": np.nanmedian(answers.seconds, axis=1).round(1),
        }
    )


def fools_more(answers: Answers, model: int, other: int) -> tuple[float, float, float]:
    """How much more often ``model`` fooled than ``other``, indices of sources, with the 95 %
    interval."""
    return difference_of(_wrong(answers, model), _wrong(answers, other))


def _wrong(answers: Answers, index: int) -> Array:
    """Where images of one model fooled, (judges, images)."""
    return np.asarray(1 - answers.correct[:, answers.source == index])


def _model(answers: Answers, index: int) -> ModelResult:
    own = answers.source == index
    shown = own | ((answers.source == REAL) & (answers.right >= 0))
    fooled, detection = share_of(_wrong(answers, index)), _detection(answers, shown)
    if answers.kind == "pair":
        value, low, high = 1 - fooled.value, 1 - fooled.high, 1 - fooled.low
    else:
        value, low, high = _balanced(answers, shown)
    return ModelResult(answers.sources[index], fooled, value, low, high, detection)


def _balanced(answers: Answers, shown: Array) -> tuple[float, float, float]:
    """(H + 1 - F) / 2 and its interval."""
    value, low, high = difference_of(*_split(answers, shown))
    return 0.5 + value / 2, 0.5 + low / 2, 0.5 + high / 2


def _detection(answers: Answers, shown: Array) -> Detection:
    return detect(*_split(answers, shown), pair=answers.kind == "pair")


def _split(answers: Answers, shown: Array) -> tuple[Array, Array]:
    """The answers to trials where 1 is right, and where 0 is."""
    return (
        answers.given[:, shown & (answers.right == 1)],
        answers.given[:, shown & (answers.right == 0)],
    )


def _word(kind: str, answer: int) -> str:
    if answer < 0:
        return ""
    return ("generated", "real")[answer] if kind == "one" else "AB"[answer]
