"""Selection: hyper-parameters searched by Optuna within the budget, hopeless trials stopped early.

Trials are trained on five sixths of the training split and judged by the Frechet distance of their
samples to the remaining sixth: the held-out data that the scoreboard rests on is never looked at.
Proposals come from a tree-structured Parzen estimator (Bergstra et al. 2011); at each preview a
trial is compared with the others at the same point, and stopped if it is worse than their median
(Golovin et al. 2017). The first trial is the default. Trials are written down as they end: a search
that was killed goes on, and processes may share one, each trying what the others leave.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from ..core.capabilities import Array
from ..core.errors import UserError
from ..core.params import Choice, Param, Range, params_of
from ..core.registry import find
from ..core.seeding import seed_for
from ..data.split import Split
from ..engine.callbacks import NullCallback
from ..engine.runs.run_options import RunOptions
from ..evaluate.features import Extractor
from ..evaluate.metrics.frechet import frechet
from .candidates import Candidate
from .error_log import ErrorLog, summary

VALIDATION = 1 / 6  # of the training split
TUNED_BY = "a sixth of the training split, by Frechet distance"
# for a finished trial, and for a look at one that is still being trained
_SAMPLES, _EARLY = 2000, 500
_SEED = 1
_NUMBER = "number"  # of a trial, as it is called in the journal


@dataclass(frozen=True)
class HyperparameterSearch:
    """``trials`` settings of ``candidate`` in ``seconds``, learned from ``split.train`` and
    compared by ``extractor`` with ``split.held_out``."""

    candidate: Candidate
    shared: dict[str, Any]
    split: Split
    extractor: Extractor
    folder: Path
    trials: int
    seconds: float
    errors: ErrorLog

    def best(self, tell: Callable[[str], None]) -> dict[str, Any]:
        """The hyper-parameters of the best trial. Raises `UserError` where all failed, or Optuna is
        missing."""
        left = [number for number in range(self.trials) if not self.has_tried(number)]
        if left:
            tell(f"{self.candidate.name}: {len(left)} trials")
        for number in left:
            if not self.has_tried(number):
                self.attempt(number)
        trials = self._trials()
        done = [t for t in trials if t.value is not None and t.state.name == "COMPLETE"]
        if not done:
            told = [trial.user_attrs.get("reason") for trial in trials]
            reasons = dict.fromkeys(reason for reason in told if reason)
            raise UserError(
                f"none of {self.trials} trials of {self.candidate.name} came to an end"
                f" ({'; '.join(reasons) or 'time ran out'}); leave tuning out, or give a longer"
                " budget"
            )
        found: dict[str, Any] = min(done, key=lambda trial: trial.value).params
        tell(
            f"{self.candidate.name}: the best of {len(trials)} trials has"
            f" {_shown(found) or 'the defaults'}"
        )
        return {name: value for name, value in found.items() if value is not None}

    def has_tried(self, number: int) -> bool:
        """Whether the trial of this ``number`` has come to an end, or time has run out."""
        trials = self._trials()
        if any(trial.user_attrs[_NUMBER] == number for trial in trials):
            return True
        taken = sum(trial.duration.total_seconds() for trial in trials)
        return not self._length() and taken > self.seconds

    def attempt(self, number: int) -> None:
        """The trial of this ``number``; what fails is noted."""
        study = self._study(number)
        if number == 0:
            study.enqueue_trial(self._default(), skip_if_exists=True)
        study.optimize(partial(self._trial, number=number), n_trials=1, catch=(Exception,))

    def distance(self, model: Any, n: int) -> float:
        """Frechet distance of samples to as many validation examples."""
        return frechet(self._target, self.extractor(model.sample(n, seed=_SEED)))

    def _trial(self, trial: Any, number: int) -> float:
        trial.set_user_attr(_NUMBER, number)
        proposed = {name: propose(trial, h) for name, h in self._searched().items()}
        model = self.candidate.create(**self.shared, **self._length()).set_params(
            **{k: v for k, v in proposed.items() if v is not None}
        )
        run = self.folder / str(trial.number)
        options = RunOptions(fresh=True, callback=PruningCallback(self, trial))
        try:
            model.fit(self.split.train, out=run, progress=False, options=options)
            return self.distance(model, _SAMPLES)
        except _optuna().TrialPruned:
            raise
        except Exception as error:
            trial.set_user_attr("reason", summary(error))
            self.errors.keep(f"{self.candidate.name}: trial {trial.number}", error)
            raise
        finally:
            shutil.rmtree(run, ignore_errors=True)

    def _trials(self) -> list[Any]:
        """Those that have come to an end, in this process or another."""
        trials = self._study(0).trials
        return [t for t in trials if t.state.is_finished() and _NUMBER in t.user_attrs]

    def _study(self, number: int) -> Any:
        """The search as it stands, in which the trial of this ``number`` is proposed."""
        optuna = _optuna()
        self.folder.mkdir(parents=True, exist_ok=True)
        seed = seed_for(self.shared["seed"], "trial", number) % 2**32
        return optuna.create_study(
            study_name=self.candidate.name,
            load_if_exists=True,
            storage=optuna.storages.JournalStorage(
                optuna.storages.journal.JournalFileBackend(str(self.folder / "trials.log"))
            ),
            sampler=optuna.samplers.TPESampler(
                seed=seed, n_startup_trials=max(3, self.trials // 3)
            ),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1),
        )

    def _searched(self) -> dict[str, Param]:
        """What is worth searching and was not fixed by whoever asked."""
        known, fixed = params_of(find(self.candidate.model)), self.shared | self.candidate.hyper
        return {name: h for name, h in known.items() if h.search is not None and name not in fixed}

    def _default(self) -> dict[str, Any]:
        """The settings that an entrant has without tuning, where the search could propose them."""
        model = self.candidate.create(**self.shared)
        return {
            name: getattr(model, name)
            for name, h in self._searched().items()
            if _proposable(h, getattr(model, name))
        }

    def _length(self) -> dict[str, Any]:
        """The budget of one trial, for a model that takes one."""
        timed = (
            "budget" in params_of(find(self.candidate.model))
            and "steps" not in self.candidate.hyper
        )
        return {} if not timed else {"budget": f"{max(1.0, self.seconds / self.trials):.1f}s"}

    @cached_property
    def _target(self) -> Array:
        """Features of the validation part, which all trials are compared with."""
        return self.extractor(self.split.held_out.values[:_SAMPLES])


class PruningCallback(NullCallback):
    """Watches a trial in training, and stops it when it is worse than most others were at the same
    point."""

    def __init__(self, search: HyperparameterSearch, trial: Any) -> None:
        self.search, self.trial, self.looks = search, trial, 0

    def preview(self, model: Any) -> None:
        self.looks += 1
        self.trial.report(self.search.distance(model, _EARLY), self.looks)
        if self.trial.should_prune():
            raise _optuna().TrialPruned


def propose(trial: Any, h: Param) -> Any:
    """A value of ``h`` as the search proposes it."""
    if isinstance(h.search, Choice):
        return trial.suggest_categorical(h.name, list(h.search.values))
    assert isinstance(h.search, Range)
    suggest = trial.suggest_int if h.kind is int else trial.suggest_float
    return suggest(h.name, h.search.low, h.search.high, log=h.search.log)


def _proposable(h: Param, value: Any) -> bool:
    if isinstance(h.search, Choice):
        return value in h.search.values
    return (
        isinstance(h.search, Range) and value is not None and h.search.low <= value <= h.search.high
    )


def _shown(found: dict[str, Any]) -> str:
    return " ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in found.items()
    )


def _optuna() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import optuna
    except ImportError:
        raise UserError(
            "tuning needs Optuna, which is not installed; run: pip install 'genlearn[all]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
