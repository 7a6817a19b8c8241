"""The report: report.json for machines, report.html for people, both from the same facts."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..core.disk.atomic import write_bytes
from ..core.spec import DataSpec, ImageSpec
from ..data.split import Split
from ..evaluate.evaluate_model import metrics_of
from ..evaluate.evaluation import dumps
from ..evaluate.ranking import RankedModel, ranking_rows, verdict
from ..evaluate.report import render_html
from .evaluator import Evaluator

FORMAT = 1


def write_report(
    folder: Path,
    title: str,
    source: str,
    bench: Evaluator,
    entries: list[RankedModel],
    panels: dict[str, Any],
    training: float,
) -> dict[str, Any]:
    """report.json and report.html in ``folder``; what the first says."""
    report = assemble(title, source, bench, entries, training)
    write_bytes(folder / "report.json", dumps(report))
    write_bytes(
        folder / "report.html", render_html(report, panels, bench.split.train.spec).encode()
    )
    return report


def assemble(
    title: str, source: str, bench: Evaluator, entries: list[RankedModel], training: float
) -> dict[str, Any]:
    """The facts of a comparison in the form of report.json."""
    present = {key for entry in entries for key in entry.figures}
    table = {
        key: metric for key, metric in metrics_of(bench.reference_set).items() if key in present
    }
    primary = bench.reference_set.primary
    return {
        "format": FORMAT,
        "title": title,
        "data": _data(source, bench.split),
        "protocol": _protocol(bench, primary, training),
        "metrics": {
            key: {**metric.to_json(), "space": key.partition("/")[2]}
            for key, metric in table.items()
        },
        "floor": {key: figure.to_json() for key, figure in bench.floor.items()},
        "ceiling": {key: figure.to_json() for key, figure in bench.ceiling.items()},
        "models": ranking_rows(entries, table, primary),
        "summary": verdict(entries, table, primary, bench.floor, bench.ceiling),
    }


def _data(source: str, split: Split) -> dict[str, Any]:
    spec: DataSpec = split.train.spec
    return {
        "source": source,
        "fingerprint": split.train.fingerprint,
        "held_out_fingerprint": split.held_out.fingerprint,
        "kind": "images" if isinstance(spec, ImageSpec) else "table",
        "train": len(split.train),
        "held_out": len(split.held_out),
        "split": split.how,
        "shape": list(spec.user_shape),
        "classes": list(spec.classes),
        "notes": [*split.train.notes, *_twins(split)],
        "spec": spec.to_json(),
    }


def _protocol(bench: Evaluator, primary: str, training: float) -> dict[str, Any]:
    return {
        "seed": bench.settings.seed,
        "samples": bench.amounts.samples,
        "scored": bench.amounts.scored,
        "encoded": bench.amounts.encoded,
        "features": [extractor.to_json() for extractor in bench.extractors],
        "resize": _resizing(bench),
        "budget": bench.settings.budget,
        "trials": bench.settings.trials,
        "primary": primary,
        "training_seconds": round(training, 1),
        "evaluation_seconds": round(bench.spent, 1),
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("genlearn", "torch", "scikit-learn", "numpy")},
        },
    }


def _twins(split: Split) -> list[str]:
    """A note where held-out examples are not new."""
    n = split.twins
    return (
        [
            f"{n:,} of the {len(split.held_out):,} held-out examples are equal to training"
            " examples: they are not new to any model"
        ]
        if n
        else []
    )


def _resizing(bench: Evaluator) -> str:
    """How examples came to their size. External networks tell in their own description how they
    resize further."""
    told = [note for note in bench.split.train.notes if note.startswith("resized")]
    return "; ".join(f"{note}, anti-aliased" for note in told) or "none: at the data's own size"


def machine() -> str:
    """Processor cores and architecture: what figures of speed depend on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
