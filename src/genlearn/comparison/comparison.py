"""The comparison: hold data out, learn the features, train every candidate under one clock, judge
them by one reference set, write the report.

The budget is the total. A sixth of it -- a fifth of the training -- is for judging; what the
baselines need comes off the rest, which the others share: the one that gains most from time has
twice as much as each of them. A training by the clock is watched by a tenth of the training split,
which it does not learn from: where that says that it overfits, it ends, the best weights are kept,
and its time goes to those after it. Every step is kept as it is done, so the same command continues
a comparison that was killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.estimator_types import is_watched
from ..data.split import Split, divide
from ..engine.callbacks import ForwardWarnings
from ..engine.runs.loading import load
from ..engine.runs.run import Run
from ..engine.runs.run_options import RunOptions
from ..evaluate.evaluation import Evaluation
from ..evaluate.ranking import RankedModel
from ..evaluate.training_log import training_seconds
from .candidates import Candidate, is_baseline, rank, training_length, what_follows
from .config import ComparisonConfig
from .error_log import ErrorLog, summary
from .evaluator import Evaluator
from .held_out_curve import curve_of, more_time, remark
from .tune import TUNED_BY, VALIDATION, HyperparameterSearch
from .workspace import Workspace
from .write_report import write_report

_LEAST = 2.0  # seconds that the training of a candidate takes at least
# the share of the training split that a training is watched by, of so many examples or more, and
# the marks without a better loss after which it ends; what models are judged by is not looked at
_WATCHED, _FEWEST, _PATIENCE = 0.1, 100, 8
_LAST = 2.0  # shares of the last, which gains most from time (benchmarks/README.md)
Tell = Callable[[str], None]


def silent(line: str) -> None:
    """A `Tell` that says nothing."""


@dataclass
class Comparison:
    """One comparison; ``failed`` tells by name why a candidate failed."""

    folder: Workspace
    split: Split
    candidates: list[Candidate]
    settings: ComparisonConfig
    device: str
    processes: int
    tell: Tell
    progress: bool
    debug: bool = False
    failed: dict[str, str] = field(default_factory=dict)
    errors: ErrorLog = field(init=False)
    bench: Evaluator = field(init=False)

    def __post_init__(self) -> None:
        self.errors = ErrorLog(self.folder.errors, self.tell, self.debug)
        self.bench = Evaluator(
            self.folder, self.split, self.settings, self.processes, self.tell, self.errors
        )

    def work(self) -> None:
        """What goes before judging, in one process. Raises `UserError` where not one candidate
        comes through."""
        self.bench.prepare()
        self._train_all()
        self.plan_judging()
        self.bench.measure_floor_and_ceiling()

    def report(self, source: str) -> dict[str, Any]:
        """The report of what was trained, judged where it is not yet. Raises as `work` does."""
        bench = self.bench
        evaluations = self._each("be judged", self.judge)
        entries = [self._entry(e, evaluations.get(e.name)) for e in self.candidates]
        panels = {"": bench.real_panels()} | {
            name: evaluation.panels for name, evaluation in evaluations.items()
        }
        trained_for = sum(training_seconds(self.folder.run(e.name)) for e in self.candidates)
        return write_report(
            self.folder.path, Path(source).name, source, bench, entries, panels, trained_for
        )

    def plan_judging(self) -> None:
        """By what each model costs."""
        bench = self.bench
        bench.plan(self._each("be planned for", lambda e: bench.prices(self._load(e))))

    def judge(self, candidate: Candidate) -> Evaluation:
        """The judgement of a candidate, which is kept."""
        return self.bench.judge(candidate.name, self._load(candidate))

    def _each(self, what: str, work: Callable[[Candidate], Any]) -> dict[str, Any]:
        """``work`` for every candidate that has not failed yet, by name."""
        results: dict[str, Any] = {}
        for candidate in self.candidates:
            if candidate.name not in self.failed:
                results |= self.attempt(candidate, what, work)
        if not results:
            raise UserError(
                "every model failed:"
                f" {'; '.join(f'{name}: {reason}' for name, reason in self.failed.items())}"
            )
        return results

    def attempt(
        self, candidate: Candidate, what: str, work: Callable[[Candidate], Any]
    ) -> dict[str, Any]:
        """``work`` for one, by its name; if it fails here, it is left out from now on, and the
        others go on."""
        try:
            return {candidate.name: work(candidate)}
        except Exception as error:
            self._fail(candidate, error, f"it could not {what}: ")
            return {}

    def _load(self, candidate: Candidate) -> Any:
        """The trained model, which is let go of after each use: only one is held at a time."""
        return load(self.folder.run(candidate.name))

    def _fail(self, candidate: Candidate, error: Exception, what: str = "") -> None:
        """Note why ``candidate`` is left out; the whole traceback goes to errors.log."""
        reason = f"{what}{summary(error)}"
        self.failed[candidate.name] = reason
        self.folder.update("failed", **{candidate.name: reason})
        self.tell(f"{candidate.name} failed: {reason}; the others go on")
        self.errors.keep(candidate.name, error)

    def in_order(self) -> tuple[list[Candidate], list[Candidate]]:
        """Those without gradient steps; and the others, of which those that gain most from time
        come last."""
        spec = self.split.train.spec
        simple = [e for e in self.candidates if is_baseline(e)]
        deep = [e for e in self.candidates if not is_baseline(e)]
        return simple, sorted(deep, key=lambda e: rank(e, spec), reverse=True)

    def plan_times(self) -> None:
        """The training time of each that has none yet, where they do not wait for one another."""
        given = self.folder.plan["seconds"]
        others = [candidate for candidate in self.in_order()[1] if candidate.name not in given]
        shares = [1.0] * (len(others) - 1) + [_LAST]
        each = (self._training_time() - sum(given.values())) / sum(shares)
        times = {e.name: max(_LEAST, each * n) for e, n in zip(others, shares, strict=bool(others))}
        self.folder.update("seconds", **{name: round(time, 1) for name, time in times.items()})

    def _train_all(self) -> None:
        """Those without gradient steps first: they take what they need; the others share what is
        left then, of which more is left where one had enough. The very last has `_LAST` shares."""
        simple, others = self.in_order()
        given = self.folder.plan["seconds"]
        start = time.perf_counter() - sum(given.get(e.name, 0.0) for e in others)
        new = any(candidate.name not in given for candidate in others)
        allowed = self._training_time() if new else 0.0
        for number, candidate in enumerate(simple):
            self.train(candidate, None, [*simple, *others][number + 1 :])
        for number, candidate in enumerate(others):
            if candidate.name not in given:
                left = allowed - (time.perf_counter() - start)
                shares = [1.0] * (len(others) - number - 1) + [_LAST]  # its own, and of those later
                share = round(max(_LEAST, left * shares[0] / sum(shares)), 1)
                given = self.folder.update("seconds", **{candidate.name: share})["seconds"]
            self.train(candidate, given[candidate.name], others[number + 1 :])

    def _training_time(self) -> float:
        """What judging will leave of the budget: the share that was planned, or less where that
        would be too little to judge by, but half in any case."""
        total = self.settings.training + self.settings.evaluation
        judging = self.bench.expected(len(self.candidates))
        return max(total / 2, min(self.settings.training, total - judging))

    def train(
        self, candidate: Candidate, allowed: float | None, later: Sequence[Candidate] = ()
    ) -> None:
        """Train ``candidate`` within ``allowed`` seconds, before those ``later``, unless it has
        failed; if it fails, the others go on."""
        if candidate.name in self.failed:
            return
        try:
            if not Run(self.folder.run(candidate.name)).complete:
                length = training_length(candidate, allowed)
                self.tell(f"{candidate.name}: training{length}; {what_follows(later)}")
            hyper = self._settings(candidate, allowed)
            model = candidate.create(**hyper)
            watched = is_watched(model)
            # what is held out may show a curve, and may end nothing: it is what judges
            ends = watched and "budget" in hyper and len(self.split.train) >= _FEWEST
            model.fit(
                self.split.train,
                out=self.folder.run(candidate.name),
                progress=self.progress,
                validation=_WATCHED if ends else self.split.held_out if watched else None,
                options=RunOptions(
                    patience=_PATIENCE if ends else None,
                    source=self.folder.plan["data"]["source"],
                    callback=ForwardWarnings(lambda line: self.tell(f"{candidate.name}: {line}")),
                ),
            )
        except Exception as error:
            self._fail(candidate, error)

    def _settings(self, candidate: Candidate, allowed: float | None) -> dict[str, Any]:
        """What a candidate is created with: shared settings, its time, and what tuning found."""
        shared = {"seed": self.settings.seed, "size": self.settings.size, "device": self.device}
        if not self.settings.trials:
            return shared | _budget(candidate, allowed)
        found = self.search(candidate, allowed).best(self.tell)
        self.folder.update("tuned", **{candidate.name: found})
        return shared | _budget(candidate, None if allowed is None else allowed / 2) | found

    def search(self, candidate: Candidate, allowed: float | None) -> HyperparameterSearch:
        """What tunes ``candidate``, in half of its time."""
        usual = self.settings.training / len(self.candidates)
        return HyperparameterSearch(
            candidate,
            {"seed": self.settings.seed, "size": self.settings.size, "device": self.device},
            divide(self.split.train, self.settings.seed, VALIDATION, fewest=0),
            self.bench.extractors[0],
            self.folder.tuning / candidate.name,
            self.settings.trials,
            (usual if allowed is None else allowed) / 2,
            self.errors,
        )

    def _entry(self, candidate: Candidate, evaluation: Evaluation | None) -> RankedModel:
        run = Run(self.folder.run(candidate.name))
        entry = ranked_model(candidate, _hyper(run, candidate))
        if evaluation is None:
            return replace(entry, reason=self.failed[candidate.name])
        entry = with_evaluation(entry, evaluation)
        curve = curve_of(run.path)
        said = remark(curve, kept="steps" not in candidate.hyper)
        notes = (said, *entry.notes) if said else entry.notes
        entry = replace(entry, notes=notes, more_time=more_time(curve))
        found = self.folder.plan["tuned"].get(candidate.name)
        note = (
            f"tuned: the best of {self.settings.trials} trials, judged by {TUNED_BY}, was {found}"
        )
        return entry if found is None else replace(entry, notes=(note, *entry.notes))


def _hyper(run: Run, candidate: Candidate) -> dict[str, Any]:
    """All hyper-parameters of ``candidate``; those that were asked for, where its run is damaged or
    not there."""
    try:
        hyper: dict[str, Any] = run.manifest["hyper"]
        return hyper
    except UserError:
        return candidate.hyper


def ranked_model(candidate: Candidate, hyper: dict[str, Any]) -> RankedModel:
    """What the scoreboard says of a candidate, trained with ``hyper``, before it is judged."""
    about = " ".join((type(candidate.create()).__doc__ or "").split("\n\n")[0].split())
    return RankedModel(
        name=candidate.name,
        model=candidate.model,
        about=about,
        baseline=is_baseline(candidate),
        hyper=hyper,
    )


def with_evaluation(entry: RankedModel, evaluation: Evaluation) -> RankedModel:
    """``entry`` with its figures."""
    return replace(
        entry,
        figures=evaluation.figures,
        kind=evaluation.kind,
        copies=evaluation.copies,
        notes=tuple(evaluation.notes),
        unranked=tuple(evaluation.unranked),
    )


def takes_planned_time(candidate: Candidate) -> bool:
    """Whether its training is as long as the time that it is given."""
    return not is_baseline(candidate) and "steps" not in candidate.hyper


def _budget(candidate: Candidate, allowed: float | None) -> dict[str, Any]:
    return {} if allowed is None or "steps" in candidate.hyper else {"budget": f"{allowed:.1f}s"}
