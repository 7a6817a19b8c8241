"""The scoreboard as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def text_table(report: dict[str, Any]) -> Iterator[str]:
    """The verdict and the scoreboard for a terminal."""
    yield from (*report["summary"], "")
    there = {key for model in report["models"] for key in model["figures"]}
    keys = [key for key in headline(report["protocol"]["primary"]) if key in there]
    done = [model for model in report["models"] if model["status"] == "done"]
    rows = [["tier", "model", *(_heading(report["metrics"][key]) for key in keys)]]
    rows += [
        [
            str(model["tier"] or "-"),
            model["name"],
            *(cell(model["figures"].get(key)) for key in keys),
        ]
        for model in done
    ]
    rows += [
        ["", name, *(cell(report[mark].get(key)) for key in keys)]
        for mark, name in (("floor", "real data"), ("ceiling", "a Gaussian"))
        if report[mark]
    ]
    yield from _aligned(rows)


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    """The cells in columns, the first two to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            text.ljust(width) if place < 2 else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


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
    return f"{metric['title']}{', ' + metric['space'] if metric['space'] else ''}"


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
