"""What a quiz has shown, in sentences and a table of text."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

import pandas as pd

from ..evaluate.report.number_format import MISSING, format_p_value
from .detection import Detection
from .proportions import Share, answered
from .results import Answers
from .statistics import Summary, fools_more, most_fooling

_FEW = 5  # judges below whom an interval says little about others
_NAMED = 5  # images that are named


def verdict(summary: Summary, who: str = "") -> str:
    """Whether they, or ``who``, tell real from generated: yes, no, or not settled."""
    who = who or ("the judge" if summary.judges == 1 else "the judges")
    if summary.p < 0.05 and summary.accuracy.value < 0.5:
        return f"{who} took generated images for real more often than guessing would"
    if summary.p < 0.05:
        little = ", if by less than 10 points" if summary.p_equivalent < 0.05 else ""
        return f"{who} can tell them apart{little}"
    if summary.p_equivalent < 0.05:
        return f"{who} cannot tell them apart: the share lies within 10 points of guessing"
    return (
        "not settled: so few answers show neither that they can be told apart nor that they cannot"
    )


def sentences(summary: Summary, answers: Answers, named: int = _NAMED) -> Iterator[str]:
    """All of it, a line each, with so many of the images that fooled most; the table of models is
    `model_table`."""
    who = "1 judge" if summary.judges == 1 else f"{summary.judges:,} judges"
    yield (
        f"{who}, {_amount(answers)}: right in {percent(summary.accuracy)}; guessing gives 50 %"
        f" ({format_p_value(summary.p)}; within 10 points of it: "
        f"{format_p_value(summary.p_equivalent)})"
    )
    yield verdict(summary)
    found = summary.detection
    yield (
        f"d' = {_discrimination(found)}, criterion {found.criterion:+.2f}"
        f"{_leaning(answers.kind, found.criterion)}"
    )
    if answers.kind == "one":
        yield (
            f"real images called real: {percent(found.hits)}; generated ones:"
            f" {percent(found.false_alarms)}"
        )
    if summary.first_side:
        yield f"controls, both real: A chosen in {percent(summary.first_side)}"
    yield from _best_two(summary, answers)
    yield from _judges(summary)
    for trial, model, judges in most_fooling(answers)[:named]:
        yield f"trial {trial}: an image of {model} fooled {judges} of {summary.judges}"


def _amount(answers: Answers) -> str:
    """How much was judged."""
    given = answers.given[:, answers.right >= 0]
    what = "pairs" if answers.kind == "pair" else "images"
    if (there := answered(given)) == given.size:
        return f"{given.shape[1]} {what} each"
    return f"{there:,} of {given.size:,} answers to {given.shape[1]} {what}"


def model_table(summary: Summary) -> str:
    """A line for each model, what fooled most first."""
    rows = sorted(summary.models, key=lambda model: -model.fooled.value)
    table = pd.DataFrame(
        {
            "model": [model.name for model in rows],
            "fooled": [percent(model.fooled) for model in rows],
            "accuracy": [
                f"{100 * model.accuracy:.0f} % [{100 * model.low:.0f}, {100 * model.high:.0f}]"
                for model in rows
            ],
            "d'": [_discrimination(model.detection) for model in rows],
        }
    )
    return table.to_string(index=False)


def percent(share: Share) -> str:
    """The share and its interval."""
    if not share.n:
        return "none shown"
    return f"{100 * share.value:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"


def _discrimination(found: Detection) -> str:
    """d' and its interval; it takes trials of both kinds."""
    if isnan(found.d_prime):
        return MISSING
    return f"{found.d_prime:.2f} [{found.low:.2f}, {found.high:.2f}]"


def _best_two(summary: Summary, answers: Answers) -> Iterator[str]:
    """Whether the model that fooled most did so more often than the next."""
    order = sorted(range(len(summary.models)), key=lambda i: -summary.models[i].fooled.value)
    if len(order) > 1 and all(summary.models[i].fooled.n for i in order[:2]):
        value, low, high = fools_more(answers, *order[:2])
        first, second = (summary.models[i].name for i in order[:2])
        sure = "" if low > 0 else ", which may be chance"
        yield (
            f"{first} fooled more often than {second}, by {100 * value:.0f} points"
            f" [{100 * low:.0f}, {100 * high:.0f}]{sure}"
        )


def _leaning(kind: str, criterion: float) -> str:
    if abs(criterion) < 0.2:
        return ""
    first, second = ("real", "generated") if kind == "one" else ("B", "A")
    return f", a liking for the answer {first if criterion < 0 else second}"


def _judges(summary: Summary) -> Iterator[str]:
    value, low, high = summary.kappa
    if summary.judges > 1 and not isnan(value):
        sure = "" if isnan(low) else f" [{low:.2f}, {high:.2f}]"
        yield f"agreement of the judges: kappa = {value:.2f}{sure}; 0 as by chance, 1 if all alike"
    if 1 < summary.judges < _FEW:
        yield (
            f"{summary.judges} judges say little about others, whose shares may lie outside of"
            " these intervals"
        )
    pace = f"half of the answers took {summary.seconds:.1f} s or more"
    if summary.hasty:
        pace += f"; {summary.hasty:,} came within 0.2 s, which is too soon to have looked"
    yield pace
