"""One run on the scoreboard: the same reference set and the same report for a model that was
trained before."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.estimator_types import seconds as parsed_seconds
from ..data.open.opening import as_before
from ..data.split import Split, hold_out
from ..engine.atomic_io import atomic_folder
from ..engine.runs.loading import read, unfinished
from ..engine.runs.run import Run
from ..evaluate.training_log import training_seconds
from .candidates import Candidate
from .compare import source_name
from .comparison import Tell, ranked_model, silent, with_evaluation
from .config import ComparisonConfig
from .error_log import ErrorLog
from .evaluator import Evaluator, digest_of
from .workspace import Workspace
from .write_report import write_report

_SHARE = 1 / 5  # of the training time
_LEAST = 10.0  # seconds: below it no number would mean anything


def evaluate_run(
    run: str | Path,
    source: Any,
    out: str | Path | None = None,
    *,
    evaluation: str | None = None,
    seed: int = 0,
    features: Sequence[str] = (),
    processes: int = 1,
    fresh: bool = False,
    tell: Tell = silent,
    debug: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """Judge the model of ``run`` by held-out data of ``source``; what report.json in ``out``
    (default: the run's folder ``evaluation``) says.

    ``evaluation``: how long that may take (default: a fifth of the training, at least 10 s). Raises
    `UserError` for data that does not fit the model.
    """
    run = Path(run).resolve()
    (model, weights), manifest, trained = _loaded(run), Run(run).manifest, training_seconds(run)
    allowed = parsed_seconds(evaluation) if evaluation else max(_LEAST, trained * _SHARE)
    given = {name: value for name, value in options.items() if value is not None}
    options = as_before(source, manifest["data"]) | given
    split = hold_out(source, seed=seed, like=model.spec_, tell=tell, **options)
    candidate = Candidate(run.name, manifest["model"], manifest["hyper"])
    settings = ComparisonConfig(evaluation=allowed, seed=seed, features=tuple(features))
    text = source_name(source)
    folder = Workspace(Path(out) if out else run / "evaluation", {run.name: run})
    warnings, early = _warnings(manifest["data"]["fingerprint"], split), unfinished(run, model)
    errors = ErrorLog(folder.errors, tell, debug)
    bench = Evaluator(folder, split, settings, processes, tell, errors, not warnings)
    with folder.alone():
        folder.open(Workspace.planned(settings, text, split, [candidate]), fresh)
        if early:
            tell(early)
            warnings = [early, *warnings]
        tell(f"judging {run} by {split.how}, for about {allowed:.0f} s")
        _take_features(run, split, folder)
        bench.prepare()
        bench.plan([bench.prices(model)])
        judged = bench.judge(run.name, model, weights)
        entry = with_evaluation(
            ranked_model(candidate, manifest["hyper"]),
            replace(judged, notes=[*warnings, *judged.notes]),
        )
        panels = {"": bench.real_panels(), run.name: judged.panels}
        title = f"{run.name} on {Path(text).name}"
        return write_report(folder.path, title, text, bench, [entry], panels, trained)


def _loaded(run: Path) -> tuple[Any, str]:
    """The model of ``run`` and the digest of its weights, which a training may replace meanwhile;
    then both are read again."""
    weights = Run(run).weights
    while True:
        before = digest_of(weights) if weights.exists() else ""
        model = read(run)
        if digest_of(weights) == before:
            return model, before


def _take_features(run: Path, split: Split, folder: Workspace) -> None:
    """Of a run in a comparison of the same data, judge in the comparison's feature spaces, so that
    figures compare."""
    comparison, own = Workspace(run.parent.parent), folder.reference_set / "features"
    there = comparison.reference_set / "features"
    known = (
        run.parent.name == "runs" and comparison.exists() and there.exists() and not own.exists()
    )
    if known and _fingerprint(comparison) == split.train.fingerprint:
        with atomic_folder(own) as place:
            shutil.copytree(there, place, dirs_exist_ok=True)


def _fingerprint(comparison: Workspace) -> str:
    """Of the data of ``comparison``; "" where its document is damaged."""
    try:
        return str(comparison.plan["data"]["fingerprint"])
    except UserError:
        return ""


def _warnings(learned: str, split: Split) -> list[str]:
    """What to know where a run was trained on other data (named by its fingerprint ``learned``)
    than the training part."""
    if learned == split.train.fingerprint:
        return []
    unknown = "copies were not looked for: that takes the examples that the model was trained on"
    if learned == split.whole:
        seen = (
            "the model was trained on all of this data, also on what judges it here, so figures"
            " flatter it"
        )
        return [f"{seen}; `genlearn compare` holds data out first", unknown]
    what = (
        "the model was trained on other data than the training part here"
        if learned
        else "it is not known what the model was trained on"
    )
    return [f"{what}: if that shares examples with what judges it, figures flatter it", unknown]
