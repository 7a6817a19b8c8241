"""What each number means, and how it was measured: all that a reviewer asks before believing a table."""

from __future__ import annotations

from collections import Counter

from .content import Content, Record, direction
from .html import Html, joined, tag
from .numbers import count, number
from .overview import cost

_SMALL = 1000  # samples below which a remark says that they are few


def meanings(content: Content) -> Html:
    """Measures by group; one in several feature spaces stands once."""
    return tag("div", [_group(content, group, keys) for group, keys in content.grouped(list(content.measures))], class_="meanings")


def _group(content: Content, group: str, keys: list[str]) -> Html:
    once: dict[tuple[str, str], list[Record]] = {}
    for key in keys:
        measure = content.measures[key]
        once.setdefault((measure["title"], measure["meaning"]), []).append(measure)
    return tag("section", tag("h3", group.capitalize()), tag("dl", [_meaning(of) for of in once.values()]))


def _meaning(of: list[Record]) -> Html:
    measure = of[0]
    spaces = [m["space"] for m in of if m.get("space")]
    ideal = f"ideal {number(measure['ideal'], 0 if float(measure['ideal']).is_integer() else 3)}" if measure.get("ideal") is not None else ""
    taken = f"measured on {', '.join(spaces)}" if spaces else ""
    small = " · ".join(part for part in (direction(measure), ideal, measure.get("unit", ""), taken) if part)
    reference = tag("cite", measure["reference"]) if measure.get("reference") else None
    return tag("div", tag("dt", measure["title"]), tag("dd", tag("p", measure["meaning"]), tag("p", small, class_="small"), reference))


def remarks(content: Content) -> list[str]:
    """What a reader should bear in mind, from the report itself."""
    n, said = content.report["protocol"].get("samples"), []
    said.append("Intervals hold the true figure in 95 of 100 draws of the examples; they do not cover another run of the training.")
    if n and n < _SMALL:
        said.append(f"Only {n} samples of each model were compared: differences inside the intervals are noise, so read ranks rather than digits.")
    if content.several:
        said.append("Models inside one another's interval share a rank, marked “=”.")
    tied = [rank for rank, count in Counter(m.get("rank") for m in content.done).items() if rank and count > 1]
    if content.several and tied:
        said.append(f"That is so here at rank {', '.join(map(str, sorted(tied)))}: more data or more samples would be needed to part them.")
    return [*said, *_likelihoods(content)]


def _likelihoods(content: Content) -> list[str]:
    if len(content.kinds) < 2:
        return []
    told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in content.kinds.items())
    return [f"Log-likelihoods are of several kinds ({told}). A bound understates what a model knows, so compare them inside one kind only."]


def protocol(content: Content) -> Html:
    """Split, samples, features with their hashes, seed, versions, machine and time."""
    p, d = content.report["protocol"], content.report["data"]
    rows: list[tuple[str, object]] = [
        ("Split", f"{count(d['train'])} to train on, {count(d['held_out'])} held out: {d['split']}. Nothing was tuned on what is held out."),
        ("Samples", f"{p.get('samples', '?')} of each model, drawn with seed {p.get('seed', '?')}"),
        ("Features", tag("ul", [_feature(f) for f in p.get("features", [])])),
        ("Resizing", p.get("resize", "")),
        ("Ranked by", _primary(content)),
        ("Budget", p.get("budget", "")),
        ("Time", cost(content)),
        ("Data", tag("code", d["fingerprint"])),
        ("Machine", p.get("machine", "")),
        ("Versions", ", ".join(f"{name} {version}" for name, version in p.get("versions", {}).items())),
        ("Date", p.get("date", "")),
    ]
    return tag("dl", [tag("div", tag("dt", term), tag("dd", value)) for term, value in rows if value], class_="protocol")


def _feature(feature: Record) -> Html:
    about = joined(", ", [part for part in (feature.get("about"), f"{feature['dim']} numbers" if feature.get("dim") else None) if part])
    return tag("li", tag("b", feature["name"]), ": ", about, ", hash ", tag("code", feature.get("digest", "")))


def _primary(content: Content) -> str:
    measure = content.report["measures"].get(content.report["protocol"].get("primary", ""))
    return (f"{measure['title']} ({measure['space']})" if measure.get("space") else measure["title"]) if measure and content.several else ""
