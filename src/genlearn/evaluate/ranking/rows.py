"""The scoreboard: ranks, and what they say in words.

Rank 1 is shared by all models that nobody is clearly better than: better in value, with neither
value inside the other's interval. Who copies the data, or has codes that hold all of it, earns no
rank by that. Likelihoods are ranked among those of one kind, because a bound
may lie below an exact value of the same quality; one that is alone in its kind has no rank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from .metric import Metric, MetricValue
from .ranking_text import cell, space
from .uncertainty import ranks


@dataclass(frozen=True, kw_only=True)
class RankedModel:
    """One model of a comparison; ``reason`` tells why it failed, where it did, and ``unranked`` the
    groups of metrics in which it has no rank."""

    name: str
    model: str
    about: str
    baseline: bool
    hyper: dict[str, Any]
    figures: dict[str, MetricValue] = field(default_factory=dict)
    kind: str = ""
    copies: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""
    unranked: tuple[str, ...] = ()


def ranking_rows(
    entries: list[RankedModel], metrics: dict[str, Metric], primary: str
) -> list[dict[str, Any]]:
    """The models as report.json holds them, best first, those that failed last."""
    placed = {key: _ranks(entries, key, metric) for key, metric in metrics.items()}
    overall = placed.get(primary, {})
    order = sorted(
        entries,
        key=lambda e: (bool(e.reason), overall.get(e.name, len(entries) + 1), _value(e, primary)),
    )
    return [_row(entry, overall, placed) for entry in order]


def summary(
    entries: list[RankedModel],
    metrics: dict[str, Metric],
    primary: str,
    floor: dict[str, MetricValue],
    ceiling: dict[str, MetricValue] | None = None,
) -> list[str]:
    """What the scoreboard says, in sentences."""
    done = [entry for entry in entries if not entry.reason]
    sentences = [
        *_best(done, metrics, primary, floor),
        *_gaussian(done, metrics, primary, ceiling or {}),
    ]
    sentences += [*_baselines(done, metrics, primary), *_likelihood(done, metrics)]
    return [
        *sentences,
        *_detectable(done, f"two-sample/{space(primary)}"),
        *_copies(done),
        *_failed(entries),
    ]


def _row(
    entry: RankedModel, overall: dict[str, int], placed: dict[str, dict[str, int]]
) -> dict[str, Any]:
    return {
        "name": entry.name,
        "model": entry.model,
        "about": entry.about,
        "baseline": entry.baseline,
        "hyper": entry.hyper,
        "status": "failed" if entry.reason else "done",
        "reason": entry.reason,
        "rank": overall.get(entry.name),
        "figures": {key: figure.to_json() for key, figure in entry.figures.items()},
        "ranks": {
            key: by_name[entry.name] for key, by_name in placed.items() if entry.name in by_name
        },
        "kind": entry.kind,
        "copies": entry.copies,
        "notes": list(entry.notes),
    }


def _ranks(entries: list[RankedModel], key: str, metric: Metric) -> dict[str, int]:
    """Ranks by name; of likelihoods, among those of the same kind."""
    if metric.better == "neither" and metric.ideal is None:
        return {}
    kinds = sorted({entry.kind if metric.group == "density" else "" for entry in entries})
    placed: dict[str, int] = {}
    for kind in kinds:
        same = {
            e.name: e.figures[key]
            for e in entries
            if key in e.figures
            and metric.group not in e.unranked
            and (metric.group != "density" or e.kind == kind)
        }
        known = {name: figure for name, figure in same.items() if not isnan(figure.value)}
        placed |= (
            ranks(known, metric.better, metric.ideal) if len(known) > 1 or len(kinds) == 1 else {}
        )
    return placed


def _best(
    done: list[RankedModel], metrics: dict[str, Metric], primary: str, floor: dict[str, MetricValue]
) -> Iterator[str]:
    first = _first(done, metrics, primary)
    if not first:
        return
    leader = f"{metrics[primary].title} {cell(first[0].figures[primary].to_json())}"
    beside = f"; real data scores {cell(floor[primary].to_json())}" if primary in floor else ""
    if len(done) == 1:
        yield f"{first[0].name}: {leader}{beside}."
        return
    copying = " -- but it seems to copy them, see below --" if _copying(first[0]) else ""
    yield (
        f"{first[0].name} makes the samples closest to real data{copying}"
        f" ({leader}{beside}){_tied(first)}."
    )


def _gaussian(
    done: list[RankedModel],
    metrics: dict[str, Metric],
    primary: str,
    ceiling: dict[str, MetricValue],
) -> Iterator[str]:
    """Whether anything was learned beyond means and covariances."""
    first = _first(done, metrics, primary)
    if not first or primary not in ceiling:
        return
    both = {"model": first[0].figures[primary], "Gaussian": ceiling[primary]}
    if ranks(both, metrics[primary].better)["Gaussian"] == 1:
        score = cell(ceiling[primary].to_json())
        yield (
            "No model is clearly better than a Gaussian with the mean and covariance of the data,"
            f" which scores {score}."
        )


def _baselines(done: list[RankedModel], metrics: dict[str, Metric], primary: str) -> Iterator[str]:
    """Whether what was learned deeply beats what scikit-learn fits in seconds. A baseline that
    copies sets no mark."""
    simple = [entry for entry in _measured(done, primary) if entry.baseline and not _copying(entry)]
    if not simple:
        return
    best = min(simple, key=lambda entry: entry.figures[primary].value)
    for entry in _measured(done, primary):
        if not entry.baseline and not _clearly_better(entry, best, primary, metrics):
            yield (
                f"{entry.name} is not clearly better than the baseline {best.name} at its samples"
                f" ({metrics[primary].title})."
            )


def _likelihood(done: list[RankedModel], metrics: dict[str, Metric]) -> Iterator[str]:
    """The best of each kind: values of different kinds are not compared."""
    key = "bits_per_dim"
    scored = _measured(done, key)
    kinds = sorted({entry.kind for entry in scored})
    for kind in kinds:
        same = [entry for entry in scored if entry.kind == kind]
        first = _first(same, metrics, key)
        if len(same) > 1:
            value = f"{cell(first[0].figures[key].to_json())} bits per dimension, {kind}"
            yield (
                f"{first[0].name} gives held-out data the highest probability"
                f" ({value}){_tied(first)}."
            )
    if len(kinds) > 1:
        yield (
            f"Likelihoods are of different kinds ({_listed(kinds)}), which are not compared: a"
            " bound may hide a better value."
        )


def _detectable(done: list[RankedModel], key: str) -> Iterator[str]:
    judged = _measured(done, key)
    if judged:
        best = min(judged, key=lambda entry: abs(entry.figures[key].value - 0.5))
        share = best.figures[key].value
        who = (
            f"samples of {best.name}"
            if len(judged) == 1
            else f"even samples of {best.name}, the hardest to tell,"
        )
        yield (
            f"Is it real? A classifier tells {who} from real data in {share:.0%} of cases; 50%"
            " would be chance."
        )


def _measured(entries: list[RankedModel], key: str) -> list[RankedModel]:
    return [
        entry for entry in entries if key in entry.figures and not isnan(entry.figures[key].value)
    ]


def _first(entries: list[RankedModel], metrics: dict[str, Metric], key: str) -> list[RankedModel]:
    """Those that share the first rank, the best value first."""
    judged = _measured(entries, key)
    placed = _ranks(judged, key, metrics[key]) if key in metrics else {}
    first = [entry for entry in judged if placed.get(entry.name) == 1]
    return sorted(first, key=lambda entry: entry.figures[key].value)


def _tied(first: list[RankedModel]) -> str:
    names = [
        f"{entry.name} (which seems to copy)" if _copying(entry) else entry.name
        for entry in first[1:]
    ]
    return f"; {_listed(names)} cannot be told from it" if names else ""


def _copying(entry: RankedModel) -> bool:
    return bool(entry.copies.get("accused"))


def _copies(done: list[RankedModel]) -> Iterator[str]:
    audited = [entry for entry in done if entry.copies]
    accused = [entry for entry in audited if entry.copies["accused"]]
    for entry in accused:
        found, p = entry.copies["suspects"], entry.copies["p"]
        yield (
            f"Is it new? {entry.name} seems to copy: {found} samples lie suspiciously near training"
            f" examples ({_probability(p)})."
        )
    if audited and not accused:
        yield (
            "Is it new? No sign of copied training examples (smallest"
            f" {_probability(min(e.copies['p'] for e in audited))})."
        )


def _failed(entries: list[RankedModel]) -> Iterator[str]:
    yield from (f"{entry.name} failed: {entry.reason}" for entry in entries if entry.reason)


def _clearly_better(a: RankedModel, b: RankedModel, key: str, metrics: dict[str, Metric]) -> bool:
    return ranks({"a": a.figures[key], "b": b.figures[key]}, metrics[key].better) == {
        "a": 1,
        "b": 2,
    }


def _value(entry: RankedModel, key: str) -> float:
    value = entry.figures[key].value if key in entry.figures else float("nan")
    return float("inf") if isnan(value) else value


def _probability(p: float) -> str:
    return "p < 0.001" if p < 1e-3 else f"p = {p:.2g}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
