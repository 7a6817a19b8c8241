"""Judging within a comparison: prepares the yardstick, plans what it may cost, keeps every
judgement."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

from ..core.capabilities import Array
from ..core.disk.checked import read_document, write_document
from ..core.errors import UserError
from ..core.panels import Panel
from ..data.split import Split
from ..engine.runs.run import Run
from ..evaluate.evaluate_model import capped_importance_samples, evaluate_model
from ..evaluate.evaluation import Evaluation, SampleSizes, sample_sizes
from ..evaluate.features import (
    Extractor,
    choose,
    external_extractor,
    load_extractors,
    save_extractors,
)
from ..evaluate.metric import MetricValue
from ..evaluate.panels import PANELS, data_panels
from ..evaluate.probes.profiling import estimate_cost, plan_sample_sizes
from ..evaluate.reference_set import ReferenceSet
from ..evaluate.training_log import training_seconds
from .config import ComparisonConfig
from .error_log import ErrorLog
from .judging_time import Prices, for_panels, notes_on, too_dear, without
from .workspace import Workspace

_FEATURES = 0.3  # share of the judging time for learning features
_METRICS, _MODELS = 0.5, 0.2  # shares for measuring samples, and for drawing, scoring and encoding
_TRIAL, _LEAST = 1000, 600  # samples
_GROWTH = 0.3  # by how much a thousand samples more add to the time of the first
# times that measuring samples once takes: for each model with its panels and probes; for floor and
# ceiling
_EACH, _MARKS = 2, 3
_BY = ("data", "amounts", "left_out")  # of the plan, by which a judgement is known
_DEAR = 20  # a trial of more than this part of the judging time is taken twice


@dataclass
class Evaluator:
    """Where models are judged."""

    folder: Workspace
    split: Split
    settings: ComparisonConfig
    processes: int
    tell: Callable[[str], None]
    errors: ErrorLog
    check_memorization: bool = True
    every_panel: bool = False  # and every ability, whatever time that takes
    extractors: list[Extractor] = field(default_factory=list)
    waiting: Prices = field(default_factory=dict)  # of the models that are still to be judged
    _once: float = 0.0  # seconds to measure the samples of a model, where that is known

    def prepare(self) -> None:
        """Learn the feature extractors, or read those of a comparison that goes on."""
        path, spec = self.folder.reference_set / "features", self.split.train.spec
        kept = _kept(lambda: load_extractors(path, spec) if path.exists() else None, self.tell)
        if kept is None:
            self._learn_features(path)
            kept = load_extractors(path, spec)
        self._note("features")
        self.extractors = kept
        self.reference_set = ReferenceSet(self.split, tuple(self.extractors), self.settings.seed)

    def _learn_features(self, path: Path) -> None:
        start = time.perf_counter()
        self.tell("learning the features to judge by")
        foreign = [
            external_extractor(name, self.split.train.spec) for name in self.settings.features
        ]
        own = choose(
            self.split.train,
            self.settings.seed,
            inf if self.settings.samples else self.settings.evaluation * _FEATURES,
            self.tell,
        )
        save_extractors(path, [*own, *foreign])
        self._spend("features", time.perf_counter() - start)

    def prices(self, model: Any) -> dict[str, float]:
        """What the judgement of ``model`` takes for each example, apart from measuring its
        samples; nothing where the number of these was asked for."""
        if self.settings.samples:
            return {}
        with capped_importance_samples(model):
            return estimate_cost(model, self.split.held_out)

    def plan(self, prices: Prices) -> None:
        """By the ``prices`` of all models, fix how many samples each gives, and how many examples
        it scores, and say what that costs."""
        plan = self.folder.plan
        if not plan["amounts"]:
            left_out = {} if self.every_panel else too_dear(prices, self.settings.evaluation)
            self.folder.update("left_out", **left_out)
            models = list(without(prices, left_out).values())
            plan = self.folder.update("amounts", **self._amounts(models))
        self.waiting = without(prices, plan["left_out"])
        self.amounts = SampleSizes(**plan["amounts"])
        digests = [extractor.digest for extractor in self.extractors]
        # those of packages come and go
        shown = [list(self.reference_set.metrics), PANELS.available()]
        self.key = json.dumps(
            [*(plan[key] for key in _BY), self.settings.seed, digests, shown], sort_keys=True
        )

    def _amounts(self, models: list[dict[str, float]]) -> dict[str, int]:
        """As many of each kind as were asked for, or can be afforded of every model, so that all
        are judged by as many."""
        if self.settings.samples:
            return asdict(sample_sizes(min(self.settings.samples, self._most)))
        allowed = self.settings.evaluation
        plan = plan_sample_sizes(models, self.split.held_out, allowed * _MODELS)
        # what enlarges and draws nothing new is measured by that
        most = plan.samples or plan.enlarged
        samples, measuring = self._affordable(min(most, self._most), len(models))
        expected = measuring + plan.expected_seconds
        more = (
            ""
            if expected < 1.5 * allowed
            else (
                ", more than allowed: less would mean nothing; a longer --evaluation or --budget"
                " allows it"
            )
        )
        self.tell(
            f"judging by {samples:,} samples of each model will take about {expected:.0f} s of"
            f" {allowed:.0f} s{more}"
        )
        asked = asdict(plan) | {"samples": samples, "enlarged": min(plan.enlarged, samples)}
        return {field.name: asked[field.name] for field in fields(SampleSizes)}

    def expected(self, models: int) -> float:
        """Seconds that judging so many models will take at least, features included; told before
        they are trained."""
        fewest = self._measuring(min(self.settings.samples or _LEAST, self._most), models)
        return self.spent + fewest * (1 + _MODELS / _METRICS)  # the trial is among what is spent

    def _affordable(self, most: int, models: int) -> tuple[int, float]:
        """How many samples, up to ``most``, the metrics can take in their share of the time, and
        the seconds that they will."""
        trial, once = self._trial
        allowed = self.settings.evaluation * _METRICS / _times(models)
        n = (
            int(trial * min(1.0, allowed / once))
            if allowed < once
            else int(_TRIAL * (1 + (allowed / once - 1) / _GROWTH))
        )
        n = max(min(most, _LEAST), min(most, n))
        measuring = self._measuring(n, models)
        self._once = measuring / _times(models)
        return n, measuring

    def _measuring(self, n: int, models: int) -> float:
        """Seconds to measure ``n`` samples of each of so many models."""
        trial, once = self._trial
        return _times(models) * once * (1 + _GROWTH * (n / trial - 1))

    @property
    def _most(self) -> int:
        return min(len(self.split.held_out), len(self.reference_set.real))

    @cached_property
    def _trial(self) -> tuple[int, float]:
        """How many examples were measured as if they were samples, and the seconds it took; the
        quicker of two times where the first says that it is dear, since whatever else the machine
        does only adds to it. The first time, when real data's features are taken and kept, may be
        one of the two."""
        begun = time.perf_counter()
        trial = self.split.train.user(slice(0, min(self._most, _TRIAL)))
        few = trial[:_LEAST]
        first = self._timed(few)
        once = self._timed(trial)
        if len(few) == len(trial):
            once = min(once, first)
        elif once * _DEAR > self.settings.evaluation:
            once = min(once, self._timed(trial))
        self._spend("trial", time.perf_counter() - begun)
        return len(trial), once

    def _timed(self, samples: Array) -> float:
        """Seconds that measuring ``samples`` takes."""
        start = time.perf_counter()
        self.reference_set.evaluate(samples)
        return time.perf_counter() - start

    def judge(self, name: str, model: Any, weights: str | None = None) -> Evaluation:
        """The judgement of ``model``, of ``weights`` with this digest, by default those of its run;
        taken from the folder where it stands there already."""
        run = self.folder.run(name)
        key = f"{weights or digest_of(Run(run).weights)} {self.key}"
        kept: Evaluation | None = _kept(
            lambda: Evaluation.load(self.folder.judged(name), key), self.tell
        )
        if kept is None:
            self.tell(f"{name}: judging")
            start, left_out = time.perf_counter(), self.folder.plan["left_out"].get(name, {})
            kept = evaluate_model(
                model,
                run,
                self.reference_set,
                replace(self.amounts, **dict.fromkeys(left_out, 0)),
                panel_seconds=self._for_panels(name),
                processes=self.processes,
                seconds=training_seconds(run),
                check_memorization=self.check_memorization,
                failed=lambda what, error: self.errors.keep(f"{name}: {what}", error),
            )
            kept.notes += notes_on(left_out, self.settings.evaluation)
            kept.save(self.folder.judged(name), key)
            self._spend(name, time.perf_counter() - start)
        self._note(name)
        self.waiting.pop(name, None)
        return kept

    def _for_panels(self, name: str) -> float:
        """Seconds for the panels of the model ``name``, beside those not judged by any process."""
        if self.settings.samples or self.every_panel:
            return inf
        amounts = asdict(self.amounts)
        waiting = {n: of for n, of in self.waiting.items() if n == name or not self.has_done(n)}
        each = (sum(amounts[kind] * of[kind] for kind in of) for of in waiting.values())
        measuring = sum(each) + len(waiting) * self._once
        return for_panels(self.settings.evaluation - self.spent, measuring, len(waiting))

    @property
    def spent(self) -> float:
        """Seconds that judging has taken, over all times that the comparison was taken up."""
        return float(sum(self.folder.plan["spent"].values()))

    def has_done(self, what: str) -> bool:
        """Whether some process has done it: features, floor and ceiling, or judging a model."""
        return what in self.folder.plan["spent"]

    def _note(self, what: str) -> None:
        """It is done, also where a killed process has not said so."""
        if not self.has_done(what):
            self._spend(what, 0.0)

    def _spend(self, what: str, seconds: float) -> None:
        self.folder.update("spent", **{what: round(seconds, 2)})

    def real_panels(self) -> list[Panel]:
        return data_panels(self.reference_set)

    def measure_floor_and_ceiling(self) -> None:
        """Both, as `plan` fixed them; read where they stand already."""
        path, start = self.folder.reference_set / "marks.json", time.perf_counter()
        marks = _kept(lambda: read_document(path) if path.exists() else None, self.tell)
        if marks is None or marks["key"] != self.key:
            self.tell("measuring real data against real data, and a Gaussian")
            n = self.amounts.samples
            found = {"floor": self.reference_set.floor(n), "ceiling": self.reference_set.ceiling(n)}
            marks = {"key": self.key} | {
                name: {key: figure.to_json() for key, figure in of.items()}
                for name, of in found.items()
            }
            write_document(path, marks)
            self._spend("floor and ceiling", time.perf_counter() - start)
        self._note("floor and ceiling")
        self.floor, self.ceiling = (
            {key: MetricValue(**figure) for key, figure in marks[name].items()}
            for name in ("floor", "ceiling")
        )


def _times(models: int) -> int:
    """How often samples are measured for so many models."""
    return _EACH * models + _MARKS


def _kept(read: Callable[[], Any], tell: Callable[[str], None]) -> Any:
    """What was kept of an earlier time, or None where there is nothing, or it is damaged."""
    try:
        return read()
    except UserError as error:
        tell(f"measured again: {error}")
        return None


def digest_of(weights: Path) -> str:
    """A name for what is in a file of weights. Raises `UserError` where it is missing."""
    try:
        return hashlib.blake2b(weights.read_bytes(), digest_size=8).hexdigest()
    except FileNotFoundError:
        raise UserError(f"{weights} is missing; train the model first") from None
