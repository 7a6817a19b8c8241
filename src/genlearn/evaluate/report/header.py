"""The top of the page: the summary in sentences, and the data at a glance."""

from __future__ import annotations

from ...core.panels import ImagePanel
from .markup import Html, joined, tag
from .number_format import format_count, format_duration
from .panel_sections import panel_card, shared_panels
from .report_view import Record, ReportView


def header(content: ReportView) -> Html:
    """Title, one line about the page, and the summary."""
    report = content.report
    first, *rest = report.get("summary") or ["No summary was recorded."]
    more = tag("ul", [tag("li", sentence) for sentence in rest], class_="summary") if rest else None
    return tag(
        "header",
        tag("p", _kicker(content), class_="kicker"),
        tag("h1", report["title"]),
        tag("p", first, class_="lead"),
        more,
    )


def _kicker(content: ReportView) -> str:
    protocol = content.report["protocol"]
    what = (
        f"{len(content.report['models'])} generative models compared"
        if content.several
        else "One generative model"
    )
    return " · ".join(part for part in ("genlearn", what, protocol.get("date", "")) if part)


def data_overview(content: ReportView) -> Html:
    """Counts, the split as a bar, notes, and real examples."""
    facts = content.report["data"]
    notes = (
        tag("ul", [tag("li", note) for note in facts.get("notes", [])], class_="notes")
        if facts.get("notes")
        else None
    )
    panels = [_panel(content, p) for p in shared_panels(content)]
    told = tag("div", _sentence(content), _split(facts), notes, class_="told")
    return tag(
        "div", told, tag("div", panels, class_="cards real") if panels else None, class_="glance"
    )


def _panel(content: ReportView, panel: object) -> Html | None:
    if isinstance(panel, ImagePanel) and content.report["data"].get("kind") == "table":
        return None
    return panel_card(content, "", panel, titled=panel.title)  # type: ignore[arg-type,attr-defined]


def _sentence(content: ReportView) -> Html:
    """The data in a definition list."""
    facts, classes = content.report["data"], content.report["data"].get("classes", [])
    shape = facts.get("shape", [])
    size = (
        " × ".join(map(str, shape)) + " pixels"
        if facts.get("kind", "images") == "images"
        else f"{' × '.join(map(str, shape))} columns"
    )
    rows = [
        ("Source", facts["source"]),
        ("Examples", format_count(facts["train"] + facts["held_out"])),
        ("Each", size),
    ]
    if classes:
        rows.append(("Classes", _classes(classes)))
    rows.append(("Fingerprint", tag("code", facts["fingerprint"][:12], title=facts["fingerprint"])))
    return tag(
        "dl",
        [tag("div", tag("dt", term), tag("dd", value)) for term, value in rows],
        class_="facts",
    )


def _classes(classes: list[str]) -> Html:
    shown = [tag("span", name) for name in classes[:12]]
    more = f" and {len(classes) - 12} more" if len(classes) > 12 else None
    return tag("span", f"{len(classes)}: ", joined(", ", shown), more)


def _split(facts: Record) -> Html:
    """Training and held-out examples as a bar of their shares."""
    train, held = facts["train"], facts["held_out"]
    share = 100 * train / max(train + held, 1)
    bar = tag(
        "div",
        tag("i", style=f"width:{share:.1f}%"),
        tag("i", class_="held"),
        class_="bar",
        aria_hidden="true",
    )
    ends = tag(
        "p",
        tag("span", f"{format_count(train)} to train on"),
        tag("span", f"{format_count(held)} held out"),
        class_="ends",
    )
    return tag(
        "div", bar, ends, tag("p", f"Split: {facts['split']}.", class_="meaning"), class_="split"
    )


def time_spent(content: ReportView) -> str:
    """What training and evaluation took."""
    protocol = content.report["protocol"]
    return (
        f"{format_duration(protocol.get('training_seconds'))} of training,"
        f" {format_duration(protocol.get('evaluation_seconds'))} of evaluation"
    )
