"""Judging within a comparison: prepares the yardstick, plans what it may cost, keeps every judgement."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.panel import Panel
from ..data.holdout import Split
from ..engine.files import read_document, write_document
from ..evaluate.cost import planned
from ..evaluate.exhibits import real_panels, training_seconds
from ..evaluate.features import choose, external, load_extractors, save_extractors
from ..evaluate.judge import Amounts, Judgement, ease, judge
from ..evaluate.measure import Figure
from ..evaluate.yardstick import Yardstick
from .folder import Folder
from .settings import Settings

_FEATURES = 0.3  # share of the judging time for learning features
_METRICS, _MODELS = 0.5, 0.2  # shares for measuring samples, and for drawing, scoring and encoding
_TRIAL, _LEAST = 1000, 600  # samples
_GROWTH = 0.3  # by how much a thousand samples more add to the time of the first
_EACH, _MARKS = 2, 3  # times that measuring samples once takes: for each model with its panels and probes; for floor and ceiling


@dataclass
class Bench:
    """Where entrants are judged. ``spent`` counts the seconds that it took."""

    folder: Folder
    split: Split
    settings: Settings
    processes: int
    tell: Any
    spent: float = 0.0
    extractors: list[Any] = field(default_factory=list)

    def prepare(self) -> None:
        """Learn the feature extractors, or read those of a comparison that goes on."""
        start, path = time.perf_counter(), self.folder.yardstick / "features"
        if not path.exists():
            self.tell("learning the features to judge by")
            foreign = [external(name, self.split.train.spec) for name in self.settings.features]
            own = choose(self.split.train, self.settings.seed, self.settings.evaluation * _FEATURES, self.tell)
            save_extractors(path, [*own, *foreign])
        self.extractors = load_extractors(path, self.split.train.spec)
        self.spent += time.perf_counter() - start

    def plan(self, models: dict[str, Any]) -> None:
        """Fix how many samples each model gives, and how many examples it scores, and say what that costs."""
        start = time.perf_counter()
        self.yardstick = Yardstick(self.split, tuple(self.extractors), self.settings.seed)
        plan = self.folder.plan
        if not plan["amounts"]:
            plan["amounts"] = self._amounts(list(models.values()))
            self.folder.write(plan)
        self.amounts = Amounts(**plan["amounts"])
        self._marks()
        self.spent += time.perf_counter() - start

    def _amounts(self, models: list[Any]) -> dict[str, int]:
        """As many of each kind as the slowest model affords, so that all are judged by as many."""
        for model in models:
            ease(model)
        each = self.settings.evaluation * _MODELS / len(models)
        plans = [planned(model, self.split.held_out, each) for model in models]
        fewest = {key: min([getattr(p, key) for p in plans if getattr(p, key)], default=0) for key in ("samples", "scored", "encoded")}
        most = min(fewest["samples"], len(self.split.held_out))
        fewest["samples"], measuring = self._affordable(most, len(models))
        expected = measuring + sum(p.expected_seconds for p in plans)
        self.tell(f"judging by {fewest['samples']:,} samples of each model will take about {expected:.0f} s of {self.settings.evaluation:.0f} s")
        return fewest

    def _affordable(self, most: int, models: int) -> tuple[int, float]:
        """How many samples, up to ``most``, the metrics can take in their share of the time, and the seconds that they will; told by a trial."""
        trial = self.split.train.user(slice(0, min(most, _TRIAL)))
        self.yardstick.judge(trial[:_LEAST])  # real data's features are taken, and kept
        start = time.perf_counter()
        self.yardstick.judge(trial)
        once, times = time.perf_counter() - start, _EACH * models + _MARKS
        allowed = self.settings.evaluation * _METRICS / times
        n = int(len(trial) * min(1.0, allowed / once)) if allowed < once else int(_TRIAL * (1 + (allowed / once - 1) / _GROWTH))
        n = max(min(most, _LEAST), min(most, n))
        return n, times * once * (1 + _GROWTH * max(0, n / len(trial) - 1))

    def judge(self, name: str, model: Any) -> Judgement:
        """The judgement of ``model``, taken from the folder where it stands there already."""
        start, run = time.perf_counter(), self.folder.run(name)
        key = "/".join([_digest(run / "weights.safetensors"), str(self.amounts), *(e.digest for e in self.extractors)])
        kept = Judgement.load(self.folder.judged(name), key)
        if kept is None:
            self.tell(f"{name}: judging")
            kept = judge(model, run, self.yardstick, self.amounts, processes=self.processes, seconds=training_seconds(run))
            kept.save(self.folder.judged(name), key)
        self.spent += time.perf_counter() - start
        return kept

    def real_panels(self) -> list[Panel]:
        return list(real_panels(self.yardstick))

    def _marks(self) -> None:
        """Floor and ceiling, read where they stand already."""
        path = self.folder.yardstick / "marks.json"
        if path.exists():
            marks = read_document(path)
            self.floor, self.ceiling = ({key: Figure(**figure) for key, figure in marks[name].items()} for name in ("floor", "ceiling"))
            return
        self.tell("measuring real data against real data, and a Gaussian")
        n = self.amounts.samples
        self.floor, self.ceiling = self.yardstick.floor(n), self.yardstick.ceiling(n)
        marks = {
            name: {key: figure.to_json() for key, figure in figures.items()} for name, figures in (("floor", self.floor), ("ceiling", self.ceiling))
        }
        write_document(path, marks)


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
