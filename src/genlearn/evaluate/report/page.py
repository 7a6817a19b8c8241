"""The report's page: its sections in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.panels import Panel
from ...core.spec import DataSpec
from .charts.dot_chart import dot_charts
from .document import document
from .header import data_overview, header
from .markup import Html, tag
from .memorization_section import memorization_section
from .model_sections import model_sections
from .panel_sections import panel_sections, render_section, sprites
from .protocol import meanings, protocol, remarks
from .report_view import ReportView
from .scoreboard import all_figures, scoreboard

PageSection = tuple[str, str, list[Html | None]]  # id, heading, parts


def render_html(report: dict[str, Any], panels: dict[str, list[Panel]], spec: DataSpec) -> str:
    """The report as HTML. ``panels[""]`` show the data, ``panels[name]`` belong to one model;
    ``spec`` says how images become pixels."""
    content = ReportView(report, panels, spec)
    parts = list(sections(content))
    body = tag(
        "main", header(content), _contents(parts), [_section(*part) for part in parts], id="main"
    )
    foot = tag(
        "footer",
        tag(
            "p",
            "Made by genlearn. The same figures, for machines, are in report.json; ",
            tag("code", "genlearn studio FOLDER"),
            " of the folder that this page lies in opens its runs, to see and explore them.",
        ),
    )
    return document(report["title"], sprites(content), body, foot)


def sections(content: ReportView) -> Iterator[PageSection]:
    """All sections that have something to say."""
    yield "data", "The data at a glance", [data_overview(content)]
    yield from _figures(content)
    shown = panel_sections(content)
    for id_, place in shown.items():
        if id_ != "copies":
            yield id_, place.heading, [render_section(content, place)]
    audit = memorization_section(content)
    if audit or "copies" in shown:
        yield (
            "copies",
            "Does it copy?",
            [audit, render_section(content, shown["copies"]) if "copies" in shown else None],
        )
    yield (
        "models",
        "Each model by itself" if content.several else "The model",
        [model_sections(content)],
    )
    yield "meanings", "What each number means", [meanings(content)]
    yield "method", "How it was measured", [_remarks(content), protocol(content)]


def _figures(content: ReportView) -> Iterator[PageSection]:
    if not content.metrics:
        return
    if content.several:
        whole = tag(
            "details",
            tag("summary", f"All {len(content.metrics)} figures of every model"),
            all_figures(content),
        )
        yield "scoreboard", "The scoreboard", [scoreboard(content), _key(content), whole]
        yield "charts", "How sure is each figure?", [_chart_key(), dot_charts(content)]
    else:
        yield "scoreboard", "The figures", [all_figures(content), _key(content)]


def _key(content: ReportView) -> Html:
    """How to read the table."""
    ranked = (
        "Best first; click a heading to sort. Bold and boxed: in the first tier of its column, the"
        " best and all that it is not clearly better than. " * content.several
    )
    kinds = (
        "Log-likelihoods say their kind, and a bound cannot be ranked against an exact value. "
        * (len(content.kinds) > 1)
    )
    return tag(
        "p",
        f"{ranked}{kinds}Small: the 95 % interval. ↓ lower is better, ↑ higher is better.",
        class_="meaning",
    )


def _chart_key() -> Html:
    return tag(
        "p",
        "Dots are figures, whiskers their 95 % intervals. The band is real data against real data,"
        " the floor that no model passes; the dashed line is a Gaussian fitted to the data, the"
        " ceiling that a model should pass. Filled: in the first tier. Squares: baselines.",
        class_="meaning",
    )


def _remarks(content: ReportView) -> Html:
    return tag("ul", [tag("li", remark) for remark in remarks(content)], class_="notes")


def _contents(parts: list[PageSection]) -> Html:
    links = [tag("li", tag("a", heading, href=f"#{id_}")) for id_, heading, _ in parts]
    return tag("nav", tag("ul", links), aria_label="Contents", class_="contents")


def _section(id_: str, heading: str, parts: list[Html | None]) -> Html:
    return tag(
        "section",
        tag("h2", heading, id=f"{id_}-title"),
        parts,
        id=id_,
        aria_labelledby=f"{id_}-title",
    )
