"""Memorisation: who is accused of copying, on what evidence, with suspects beside their nearest
training images."""

from __future__ import annotations

from .markup import Html, tag
from .number_format import MISSING, format_p_value
from .report_view import Record, ReportView

_LEAD = (
    "Samples that lie nearer to training examples than held-out examples do are suspected copies. A"
    " small p says that there are more of them than chance brings; what is accused here should not"
    " be published as new."
)


_KINDS = {
    "copies": "copying",
    "interpolations": "interpolating between training examples",
    "moved copies": "copying, shifted or mirrored",
}


def memorization_section(content: ReportView) -> Html | None:
    """A row for each audited model."""
    audited = [m for m in content.done if m.get("copies")]
    if not audited:
        return None
    head = tag(
        "tr",
        [tag("th", title, scope="col") for title in ("Model", "Finding", "Evidence", "Suspects")],
    )
    caption = tag("caption", "Memorisation audit", class_="unseen")
    table = tag(
        "table",
        caption,
        tag("thead", head),
        tag("tbody", [_row(m) for m in audited]),
        class_="audit",
    )
    box = tag(
        "div", table, class_="scroll", tabindex="0", role="region", aria_label="Memorisation audit"
    )
    return tag("div", tag("p", _LEAD, class_="meaning"), box)


def _row(model: Record) -> Html:
    found = model["copies"]
    accused = bool(found.get("accused"))
    verdict = tag(
        "td",
        tag(
            "span",
            f"accused of {_KINDS[found.get('kind', 'copies')]}" if accused else "not accused",
            class_="accused" if accused else "cleared",
        ),
    )
    count = MISSING if found.get("suspects") is None else found["suspects"]
    return tag(
        "tr",
        tag("th", model["name"], scope="row"),
        verdict,
        tag("td", format_p_value(found.get("p"))),
        tag("td", count),
    )
