"""The comparison: hold data out, learn the features, train every entrant under one clock, judge them by one yardstick, write the report.

The budget is the total. A sixth of it -- a fifth of the training -- is for judging; what the baselines need comes off the rest, and all others
share equally. Every step is kept as it is done, so the same command continues a comparison that was killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.errors import UserError
from ..core.learning import Estimable
from ..data.holdout import Split, divide
from ..engine.keeping import Keeping
from ..engine.run import Run, load
from ..engine.watch import Passes
from ..evaluate.exhibits import training_seconds
from ..evaluate.judge import Judgement
from ..evaluate.scoreboard import Entry
from .entrants import Entrant
from .folder import Folder
from .judging import Bench
from .report import write_report
from .settings import Settings
from .tune import TUNED_BY, VALIDATION, Search

_LEAST = 2.0  # seconds that the training of an entrant takes at least
Tell = Callable[[str], None]


def silent(line: str) -> None:
    """A `Tell` that says nothing."""


@dataclass
class Contest:
    """One comparison; ``failed`` tells by name why an entrant failed."""

    folder: Folder
    split: Split
    entrants: list[Entrant]
    settings: Settings
    device: str
    processes: int
    tell: Tell
    progress: bool
    failed: dict[str, str] = field(default_factory=dict)
    bench: Bench = field(init=False)

    def __post_init__(self) -> None:
        self.bench = Bench(self.folder, self.split, self.settings, self.processes, self.tell)

    def run(self, source: str) -> dict[str, Any]:
        """All steps; the report. Raises `UserError` where not one entrant comes through."""
        bench = self.bench
        bench.prepare()
        self._train_all()
        models = self._each("be loaded", lambda e: load(self.folder.run(e.name)))
        prices = self._each("be planned for", lambda e: bench.prices(models[e.name]))
        bench.plan(list(prices.values()))
        judgements = self._each("be judged", lambda e: bench.judge(e.name, models[e.name]))
        entries = [self._entry(e, judgements.get(e.name)) for e in self.entrants]
        panels = {"": bench.real_panels()} | {name: judgement.panels for name, judgement in judgements.items()}
        trained_for = sum(training_seconds(self.folder.run(e.name)) for e in self.entrants)
        return write_report(self.folder.path, Path(source).name, source, bench, entries, panels, trained_for)

    def _each(self, what: str, work: Callable[[Entrant], Any]) -> dict[str, Any]:
        """``work`` for every entrant that has not failed yet, by name; one that fails here is left out from now on, and the others go on."""
        results = {}
        for entrant in self.entrants:
            if entrant.name in self.failed:
                continue
            try:
                results[entrant.name] = work(entrant)
            except Exception as error:
                self._fail(entrant, f"it could not {what}: {first_line(error)}")
        if not results:
            raise UserError(f"every model failed: {'; '.join(f'{name}: {reason}' for name, reason in self.failed.items())}")
        return results

    def _fail(self, entrant: Entrant, reason: str) -> None:
        self.failed[entrant.name] = reason
        self.tell(f"{entrant.name} failed: {reason}; the others go on")

    def _train_all(self) -> None:
        """Those without gradient steps first: they take what they need; the rest is shared."""
        plan = self.folder.plan
        simple, others = [e for e in self.entrants if is_baseline(e)], [e for e in self.entrants if not is_baseline(e)]
        start = time.perf_counter()
        for entrant in simple:
            self._train(entrant, None)
        if not plan["seconds"]:
            left = self.settings.training - (time.perf_counter() - start)
            plan["seconds"] = {e.name: round(max(_LEAST, left / len(others)), 1) for e in others}
            self.folder.write(plan)
        for entrant in others:
            self._train(entrant, plan["seconds"][entrant.name])

    def _train(self, entrant: Entrant, allowed: float | None) -> None:
        """Train ``entrant`` within ``allowed`` seconds; if it fails, the others go on."""
        try:
            if not Run(self.folder.run(entrant.name)).weights.exists():
                self.tell(f"{entrant.name}: training" + (f" for {allowed:.0f} s" if allowed else ""))
            hyper = self._settings(entrant, allowed)
            model = entrant.create(**hyper)
            model.fit(
                self.split.train,
                out=self.folder.run(entrant.name),
                progress=self.progress,
                keeping=Keeping(source=self.folder.plan["data"]["source"], watch=Passes(lambda line: self.tell(f"{entrant.name}: {line}"))),
            )
        except Exception as error:
            self._fail(entrant, first_line(error))

    def _settings(self, entrant: Entrant, allowed: float | None) -> dict[str, Any]:
        """What an entrant is created with: shared settings, its time, and what tuning found."""
        shared = {"seed": self.settings.seed, "size": self.settings.size, "device": self.device}
        if not self.settings.trials:
            return shared | _budget(entrant, allowed)
        half = (self.settings.training / len(self.entrants) if allowed is None else allowed) / 2
        inner = divide(self.split.train, self.settings.seed, VALIDATION, fewest=0)
        search = Search(entrant, shared, inner, self.bench.extractors[0], self.folder.tuning / entrant.name, self.settings.trials, half)
        found = search.best(self.tell)
        plan = self.folder.plan
        plan["tuned"][entrant.name] = found
        self.folder.write(plan)
        return shared | _budget(entrant, None if allowed is None else half) | found

    def _entry(self, entrant: Entrant, judgement: Judgement | None) -> Entry:
        run = Run(self.folder.run(entrant.name))
        entry = described(entrant, run.manifest["hyper"] if run.exists() else entrant.hyper)
        if judgement is None:
            return replace(entry, reason=self.failed[entrant.name])
        entry, found = judged(entry, judgement), self.folder.plan["tuned"].get(entrant.name)
        note = f"tuned: the best of {self.settings.trials} trials, judged by {TUNED_BY}, was {found}"
        return entry if found is None else replace(entry, notes=(note, *entry.notes))


def described(entrant: Entrant, hyper: dict[str, Any]) -> Entry:
    """What the scoreboard says of an entrant, trained with ``hyper``, before it is judged."""
    about = (type(entrant.create()).__doc__ or "").split("\n", maxsplit=1)[0]
    return Entry(name=entrant.name, model=entrant.model, about=about, baseline=is_baseline(entrant), hyper=hyper)


def judged(entry: Entry, judgement: Judgement) -> Entry:
    """``entry`` with its figures."""
    return replace(entry, figures=judgement.figures, kind=judgement.kind, copies=judgement.copies, notes=tuple(judgement.notes))


def is_baseline(entrant: Entrant) -> bool:
    """Whether the model is fitted in one go, which takes little time and sets the mark that deep models must beat."""
    return isinstance(entrant.create(), Estimable)


def first_line(error: BaseException) -> str:
    """An error in one line."""
    text = (str(error).strip().splitlines() or [""])[0]
    return text if isinstance(error, UserError) else f"{type(error).__name__}: {text}"


def _budget(entrant: Entrant, allowed: float | None) -> dict[str, Any]:
    return {} if allowed is None or "steps" in entrant.hyper else {"budget": f"{allowed:.1f}s"}
