"""One run on the scoreboard: the same reference set and the same report for a model that was
trained before."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.disk.atomic import atomic_folder
from ..core.errors import UserError
from ..core.estimator_types import seconds as parsed_seconds
from ..data.dataset import Dataset
from ..data.open.opening import as_before, open_data
from ..data.split import FEWEST, Split, divide, hold_out
from ..engine.runs.loading import read, unfinished
from ..engine.runs.manifest import DataFacts, learned_from
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
    if _held_some_out(manifest["data"], split):
        split = (
            _as_learned(open_data(source, like=model.spec_, **options), model, manifest) or split
        )
    candidate = Candidate(run.name, manifest["model"], manifest["hyper"])
    settings = ComparisonConfig(evaluation=allowed, seed=seed, features=tuple(features))
    text = source_name(source)
    folder = Workspace(Path(out) if out else run / "evaluation", {run.name: run})
    warnings, early = _warnings(manifest, split), unfinished(run, model)
    errors = ErrorLog(folder.errors, tell, debug)
    known = _learned_here(manifest["data"], split)
    bench = Evaluator(folder, split, settings, processes, tell, errors, known, every_panel=True)
    with folder.alone():
        folder.open(Workspace.planned(settings, text, split, [candidate]), fresh)
        if early:
            tell(early)
            warnings = [early, *warnings]
        tell(f"judging {run} by {split.how}, for about {allowed:.0f} s")
        _take_features(run, split, folder)
        _prepare(bench, run.name, model)
        judged = bench.judge(run.name, model, weights)
        entry = with_evaluation(
            ranked_model(candidate, manifest["hyper"]),
            replace(judged, notes=[*warnings, *judged.notes]),
        )
        panels = {"": bench.real_panels(), run.name: judged.panels}
        title = f"{run.name} on {Path(text).name}"
        return write_report(folder.path, title, text, bench, [entry], panels, trained)


def _prepare(bench: Evaluator, name: str, model: Any) -> None:
    """All that goes before judging the one model."""
    bench.prepare()
    bench.plan({name: bench.prices(model)})
    bench.measure_floor_and_ceiling()


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


def _held_some_out(learned: DataFacts, split: Split) -> bool:
    """Whether a run learned from a part of the same data, and not from that of ``split``."""
    return learned.get("part_of") == split.whole and not _learned_here(learned, split)


def _learned_here(learned: DataFacts, split: Split) -> bool:
    """Whether a run learned from the training part, or a part of that."""
    return split.train.fingerprint in learned_from(learned)


def _as_learned(whole: Dataset, model: Any, manifest: dict[str, Any]) -> Split | None:
    """``whole`` divided as the run of ``model`` divided it; None where that was in another way, or
    leaves too few to judge by."""
    count = len(whole) - manifest["data"]["count"]
    if count < FEWEST:
        return None
    split = divide(whole, model.seed, count / len(whole))
    how = f"the {count:,} of {len(whole):,} examples that its training held out"
    same = split.train.fingerprint == manifest["data"]["fingerprint"]
    return replace(split, how=how) if same else None


def _warnings(manifest: dict[str, Any], split: Split) -> list[str]:
    """What to know where the run of ``manifest`` was trained on other data than the training part,
    or has met the held-out part."""
    data, watched = manifest["data"], manifest.get("validation", {})
    if _learned_here(data, split):
        chose = watched.get("patience") and watched["fingerprint"] == split.held_out.fingerprint
        chosen = "what judges the model here also chose which of its weights were kept"
        return [f"{chosen}, so figures flatter it a little"] if chose else []
    unknown = "copies were not looked for: that takes the examples that the model was trained on"
    if split.whole in learned_from(data):
        much = "all of" if split.whole == data["fingerprint"] else "another part of"
        seen = (
            f"the model was trained on {much} this data, also on what judges it here, so figures"
            " flatter it"
        )
        return [f"{seen}; `genlearn compare` holds data out first", unknown]
    what = (
        "the model was trained on other data than the training part here"
        if data["fingerprint"]
        else "it is not known what the model was trained on"
    )
    return [f"{what}: if that shares examples with what judges it, figures flatter it", unknown]
