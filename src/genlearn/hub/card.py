"""The card of a model: what it is, what it learned from, and what its page of the scoreboard says,
with n, intervals, floor, ceiling and copies.

Mitchell et al. 2019, "Model cards for model reporting", arXiv 1810.03993.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..core.errors import UserError

UNSTATED = "not stated"
_NAMED = 50  # classes


def model_card(
    repository: str,
    manifest: Mapping[str, Any],
    report: Mapping[str, Any] | None,
    license: str,
    data_license: str = UNSTATED,
    name: str | None = None,
) -> str:
    """Markdown. ``report``: of `evaluate` or `compare`, where ``name`` is the model in it (default:
    the only one of its kind). Raises `UserError` where it is not there, or was not judged."""
    head = [*_head(repository, manifest, license), *_data(manifest["data"], data_license)]
    if report is None:
        return "\n".join([*head, "", "## Figures", "None were measured.", ""])
    figures = _figures(report, _of(report, name, manifest["model"]))
    return "\n".join([*head, "", "## Figures", _against(report["data"]), *figures, ""])


def _head(repository: str, manifest: Mapping[str, Any], license: str) -> list[str]:
    kind, version = manifest["model"], manifest["versions"]["genlearn"]
    learned = f", after {manifest['steps']:,} steps" if manifest["steps"] > 1 else ""
    return [
        "---",
        "library_name: genlearn",
        f"license: {license}",
        f"tags: [genlearn, {kind}, generative-model]",
        "---",
        f"# {repository.rsplit('/', maxsplit=1)[-1]}",
        f"A `{kind}` of genlearn {version}{learned}.",
        "",
        "```",
        f"genlearn pull {repository} run && genlearn sample run -n 64",
        "```",
        "",
    ]


def _data(data: Mapping[str, Any], license: str) -> list[str]:
    spec = data["spec"]
    shape = " x ".join(map(str, spec["shape"]))
    lines = ["## Data", f"- {data['count']:,} examples, {spec['kind']} of {shape} numbers"]
    if classes := spec.get("classes"):
        lines.append(f"- classes: {', '.join(map(str, classes[:_NAMED]))}")
    digest = data.get("fingerprint")
    return [*lines, f"- licence: {license}", *([f"- digest: {digest}"] if digest else [])]


def _against(data: Mapping[str, Any]) -> str:
    held_out = f"{data['held_out']:,} examples (digest {data['held_out_fingerprint']})"
    others = f"{data['train']:,} others (digest {data['fingerprint']})"
    return f"Against {held_out}, beside {others}: {data['split']}."


def _of(report: Mapping[str, Any], name: str | None, kind: str) -> Mapping[str, Any]:
    """The model of this ``name`` and ``kind``. Raises `UserError` where there is not just one, or
    it was not judged."""
    models = [one for one in report["models"] if one["model"] == kind]
    found = [one for one in models if name in (None, one["name"])]
    if len(found) != 1:
        there = ", ".join(one["name"] for one in models) or "none"
        called = f" called {name!r}" if name else ""
        raise UserError(
            f"the report has {len(found)} models of kind {kind}{called}; say which by --model, of:"
            f" {there}"
        )
    chosen: Mapping[str, Any] = found[0]
    if not chosen.get("figures"):
        raise UserError(f"{chosen['name']} was not judged in this report ({chosen['status']})")
    return chosen


def _figures(report: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    protocol = report["protocol"]
    yield (
        f"Measured {protocol['date']}, seed {protocol['seed']}; with intervals of 95 %. *Real*:"
        " real data against real data; *Gaussian*: the best one of the data."
    )
    yield ""
    yield "| figure | better | value | n | real | Gaussian |"
    yield "|---|---|---|---|---|---|"
    for key, figure in model["figures"].items():
        about = report["metrics"].get(key)
        if about is None:
            continue
        space = f" ({about['space']} features)" if about.get("space") else ""
        unit = f", {about['unit']}" if about.get("unit") else ""
        marks = (report[mark].get(key) for mark in ("floor", "ceiling"))
        cells = [about["title"] + space + unit, about["better"], _cell(figure), f"{figure['n']:,}"]
        yield f"| {' | '.join([*cells, *map(_cell, marks)])} |"
    copies = model.get("copies") or {}
    yield ""
    if copies:
        said = "**copies training examples**" if copies["accused"] else "no sign of copied examples"
        yield f"Copies: {said} (p = {copies['p']:.3g}, {copies['suspects']} suspects)."
    yield from (f"- {note}" for note in model.get("notes", ()))


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure.get("value") is None:
        return ""
    interval = "" if figure.get("low") is None else f" [{figure['low']:.3g}, {figure['high']:.3g}]"
    return f"{figure['value']:.3g}{interval}"
