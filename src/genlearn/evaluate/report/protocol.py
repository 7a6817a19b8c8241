"""What each number means, and how it was measured: all that a reviewer asks before believing a
table."""

from __future__ import annotations

from .header import time_spent
from .markup import Html, joined, tag
from .number_format import format_count, format_number
from .report_view import Record, ReportView, direction

_SMALL = 1000  # samples below which a remark says that they are few


def meanings(content: ReportView) -> Html:
    """Metrics by group; one in several feature spaces stands once."""
    return tag(
        "div",
        [_group(content, group, keys) for group, keys in content.grouped(list(content.metrics))],
        class_="meanings",
    )


def _group(content: ReportView, group: str, keys: list[str]) -> Html:
    once: dict[tuple[str, str], list[Record]] = {}
    for key in keys:
        metric = content.metrics[key]
        once.setdefault((metric["title"], metric["meaning"]), []).append(metric)
    return tag(
        "section", tag("h3", group.capitalize()), tag("dl", [_meaning(of) for of in once.values()])
    )


def _meaning(of: list[Record]) -> Html:
    metric = of[0]
    spaces = [m["space"] for m in of if m.get("space")]
    ideal = (
        f"ideal {format_number(metric['ideal'], 0 if float(metric['ideal']).is_integer() else 3)}"
        if metric.get("ideal") is not None
        else ""
    )
    taken = f"measured on {', '.join(spaces)}" if spaces else ""
    small = " · ".join(
        part for part in (direction(metric), ideal, metric.get("unit", ""), taken) if part
    )
    reference = tag("cite", metric["reference"]) if metric.get("reference") else None
    return tag(
        "div",
        tag("dt", metric["title"]),
        tag("dd", tag("p", metric["meaning"]), tag("p", small, class_="small"), reference),
    )


def remarks(content: ReportView) -> list[str]:
    """What a reader should bear in mind, from the report itself."""
    n, said = content.report["protocol"].get("samples"), []
    said.append(
        "Intervals hold the true figure in 95 of 100 draws of the examples; they do not cover"
        " another run of the training."
    )
    if n and n < _SMALL:
        said.append(
            f"Only {n} samples of each model were compared: differences inside the intervals are"
            " noise, so read tiers rather than digits."
        )
    if content.several:
        said.append(
            "A tier holds its best model and all that it is not clearly better than: better in"
            " value, with neither value in the other's interval. More data or more samples would be"
            " needed to part them."
        )
    return [*said, *_likelihoods(content)]


def _likelihoods(content: ReportView) -> list[str]:
    if len(content.kinds) < 2:
        return []
    told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in content.kinds.items())
    return [
        f"Log-likelihoods are of several kinds ({told}). A bound understates what a model knows, so"
        " compare them inside one kind only."
    ]


def protocol(content: ReportView) -> Html:
    """Split, samples, features with their hashes, seed, versions, machine and time."""
    p, d = content.report["protocol"], content.report["data"]
    rows: list[tuple[str, object]] = [
        (
            "Split",
            (
                f"{format_count(d['train'])} to train on, {format_count(d['held_out'])} held out:"
                f" {d['split']}. Nothing was tuned on what is held out."
            ),
        ),
        ("Samples", f"{p.get('samples', '?')} of each model, drawn with seed {p.get('seed', '?')}"),
        ("Features", tag("ul", [_feature(f) for f in p.get("features", [])])),
        ("Resizing", p.get("resize", "")),
        ("Ranked by", _primary(content)),
        ("Budget", p.get("budget", "")),
        ("Time", time_spent(content)),
        ("Data", tag("code", d["fingerprint"])),
        ("Machine", p.get("machine", "")),
        (
            "Versions",
            ", ".join(f"{name} {version}" for name, version in p.get("versions", {}).items()),
        ),
        ("Date", p.get("date", "")),
    ]
    return tag(
        "dl",
        [tag("div", tag("dt", term), tag("dd", value)) for term, value in rows if value],
        class_="protocol",
    )


def _feature(feature: Record) -> Html:
    about = joined(
        ", ",
        [
            part
            for part in (
                feature.get("about"),
                f"{feature['dim']} numbers" if feature.get("dim") else None,
            )
            if part
        ],
    )
    return tag(
        "li",
        tag("b", feature["name"]),
        ": ",
        about,
        ", hash ",
        tag("code", feature.get("digest", "")),
    )


def _primary(content: ReportView) -> str:
    metric = content.report["metrics"].get(content.report["protocol"].get("primary", ""))
    return (
        (f"{metric['title']} ({metric['space']})" if metric.get("space") else metric["title"])
        if metric and content.several
        else ""
    )
