"""The scoreboard as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def text_table(report: dict[str, Any]) -> Iterator[str]:
    """The scoreboard for a terminal."""
    there = {key for model in report["models"] for key in model["figures"]}
    keys = [key for key in headline(report["protocol"]["primary"]) if key in there]
    titles = [_heading(report["metrics"][key]) for key in keys]
    width = max([10, *(len(model["name"]) for model in report["models"])])
    yield from (*report["summary"], "")
    yield f"{'tier':<5}{'model':<{width + 2}}" + "".join(f"{title:>26}" for title in titles)
    for model in report["models"]:
        cells = "".join(f"{cell(model['figures'].get(key)):>26}" for key in keys)
        yield (
            f"{model['tier'] or '-':<5}{model['name']:<{width + 2}}{cells}"
            if model["status"] == "done"
            else f"-    {model['name']}: failed: {model['reason']}"
        )
    for mark, name in (("floor", "real data"), ("ceiling", "a Gaussian")):
        if report[mark]:
            yield f"{'':<5}{name:<{width + 2}}" + "".join(
                f"{cell(report[mark].get(key)):>26}" for key in keys
            )


def text_details(report: dict[str, Any]) -> Iterator[str]:
    """All figures of the first model for a terminal, by group."""
    figures, group = report["models"][0]["figures"], ""
    for key, metric in report["metrics"].items():
        if metric["group"] != group:
            group = metric["group"]
            yield group
        floor = f"   real data {cell(report['floor'][key])}" if key in report["floor"] else ""
        yield f"  {_heading(metric):<28}{cell(figures[key])} {metric['unit']}{floor}"
    yield from ("", *report["summary"], *report["models"][0]["notes"])


def _heading(metric: dict[str, Any]) -> str:
    return f"{metric['title']}{', ' + metric['space'] if metric['space'] else ''}"[:25]


def headline(primary: str) -> tuple[str, ...]:
    """The metrics that say most in little room; ``primary`` is the one that models are ranked
    by."""
    return (primary, f"coverage/{space(primary)}", "bits_per_dim", "reconstruction")


def cell(figure: dict[str, Any] | None) -> str:
    """A value and its interval; empty where there is none."""
    return (
        ""
        if figure is None or figure["value"] is None
        else f"{figure['value']:.3g} [{figure['low']:.3g}, {figure['high']:.3g}]"
    )


def space(key: str) -> str:
    """The feature space of a metric's ``key``; empty where it has none."""
    return key.partition("/")[2]
