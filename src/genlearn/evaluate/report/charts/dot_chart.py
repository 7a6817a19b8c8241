"""Dots with whiskers: one chart for each metric, so that intervals are compared by eye (Cleveland,
1985, "The Elements of Graphing Data").

The band is the floor's interval, the dashed line the ceiling; a filled dot is in the first tier, a
square is a baseline. An axis is logarithmic where values span more than a factor of 40.
"""

from __future__ import annotations

from ..markup import Html, tag
from ..number_format import decimal_places, format_interval, format_number, is_finite
from ..report_view import Record, ReportView, full_title
from .axis import Axis, fit_axis, tick_labels

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 340.0, 92.0, 14.0, 34.0, 21.0
_NAME = 14  # letters of a model's name that fit on the left
_WIDE = 40  # ratio from which an axis is logarithmic


def dot_charts(content: ReportView) -> Html:
    """Charts of the scoreboard's metrics, and the others folded away."""
    keys = [k for k in content.metrics if content.owners(k)]
    first = [k for k in content.board if k in keys]
    rest = [k for k in keys if k not in first]
    shown = tag("div", [dot_chart(content, k) for k in first], class_="charts")
    folded = tag("div", [dot_chart(content, k) for k in rest], class_="charts")
    more = (
        tag("details", tag("summary", f"Charts of the other {len(rest)} metrics"), folded)
        if rest
        else None
    )
    return tag("div", shown, more)


def dot_chart(content: ReportView, key: str) -> Html:
    """One metric: a row for each model that has it."""
    metric, owners = content.metrics[key], content.owners(key)
    floor, ceiling = (
        _finite(content.report.get(which, {}).get(key)) for which in ("floor", "ceiling")
    )
    axis = _axis([*(m["figures"][key] for m in owners), floor, ceiling], metric)
    top = _TOP if floor or ceiling else 8.0
    bottom = top + _ROW * len(owners)
    rows = [
        _row(m, key, axis, top + _ROW * (i + 0.5), decimal_places(content.figures(key)))
        for i, m in enumerate(owners)
    ]
    parts = (_references(axis, floor, ceiling, bottom), _ticks(axis, top, bottom), rows)
    picture = tag(
        "svg",
        tag("title", _told(content, key)),
        parts,
        viewBox=f"0 0 {_WIDTH:.0f} {bottom + 24:.0f}",
        role="img",
        class_="chart dots",
    )
    return tag("figure", _caption(metric, axis), picture, class_="dotchart")


def _caption(metric: Record, axis: Axis) -> Html:
    """The metric's title, what it is taken in, and which way is better."""
    space = f"{metric['space']} features" if metric.get("space") else ""
    about = " · ".join(
        part for part in (space, metric.get("unit"), "log scale" if axis.log else "") if part
    )
    way = {"lower": "← better", "higher": "better →"}.get(metric["better"], "")
    return tag(
        "figcaption",
        tag("b", metric["title"]),
        tag("span", tag("span", about or "\u00a0"), tag("span", way, class_="way"), class_="sub"),
    )


def _finite(figure: Record | None) -> Record | None:
    return figure if figure and is_finite(figure.get("value")) else None


def _axis(figures: list[Record | None], metric: Record) -> Axis:
    """Logarithmic where values differ by factors; shares and scores that should be high stay
    linear."""
    values = [
        v for f in figures if f for v in (f["value"], f.get("low"), f.get("high")) if is_finite(v)
    ]
    sizes = metric["better"] != "higher" or metric["group"] == "cost"
    log = sizes and min(values) > 0 and max(values) > _WIDE * min(values)
    return fit_axis(values, _LEFT, _WIDTH - _RIGHT, log=log, pad=0.06)


def _row(model: Record, key: str, axis: Axis, y: float, digits: int) -> Html:
    figure, first = model["figures"][key], model.get("tiers", {}).get(key) == 1
    x = axis(figure["value"])
    told = tag(
        "title",
        f"{model['name']}: {format_number(figure['value'], digits)}"
        f" {format_interval(figure, digits)}",
    )
    name = tag("text", _cut(model["name"]), x=_LEFT - 8, y=y + 4, class_="end name")
    whisker = (
        tag("line", x1=axis(figure["low"]), x2=axis(figure["high"]), y1=y, y2=y, class_="whisker")
        if format_interval(figure, digits)
        else None
    )
    style = "dot first" if first else "dot"
    square = tag("rect", x=x - 4, y=y - 4, width=8.0, height=8.0, class_=style)
    dot = square if model.get("baseline") else tag("circle", cx=x, cy=y, r=4.5, class_=style)
    return tag(
        "g",
        told,
        tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="guide"),
        name,
        whisker,
        dot,
    )


def _cut(name: str) -> str:
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _references(axis: Axis, floor: Record | None, ceiling: Record | None, bottom: float) -> Html:
    """The floor's band and the ceiling's line, each with its name above, in a line of its own."""
    parts = []
    if floor:
        low, high = (
            axis(v) if is_finite(v) else axis(floor["value"])
            for v in (floor.get("low"), floor.get("high"))
        )
        parts.append(
            tag(
                "rect",
                x=min(low, high - 2),
                y=_TOP,
                width=max(high - low, 2.0),
                height=bottom - _TOP,
                class_="band",
            )
        )
        parts.append(_named(axis(floor["value"]), 12, "real data"))
    if ceiling:
        x = axis(ceiling["value"])
        parts.append(tag("line", x1=x, x2=x, y1=_TOP - 6, y2=bottom, class_="ceiling"))
        parts.append(_named(x, 25, "Gaussian"))
    return tag("g", parts)


def _named(x: float, y: float, text: str) -> Html:
    half = 3.1 * len(text)
    return tag(
        "text", text, x=min(max(x, _LEFT - 40 + half), _WIDTH - half), y=y, class_="middle soft"
    )


def _ticks(axis: Axis, top: float, bottom: float) -> Html:
    ticks = axis.ticks(5)
    if sum(6.2 * len(text) + 10 for text in tick_labels(axis, ticks)) > axis.end - axis.start:
        ticks = axis.ticks(3)
    texts = [
        tag("text", text, x=axis(t), y=bottom + 17, class_="middle tick")
        for t, text in zip(ticks, tick_labels(axis, ticks), strict=True)
    ]
    lines = [
        tag("line", x1=axis(t), x2=axis(t), y1=top, y2=bottom + 4, class_="grid") for t in ticks
    ]
    return tag("g", lines, texts)


def _told(content: ReportView, key: str) -> str:
    """The chart in words, for those who do not see it."""
    digits = decimal_places(content.figures(key))
    values = "; ".join(
        f"{m['name']} {format_number(m['figures'][key]['value'], digits)}"
        for m in content.owners(key)
    )
    return f"{full_title(content.metrics[key])}: {values}"
