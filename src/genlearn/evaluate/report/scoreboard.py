"""The scoreboard: a row for each model by tier, and the two rows that give the numbers a scale.

The *floor* is what real data scores against other real data, so no model can be told from the truth
beyond it; the *ceiling* is a Gaussian fitted to the pixels or columns, which a model worth its
training passes.
"""

from __future__ import annotations

from typing import Any

from .markup import Html, tag
from .number_format import MISSING, decimal_places, format_interval, format_number
from .report_view import Record, ReportView, arrow, direction, full_title

_SHORT = {"exact": "exact", "bound": "bound", "estimate": "est."}
_KIND = {
    "exact": "exact value",
    "bound": "lower bound of the log-likelihood",
    "estimate": "estimate",
}


def scoreboard(content: ReportView) -> Html:
    """The table with its caption."""
    keys = content.board
    digits = {key: decimal_places(content.figures(key)) for key in keys}
    bodies = (
        tag("tbody", [_row(content, model, keys, digits) for model in content.done]),
        tag(
            "tbody",
            _reference(content, "floor", keys, digits),
            _reference(content, "ceiling", keys, digits),
            class_="references",
        ),
        (
            tag("tbody", [_failed(model, len(keys)) for model in content.failed], class_="failures")
            if content.failed
            else None
        ),
    )
    table = tag(
        "table",
        tag("caption", "Scoreboard", class_="unseen"),
        _head(content, keys),
        bodies,
        class_="board",
        data_sortable=True,
    )
    return tag(
        "div",
        table,
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label="Scoreboard, scrolls sideways",
    )


def _head(content: ReportView, keys: list[str]) -> Html:
    corner = [
        tag("th", "Tier", scope="col", rowspan="2", class_="tier"),
        tag("th", "Model", scope="col", rowspan="2", class_="name"),
    ]
    groups = [
        tag("th", group, scope="colgroup", colspan=str(len(of)), class_="group")
        for group, of in content.grouped(keys)
    ]
    firsts = {of[0] for _, of in content.grouped(keys)}
    return tag(
        "thead",
        tag("tr", corner, groups),
        tag("tr", [_column(content.metrics[k], k in firsts) for k in keys]),
    )


def _column(metric: Record, first: bool) -> Html:
    about = (
        tag("span", metric["title"]),
        tag("span", arrow(metric), class_="arrow", aria_hidden="true"),
    )
    unit = " · ".join(part for part in (metric.get("space"), metric.get("unit")) if part)
    small = tag("small", unit) if unit else None
    hint = f"{metric['meaning']} ({direction(metric)})"
    return tag(
        "th",
        about,
        small,
        scope="col",
        title=hint,
        data_better=metric["better"],
        class_="first" if first else None,
    )


def _row(content: ReportView, model: Record, keys: list[str], digits: dict[str, int]) -> Html:
    tier = model.get("tier") or MISSING
    chips = [
        *(["baseline"] if model.get("baseline") else []),
        *(["accused of copying"] if (model.get("copies") or {}).get("accused") else []),
    ]
    mark = [tag("span", chip, class_="chip") for chip in chips]
    name = tag("a", model["name"], href=f"#{anchor(content, model)}")
    cells = [
        _cell(model.get("figures", {}).get(k), digits[k], **_marks(content, model, k)) for k in keys
    ]
    tier_cell = tag("td", tier, class_="tier", data_v=str(model.get("tier") or ""))
    return tag("tr", tier_cell, tag("th", name, mark, scope="row", class_="name"), cells)


def _marks(content: ReportView, model: Record, key: str) -> dict[str, Any]:
    density = content.metrics[key]["group"] == "density"
    return {
        "best": content.several and model.get("tiers", {}).get(key) == 1,
        "kind": model.get("kind", "") if density else "",
    }


def _cell(figure: Record | None, digits: int, *, best: bool = False, kind: str = "") -> Html:
    """A value with its interval below; what is in the first tier is bold and boxed."""
    if not figure:
        return tag("td", tag("span", MISSING, aria_label="not measured"), class_="none", data_v="")
    value = tag("b" if best else "span", format_number(figure["value"], digits), class_="value")
    interval = (
        tag("small", format_interval(figure, digits)) if format_interval(figure, digits) else None
    )
    told = (
        tag("small", _SHORT.get(kind, kind), class_="kind", title=_KIND.get(kind)) if kind else None
    )
    said = tag("span", " (first)", class_="unseen") if best else None
    exact = "" if figure["value"] is None else repr(float(figure["value"]))
    return tag("td", value, said, interval, told, class_="best" if best else None, data_v=exact)


def _reference(
    content: ReportView, which: str, keys: list[str], digits: dict[str, int]
) -> Html | None:
    figures = content.report.get(which) or {}
    if not figures:
        return None
    name, about = reference_name(content, which)
    cells = [_cell(figures.get(k), digits[k]) for k in keys]
    return tag(
        "tr",
        tag("td", class_="tier"),
        tag("th", name, tag("small", about), scope="row", class_="name"),
        cells,
    )


def reference_name(content: ReportView, which: str) -> tuple[str, str]:
    """What the floor and the ceiling are, in two words, and which of them it is."""
    if which == "floor":
        return "real data", "floor: no model can be better"
    what = "pixels" if content.report["data"].get("kind", "images") == "images" else "columns"
    return f"Gaussian on {what}", "ceiling: a model should be better"


def _failed(model: Record, columns: int) -> Html:
    reason = tag(
        "td",
        tag("b", "failed: "),
        model.get("reason") or "no reason was given",
        colspan=str(columns),
        class_="reason",
    )
    return tag(
        "tr",
        tag("td", MISSING, class_="tier"),
        tag("th", model["name"], scope="row", class_="name"),
        reason,
    )


def anchor(content: ReportView, model: Record) -> str:
    """The id of a model's own section."""
    return f"model-{content.report['models'].index(model)}"


def all_figures(content: ReportView) -> Html:
    """Every figure: a row for each metric, a column for each model, the floor and the ceiling."""
    columns = [(m["name"], m.get("figures", {}), m) for m in content.done]
    columns += [
        (reference_name(content, w)[0], content.report.get(w) or {}, {})
        for w in ("floor", "ceiling")
        if content.report.get(w)
    ]
    head = tag(
        "thead",
        tag(
            "tr",
            tag("th", "Metric", scope="col"),
            [tag("th", name, scope="col") for name, _, _ in columns],
        ),
    )
    bodies = [
        _group(content, group, of, columns) for group, of in content.grouped(list(content.metrics))
    ]
    table = tag(
        "table", tag("caption", "All figures", class_="unseen"), head, bodies, class_="figures"
    )
    return tag(
        "div",
        table,
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label="All figures, scrolls sideways",
    )


def _group(
    content: ReportView, group: str, keys: list[str], columns: list[tuple[str, Record, Record]]
) -> Html:
    title = tag(
        "tr", tag("th", group, scope="colgroup", colspan=str(len(columns) + 1), class_="group")
    )
    return tag("tbody", title, [_metric_row(content, key, columns) for key in keys])


def _metric_row(content: ReportView, key: str, columns: list[tuple[str, Record, Record]]) -> Html:
    metric, digits = content.metrics[key], decimal_places(content.figures(key))
    about = " · ".join(part for part in (metric.get("unit"), direction(metric)) if part)
    cells = [
        _cell(figures.get(key), digits, **(_marks(content, model, key) if model else {}))
        for _, figures, model in columns
    ]
    return tag("tr", tag("th", full_title(metric), tag("small", about), scope="row"), cells)
