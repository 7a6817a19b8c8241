"""Each model's own section: hyper-parameters, remarks, and the panels that only it has."""

from __future__ import annotations

from typing import Any

from .markup import Html, tag
from .panel_sections import own_panels, panel_card
from .report_view import Record, ReportView
from .scoreboard import anchor


def model_sections(content: ReportView) -> Html:
    """Models by tier, then those that failed."""
    return tag(
        "div", [_section(content, m) for m in (*content.done, *content.failed)], class_="models"
    )


def _section(content: ReportView, model: Record) -> Html:
    chips = [tag("span", chip, class_="chip") for chip in _chips(content, model)]
    title = tag("h3", model["name"], " ", chips, id=anchor(content, model))
    about = tag("p", model["about"], class_="about") if model.get("about") else None
    reason = (
        tag(
            "p",
            tag("b", "It failed: "),
            model.get("reason") or "no reason was given",
            class_="warn",
        )
        if model.get("status") == "failed"
        else None
    )
    notes = (
        tag("ul", [tag("li", note) for note in model["notes"]], class_="notes")
        if model.get("notes")
        else None
    )
    panels = [
        panel_card(content, model["name"], p, titled=p.title)
        for p in own_panels(content, model["name"])
    ]
    cards = tag("div", panels, class_="cards wide") if panels else None
    return tag("article", title, about, reason, notes, _hyper(model.get("hyper", {})), cards)


def _chips(content: ReportView, model: Record) -> list[str]:
    chips = [] if model.get("model", model["name"]) == model["name"] else [str(model["model"])]
    if content.several and model.get("tier"):
        chips.append(f"tier {model['tier']}")
    return [
        *chips,
        *(["baseline"] if model.get("baseline") else []),
        *(["failed"] if model.get("status") == "failed" else []),
    ]


def _hyper(hyper: dict[str, Any]) -> Html | None:
    if not hyper:
        return None
    rows = [tag("div", tag("dt", name), tag("dd", _value(value))) for name, value in hyper.items()]
    return tag(
        "details",
        tag("summary", f"Hyper-parameters ({len(hyper)})"),
        tag("dl", rows, class_="hyper"),
    )


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "none" if value is None else str(value)
