"""The scoreboard: ranks, and what they say in words.

Rank 1 is shared by all models that nobody is clearly better than: better in value, with neither value inside the other's interval. Likelihoods
are ranked among those of one kind, because a bound may lie below an exact value of the same quality; one that is alone in its kind has no rank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from .intervals import ranks
from .measure import Figure, Measure


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model of a comparison; ``reason`` tells why it failed, where it did."""

    name: str
    model: str
    about: str
    baseline: bool
    hyper: dict[str, Any]
    figures: dict[str, Figure] = field(default_factory=dict)
    kind: str = ""
    copies: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""


def rows(entries: list[Entry], measures: dict[str, Measure], primary: str) -> list[dict[str, Any]]:
    """The models as report.json holds them, best first, those that failed last."""
    placed = {key: _ranks(entries, key, measure) for key, measure in measures.items()}
    overall = placed.get(primary, {})
    order = sorted(entries, key=lambda e: (bool(e.reason), overall.get(e.name, len(entries) + 1), _value(e, primary)))
    return [_row(entry, overall, placed) for entry in order]


def verdict(
    entries: list[Entry], measures: dict[str, Measure], primary: str, floor: dict[str, Figure], ceiling: dict[str, Figure] | None = None
) -> list[str]:
    """What the scoreboard says, in sentences."""
    done = [entry for entry in entries if not entry.reason]
    sentences = [*_best(done, measures, primary, floor), *_gaussian(done, measures, primary, ceiling or {})]
    sentences += [*_baselines(done, measures, primary), *_likelihood(done, measures)]
    return [*sentences, *_detectable(done, f"two-sample/{_space(primary)}"), *_copies(done), *_failed(entries)]


def lines(report: dict[str, Any]) -> Iterator[str]:
    """The scoreboard for a terminal."""
    primary = report["protocol"]["primary"]
    wanted = (primary, f"coverage/{_space(primary)}", "bits_per_dim", "reconstruction")
    keys = [key for key in wanted if any(key in model["figures"] for model in report["models"])]
    titles = [_heading(report["measures"][key]) for key in keys]
    width = max([8, *(len(model["name"]) for model in report["models"])])
    yield f"{'rank':<5}{'model':<{width + 2}}" + "".join(f"{title:>26}" for title in titles)
    for model in report["models"]:
        cells = "".join(f"{_cell(model['figures'].get(key)):>26}" for key in keys)
        yield (
            f"{model['rank'] or '-':<5}{model['name']:<{width + 2}}{cells}"
            if model["status"] == "done"
            else f"-    {model['name']}: failed: {model['reason']}"
        )
    for name in ("floor", "ceiling"):
        if report[name]:
            yield f"{'':<5}{name:<{width + 2}}" + "".join(f"{_cell(report[name].get(key)):>26}" for key in keys)
    yield from ("", *report["verdict"])


def details(report: dict[str, Any]) -> Iterator[str]:
    """All figures of the first model for a terminal, by group."""
    figures, group = report["models"][0]["figures"], ""
    for key, measure in report["measures"].items():
        if measure["group"] != group:
            group = measure["group"]
            yield group
        floor = f"   real data {_cell(report['floor'][key])}" if key in report["floor"] else ""
        yield f"  {_heading(measure):<28}{_cell(figures[key])} {measure['unit']}{floor}"
    yield from ("", *report["verdict"], *report["models"][0]["notes"])


def _row(entry: Entry, overall: dict[str, int], placed: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        "name": entry.name, "model": entry.model, "about": entry.about, "baseline": entry.baseline, "hyper": entry.hyper,
        "status": "failed" if entry.reason else "done", "reason": entry.reason, "rank": overall.get(entry.name),
        "figures": {key: figure.to_json() for key, figure in entry.figures.items()},
        "ranks": {key: by_name[entry.name] for key, by_name in placed.items() if entry.name in by_name},
        "kind": entry.kind, "copies": entry.copies, "notes": list(entry.notes),
    }  # fmt: skip


def _ranks(entries: list[Entry], key: str, measure: Measure) -> dict[str, int]:
    """Ranks by name; of likelihoods, among those of the same kind."""
    if measure.better == "neither" and measure.ideal is None:
        return {}
    kinds = sorted({entry.kind if measure.group == "density" else "" for entry in entries})
    placed: dict[str, int] = {}
    for kind in kinds:
        same = {e.name: e.figures[key] for e in entries if key in e.figures and (measure.group != "density" or e.kind == kind)}
        known = {name: figure for name, figure in same.items() if not isnan(figure.value)}
        placed |= ranks(known, measure.better, measure.ideal) if len(known) > 1 or len(kinds) == 1 else {}
    return placed


def _best(done: list[Entry], measures: dict[str, Measure], primary: str, floor: dict[str, Figure]) -> Iterator[str]:
    first = _first(done, measures, primary)
    if not first:
        return
    leader = f"{measures[primary].title} {_cell(first[0].figures[primary].to_json())}"
    beside = f"; real data scores {_cell(floor[primary].to_json())}" if primary in floor else ""
    if len(done) == 1:
        yield f"{first[0].name}: {leader}{beside}."
        return
    copying = " -- but it seems to copy them, see below --" if _copying(first[0]) else ""
    yield f"{first[0].name} makes the samples closest to real data{copying} ({leader}{beside}){_tied(first)}."


def _gaussian(done: list[Entry], measures: dict[str, Measure], primary: str, ceiling: dict[str, Figure]) -> Iterator[str]:
    """Whether anything was learned beyond means and covariances."""
    first = _first(done, measures, primary)
    if not first or primary not in ceiling:
        return
    both = {"model": first[0].figures[primary], "Gaussian": ceiling[primary]}
    if ranks(both, measures[primary].better)["Gaussian"] == 1:
        score = _cell(ceiling[primary].to_json())
        yield f"No model is clearly better than a Gaussian with the mean and covariance of the data, which scores {score}."


def _baselines(done: list[Entry], measures: dict[str, Measure], primary: str) -> Iterator[str]:
    """Whether what was learned deeply beats what scikit-learn fits in seconds. A baseline that copies sets no mark."""
    simple = [entry for entry in _measured(done, primary) if entry.baseline and not _copying(entry)]
    if not simple:
        return
    best = min(simple, key=lambda entry: entry.figures[primary].value)
    for entry in _measured(done, primary):
        if not entry.baseline and not _clearly_better(entry, best, primary, measures):
            yield f"{entry.name} is not clearly better than the baseline {best.name} at its samples ({measures[primary].title})."


def _likelihood(done: list[Entry], measures: dict[str, Measure]) -> Iterator[str]:
    """The best of each kind: values of different kinds are not compared."""
    key = "bits_per_dim"
    scored = _measured(done, key)
    kinds = sorted({entry.kind for entry in scored})
    for kind in kinds:
        same = [entry for entry in scored if entry.kind == kind]
        first = _first(same, measures, key)
        if len(same) > 1:
            value = f"{_cell(first[0].figures[key].to_json())} bits per dimension, {kind}"
            yield f"{first[0].name} gives held-out data the highest probability ({value}){_tied(first)}."
    if len(kinds) > 1:
        yield f"Likelihoods are of different kinds ({_listed(kinds)}), which are not compared: a bound may hide a better value."


def _detectable(done: list[Entry], key: str) -> Iterator[str]:
    judged = _measured(done, key)
    if judged:
        best = min(judged, key=lambda entry: abs(entry.figures[key].value - 0.5))
        share = best.figures[key].value
        who = f"samples of {best.name}" if len(judged) == 1 else f"even samples of {best.name}, the hardest to tell,"
        yield f"Is it real? A classifier tells {who} from real data in {share:.0%} of cases; 50% would be chance."


def _measured(entries: list[Entry], key: str) -> list[Entry]:
    return [entry for entry in entries if key in entry.figures and not isnan(entry.figures[key].value)]


def _first(entries: list[Entry], measures: dict[str, Measure], key: str) -> list[Entry]:
    """Those that share the first rank, the best value first."""
    judged = _measured(entries, key)
    placed = _ranks(judged, key, measures[key]) if key in measures else {}
    return sorted((e for e in judged if placed[e.name] == 1), key=lambda e: e.figures[key].value)


def _tied(first: list[Entry]) -> str:
    names = [f"{entry.name} (which seems to copy)" if _copying(entry) else entry.name for entry in first[1:]]
    return f"; {_listed(names)} cannot be told from it" if names else ""


def _copying(entry: Entry) -> bool:
    return bool(entry.copies.get("accused"))


def _copies(done: list[Entry]) -> Iterator[str]:
    audited = [entry for entry in done if entry.copies]
    accused = [entry for entry in audited if entry.copies["accused"]]
    for entry in accused:
        found, p = entry.copies["suspects"], entry.copies["p"]
        yield f"Is it new? {entry.name} seems to copy: {found} samples lie suspiciously near training examples ({_probability(p)})."
    if audited and not accused:
        yield f"Is it new? No sign of copied training examples (smallest {_probability(min(e.copies['p'] for e in audited))})."


def _failed(entries: list[Entry]) -> Iterator[str]:
    yield from (f"{entry.name} failed: {entry.reason}" for entry in entries if entry.reason)


def _clearly_better(a: Entry, b: Entry, key: str, measures: dict[str, Measure]) -> bool:
    return ranks({"a": a.figures[key], "b": b.figures[key]}, measures[key].better) == {"a": 1, "b": 2}


def _value(entry: Entry, key: str) -> float:
    value = entry.figures[key].value if key in entry.figures else float("nan")
    return float("inf") if isnan(value) else value


def _heading(measure: dict[str, Any]) -> str:
    return f"{measure['title']}{', ' + measure['space'] if measure['space'] else ''}"[:25]


def _cell(figure: dict[str, Any] | None) -> str:
    return "" if figure is None or figure["value"] is None else f"{figure['value']:.3g} [{figure['low']:.3g}, {figure['high']:.3g}]"


def _probability(p: float) -> str:
    return "p < 0.001" if p < 1e-3 else f"p = {p:.2g}"


def _space(key: str) -> str:
    return key.partition("/")[2]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
