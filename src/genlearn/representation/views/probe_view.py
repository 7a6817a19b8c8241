"""Label efficiency of codes beside what they are held against, as a table and as a chart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...core.capabilities import Array
from ...core.panels import LinePanel
from ...core.spec import ImageSpec
from ...evaluate.report.charts.line_chart import Line, line_chart
from ...evaluate.report.document import document
from ...evaluate.report.markup import Html, tag
from ..label_efficiency import (
    LabelledAccuracy,
    as_seen,
    label_efficiency,
    principal_components,
)
from ..names import class_names
from ..splits import LabelledSplit

Curves = dict[str, list[LabelledAccuracy]]
_MEANING = (
    "Accuracy of a linear classifier that was taught with so many labels, with 95 % intervals over"
    " draws of the labelled examples: good codes need few."
)


def probed(
    name: str, parts: LabelledSplit, codes: Array, test_codes: Array, draws: int, seed: int
) -> Curves:
    """Label efficiency of ``codes`` called ``name``, of the data as it is, and of principal
    components of equal number."""
    seen = as_seen(parts.train), as_seen(parts.test)
    components = principal_components(*seen, codes.shape[1], seed)
    sets = {
        name: (codes, test_codes),
        f"{components[0].shape[1]} principal components": components,
        "pixels" if isinstance(parts.train.spec, ImageSpec) else "columns": seen,
    }
    classes, truth = class_names(parts.train), class_names(parts.test)
    assert classes is not None
    assert truth is not None
    return {
        what: label_efficiency(train, classes, test, truth, draws=draws, seed=seed)
        for what, (train, test) in sets.items()
    }


def probe_table(curves: Curves) -> pd.DataFrame:
    """A row for each of what was probed and each number of labels: ``per_class``, in all
    ``labels``, ``accuracy`` from ``low`` to ``high``, over ``draws``."""
    return pd.DataFrame(
        {
            "representation": name,
            "per_class": str(one.per_class or "all"),
            "labels": one.labels,
            "accuracy": one.accuracy.value,
            "low": one.accuracy.low,
            "high": one.accuracy.high,
            "draws": one.draws,
        }
        for name, curve in curves.items()
        for one in curve
    )


def probe_lines(table: pd.DataFrame) -> list[str]:
    """The table in text, a line for each number of labels."""
    names = list(table["representation"].unique())
    width = max(24, *(len(name) + 2 for name in names))
    lines = [f"{'labels a class':<16}" + "".join(f"{name:<{width}}" for name in names)]
    for each, rows in table.groupby("per_class", sort=False):
        cells = [f"{row.accuracy:.3f} [{row.low:.3f}, {row.high:.3f}]" for row in rows.itertuples()]
        lines.append(f"{each:<16}" + "".join(f"{cell:<{width}}" for cell in cells))
    return [line.rstrip() for line in lines]


def probe_page(title: str, curves: Curves) -> str:
    """The curves as a page that asks the network for nothing."""
    panel = LinePanel(
        title="Accuracy against number of labels",
        meaning=_MEANING,
        x="labels",
        y="accuracy",
        series={name: _points(curve) for name, curve in curves.items()},
        log_x=True,
    )
    lines = [
        Line(name, points, f"c{number}", 0)
        for number, (name, points) in enumerate(panel.series.items())
    ]
    head = tag("header", tag("h1", title), tag("p", _MEANING, class_="lead"))
    return document(title, tag("main", head, line_chart(panel, lines), _table(curves), id="main"))


def _points(curve: list[LabelledAccuracy]) -> Array:
    return np.array([(one.labels, one.accuracy.value) for one in curve])


def _table(curves: Curves) -> Html:
    """The figures below the chart."""
    head = tag("tr", [tag("th", name) for name in ("", "labels a class", "accuracy", "95 %")])
    rows = [
        tag(
            "tr",
            tag("th", name),
            tag("td", str(one.per_class or "all")),
            tag("td", f"{one.accuracy.value:.3f}"),
            tag("td", f"{one.accuracy.low:.3f} to {one.accuracy.high:.3f}"),
        )
        for name, curve in curves.items()
        for one in curve
    ]
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="figures")
    return tag("div", table, class_="scroll")
