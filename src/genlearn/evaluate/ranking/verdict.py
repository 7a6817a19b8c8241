"""What the scoreboard says, in sentences to act on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..metric import Metric, MetricValue
from ..uncertainty import clearly_better
from .rows import RankedModel, measured, tiers_of
from .text import cell, space

# what codes are judged by: the first that was measured
_CODES = ("probe_few", "reconstruction")
_COPIED = {
    "copies": "samples lie suspiciously near training examples",
    "interpolations": "samples lie on lines between two training examples",
    "moved copies": "samples are training examples that were shifted or mirrored",
}


@dataclass(frozen=True)
class _Board:
    """All that the verdict is about; ``done`` are the models that did not fail."""

    done: list[RankedModel]
    metrics: dict[str, Metric]
    primary: str
    floor: dict[str, MetricValue]
    ceiling: dict[str, MetricValue]

    def best(self, key: str) -> list[RankedModel]:
        """The first tier of a metric, the best value first."""
        if key not in self.metrics:
            return []
        metric = self.metrics[key]
        placed = tiers_of(self.done, key, metric)
        first = [entry for entry in self.done if placed.get(entry.name) == 1]
        sign = -1 if metric.better == "higher" else 1
        return sorted(first, key=lambda entry: sign * entry.value(key))

    def clearly_better(self, a: MetricValue, b: MetricValue, key: str) -> bool:
        metric = self.metrics[key]
        return clearly_better(a, b, metric.better, metric.ideal)

    def figure(self, entry: RankedModel, key: str) -> str:
        return f"{self.metrics[key].title} {cell(entry.figures[key].to_json())}"


def verdict(
    entries: list[RankedModel],
    metrics: dict[str, Metric],
    primary: str,
    floor: dict[str, MetricValue],
    ceiling: dict[str, MetricValue] | None = None,
) -> list[str]:
    """The sentences, the most important first."""
    done = [entry for entry in entries if not entry.reason]
    board = _Board(done, metrics, primary, floor, ceiling or {})
    parts = (
        _to_sample,
        _for_codes,
        _to_score,
        _baselines,
        _is_it_real,
        _is_it_new,
        _mixed_up,
        _more_time,
    )
    failed = [f"{entry.name} failed: {entry.reason}" for entry in entries if entry.reason]
    return [*(sentence for part in parts for sentence in part(board)), *failed]


def _to_sample(board: _Board) -> Iterator[str]:
    """Which model to draw from, beside real data and the Gaussian."""
    key, first = board.primary, board.best(board.primary)
    if not first:
        return
    marks = [
        f"{name} {cell(figures[key].to_json())}"
        for name, figures in (("real data", board.floor), ("a Gaussian", board.ceiling))
        if key in figures
    ]
    beside = f" ({', '.join(marks)})" if marks else ""
    figure = f"{board.figure(first[0], key)}{beside}"
    if len(board.done) == 1:
        yield f"{first[0].name}: {figure}."
    elif key in board.ceiling and not board.clearly_better(
        first[0].figures[key], board.ceiling[key], key
    ):
        yield (
            "To sample: none yet. No model is clearly better than a Gaussian with the mean and"
            f" covariance of the data; the nearest is {first[0].name}, {figure}."
        )
    else:
        yield f"To sample: {_names(first)}. {figure}{_how_sure(first)}."


def _for_codes(board: _Board) -> Iterator[str]:
    """Which model to encode with: by what a few labels make of its codes, or by what they keep."""
    key = next((key for key in _CODES if len(measured(board.done, key)) > 1), "")
    first = board.best(key)
    if first:
        yield f"For codes: {_names(first)}. {board.figure(first[0], key)}{_how_sure(first)}."


def _to_score(board: _Board) -> Iterator[str]:
    """The best of each kind of likelihood: values of different kinds are not compared."""
    key = "bits_per_dim"
    scored = measured(board.done, key)
    kinds = sorted({entry.kind for entry in scored})
    for kind in kinds:
        same = [entry for entry in scored if entry.kind == kind]
        first = _Board(same, board.metrics, key, {}, {}).best(key)
        if len(scored) > 1 and first:
            figure = cell(first[0].figures[key].to_json())
            alone = len(same) == 1
            sure = ", the only one of its kind" if alone else _how_sure(first)
            yield f"To score: {_names(first)}. {figure} bits per dimension, {kind}{sure}."
    if len(kinds) > 1:
        yield (
            f"Likelihoods of different kinds ({_listed(kinds)}) are not compared: a bound may hide"
            " a better value."
        )


def _baselines(board: _Board) -> Iterator[str]:
    """What learning deeply was worth: who beats the best of the baselines, who does not, who is
    beaten by it. A baseline that copies sets no mark."""
    key = board.primary
    known = measured(board.done, key)
    simple = [entry for entry in known if entry.baseline and not entry.copying]
    if not simple or key not in board.metrics:
        return
    mark = min(simple, key=lambda entry: entry.value(key))
    worse, even = [], []
    for entry in known:
        if entry.baseline or entry.copying:
            continue
        if board.clearly_better(mark.figures[key], entry.figures[key], key):
            worse.append(entry.name)
        elif not board.clearly_better(entry.figures[key], mark.figures[key], key):
            even.append(entry.name)
    if worse:
        yield f"Worse at samples than the baseline {mark.name}: {_listed(worse)}."
    if even:
        yield f"Not clearly better at samples than the baseline {mark.name}: {_listed(even)}."


def _is_it_real(board: _Board) -> Iterator[str]:
    """How often a classifier points at the real one of a pair."""
    at = space(board.primary)
    for key in ("c2st_pixels", f"c2st/{at}"):
        judged = [entry for entry in measured(board.done, key) if not entry.copying]
        if judged:
            best = min(judged, key=lambda entry: entry.value(key))
            who = best.name if len(judged) == 1 else f"{best.name}, the hardest to tell"
            yield (
                f"Is it real? Shown a sample of {who}, and a real example, a classifier points at"
                f" the real one in {best.value(key):.0%} of cases; 50% would be chance."
            )
            return


def _is_it_new(board: _Board) -> Iterator[str]:
    audited = [entry for entry in board.done if entry.copies]
    accused = [entry for entry in audited if entry.copying]
    for entry in accused:
        found, p = entry.copies["suspects"], entry.copies["p"]
        what = _COPIED[entry.copies.get("kind", "copies")]
        yield f"Is it new? {entry.name} seems to copy: {found} {what} ({_probability(p)})."
    if audited and not accused:
        least = min(entry.copies["p"] for entry in audited)
        yield (f"Is it new? No sign of copied training examples (smallest {_probability(least)}).")


def _mixed_up(board: _Board) -> Iterator[str]:
    """Who draws other classes than those asked for."""
    key = "class_fidelity"
    if key not in board.floor:
        return
    for entry in measured(board.done, key):
        if entry.figures[key].high < board.floor[key].low:
            yield (
                f"Asked for a class, {entry.name} draws it in {entry.value(key):.0%} of cases"
                f" (real data: {board.floor[key].value:.0%})."
            )


def _more_time(board: _Board) -> Iterator[str]:
    """Whose training ended while its held-out loss was still falling."""
    improving = [f"{entry.name} ({entry.more_time})" for entry in board.done if entry.more_time]
    if improving:
        yield f"Still improving when their time was up: {_listed(improving)}."


def _names(first: list[RankedModel]) -> str:
    return " or ".join(_all(first[:3])) + (f" ({len(first) - 3} more)" if len(first) > 3 else "")


def _how_sure(first: list[RankedModel]) -> str:
    if len(first) == 1:
        return ", clearly better than the others"
    return f"; {_listed(_all(first[1:]))} cannot be told from it"


def _all(entries: list[RankedModel]) -> list[str]:
    return [entry.name for entry in entries]


def _probability(p: float) -> str:
    return "p < 0.001" if p < 1e-3 else f"p = {p:.2g}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
