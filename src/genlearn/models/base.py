"""What all models share: scikit-learn's estimator interface, the border to the user's units, saving
and loading.

A model class adds its hyper-parameters, ``build`` (networks), its capabilities, and how it learns
(`core.estimator_types`): by the gradient steps that it yields as ``objectives``, in one go by
``estimate``, or as a composite by its ``parts``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ..core.capabilities import Array, Samples
from ..core.errors import UserError
from ..core.estimator_types import (
    ClosedForm,
    Composite,
    GenerativeModel,
    GradientTrained,
    check_is_watched,
)
from ..core.inference_threads import inference_threads
from ..core.params import check_params
from ..core.seeding import untouched
from ..core.spec import DataSpec, FeatureMapSpec, TableSpec, VectorSpec
from ..data import Dataset, open_data, with_validation
from ..engine.allocation import AllocationLimit
from ..engine.callbacks import Callback, CallbackList, NullCallback, ProgressBar, is_looked_at
from ..engine.duration.partial import PartialTraining
from ..engine.fit import fit
from ..engine.runs.fine_tuning import Learned, spec_from
from ..engine.runs.learning_curve import Recorder, table
from ..engine.runs.loading import save
from ..engine.runs.metrics_log import read_lines
from ..engine.runs.run_options import RunOptions
from ..foreign.huggingface import fetching
from ._drawing import in_batches
from ._frames import in_frames, in_units, is_coded
from ._matrix import checked_matrix, is_polars
from ._notebook import summary

_CHUNK = 512  # examples that a network sees at a time outside training


@dataclass(kw_only=True, eq=False, repr=False)
class Estimator(GenerativeModel, BaseEstimator):
    """A generative model as a scikit-learn estimator. The constructor only stores hyper-parameters;
    ``fit`` does the work."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Methods that give examples give data-frames to whoever learned from a table."""
        super().__init_subclass__(**kwargs)
        in_frames(cls)

    @fetching()
    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        out: str | Path | None = None,
        progress: bool | None = None,
        validation: Any = None,
        callbacks: Sequence[Callback] = (),
        options: RunOptions | None = None,
    ) -> Self:
        """Learn from ``X``: a folder, a file, a named set, an array (N, ...), a data-frame, a torch
        Dataset. ``y``: their classes, for a model that learns from classes; ignored by all others.

        With ``out`` the training is a run in that folder: an equal run there goes on where it
        stopped; ``options`` say how it is kept. Without, it starts afresh. ``progress``: whether
        to show a bar (None: in terminals and notebooks). ``validation``: a share of ``X`` that is
        held out, examples like ``X``, or (examples, classes); the training is watched by them, and
        ``history_`` tells how their loss fell. ``callbacks`` hear of each report and preview; what
        one raises ends the training.

        Raises `UserError` for hyper-parameters out of range and data that cannot be learned.
        """
        check_params(self)
        self.__dict__.pop("partial_training_", None)
        data = self._training_data(X, y if self.uses_labels else None)
        validation, how = self.watching(len(data), validation, options or RunOptions())
        data, held_out, note = self._held_out(data, validation)
        if how.start_from:
            spec = spec_from(how.start_from, data.spec)
            data, held_out = in_units(data, spec), held_out and in_units(held_out, spec)
        self._meet(data, X)
        shown = is_looked_at() if progress is None else progress
        bar, recorder = ProgressBar() if shown else NullCallback(), Recorder()
        if note:
            bar.tell(note)
        callback = CallbackList((bar, recorder, *callbacks))
        prepared = self.prepare_data(data, bar.tell)
        watch = held_out and self.prepare_validation(held_out, bar.tell)
        model = self
        assert isinstance(model, (GradientTrained, ClosedForm, Composite))  # the ways to learn
        self.n_steps_ = self.planned_steps_ = fit(model, prepared, out, how, callback, watch)
        self.history_ = table(read_lines(Path(out)) if out else recorder.lines)
        return self

    @available_if(attrgetter("learns_in_parts"))  # type: ignore[untyped-decorator]
    @fetching()
    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Learn from ``X`` in one pass, and at the next call from the next part of the data, as one
        training, whose rate rises and stays; what is sampled is the average of the weights.

        The first part says what the data are like, as which those after it are read; what was
        fitted or loaded goes on, with a new optimiser. Raises `UserError` for data of another
        kind, classes that were not there, and captions.
        """
        check_params(self)
        known, labels = self.__sklearn_is_fitted__(), y if self.uses_labels else None
        matrix = checked_matrix(self, X, reset=not known)
        data = open_data(matrix, labels=labels, like=self.spec_ if known else None)
        if not known:
            self._meet(data, X)
        if "partial_training_" not in self.__dict__:
            learned = Learned(self.networks_.state_dict()) if known else None
            assert isinstance(self, GradientTrained)
            self.partial_training_ = PartialTraining(self, data, learned)
        training = self.partial_training_
        self.n_steps_ = self.planned_steps_ = training.take(data)
        self.history_ = table(training.reports.lines)
        return self

    def _meet(self, data: Dataset, X: Any) -> None:
        """Note what ``data``, opened from ``X``, are like. Raises `UserError` for unsuited ones."""
        if len(data) < 2:
            raise UserError(
                f"{len(data)} sample was given (n_samples={len(data)}); a distribution takes at"
                " least 2"
            )
        self.check_data(data.spec)
        self.frames_ = "polars" if is_polars(X) else "pandas"
        self.spec_, self.n_features_in_, self.n_samples_ = data.spec, data.spec.dim, len(data)
        self.resolve_hyperparameters(data.spec)

    def _held_out(self, data: Dataset, validation: Any) -> tuple[Dataset, Dataset | None, str]:
        """What is learned from, what it is watched by, and a line on that. Raises `UserError` for a
        model that could not be watched: nothing is held out for nothing."""
        if validation is None:
            return data, None, ""
        check_is_watched(self)
        return with_validation(data, validation, self.seed)

    def watching(self, n: int, validation: Any, options: RunOptions) -> tuple[Any, RunOptions]:
        """What a training on ``n`` examples is watched by, and how it is kept, where this is not
        what was asked for."""
        return validation, options

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` where this model, as set up, does not suit data of this kind."""

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """Note what the networks are about to be built for, so that a hyper-parameter set later
        does not change a fitted model.

        ``n_samples_`` examples of this kind are what is learned from.
        """

    def prepare_data(self, data: Dataset, tell: Callable[[str], None]) -> Dataset:
        """``data`` as the objectives are given it; ``tell`` hears of what took long or was left
        out."""
        return data

    def prepare_validation(self, data: Dataset, tell: Callable[[str], None]) -> Dataset:
        """Held-out ``data`` as the objectives are given it, after those that are learned from."""
        return data

    def save(self, path: str | Path) -> None:
        """Write the fitted model to the folder ``path``; ``genlearn.load`` reads it back."""
        check_is_fitted(self)
        save(self, path)

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        """Become the fitted model of ``weights``, learned from ``n_samples``, without fitting.
        Raises `UserError` or RuntimeError where they do not fit."""
        check_params(self)
        self.spec_, self.n_features_in_, self.n_samples_ = spec, spec.dim, n_samples
        self.resolve_hyperparameters(spec)
        if isinstance(spec, TableSpec):
            self.feature_names_in_ = np.array(spec.columns, dtype=object)
        with untouched(), AllocationLimit(sum(map(torch.numel, weights.values()))):
            networks = nn.ModuleDict(self.build(spec)).eval()
        networks.load_state_dict(weights)
        self.networks_ = networks

    @property
    def uses_labels(self) -> bool:
        """Whether this model, as set up, learns from classes too."""
        return False

    @property
    def device_(self) -> torch.device:
        first = next(chain(self.networks_.parameters(), self.networks_.buffers()))
        return first.device

    def _html_repr(self) -> str:
        """What a notebook shows: scikit-learn's table, and of a fitted model what it learned."""
        table = str(super()._html_repr())
        return table + summary(self) if self.__sklearn_is_fitted__() else table

    def __getstate__(self) -> dict[str, Any]:
        """All but a training that goes on."""
        state = super().__getstate__().items()
        return {name: value for name, value in state if name != "partial_training_"}

    def __sklearn_is_fitted__(self) -> bool:
        return "networks_" in vars(self)

    def _training_data(self, X: Any, labels: Any = None) -> Dataset:
        return open_data(checked_matrix(self, X, reset=True), labels=labels)

    def _values(self, X: Any) -> Array:
        """``X`` in the user's units as an array (n, *user_shape)."""
        check_is_fitted(self)
        if isinstance(self.spec_, FeatureMapSpec):
            return self.spec_.checked(X)
        if isinstance(self.spec_, TableSpec) and is_coded(X):
            return self.spec_.checked(X)
        if isinstance(self.spec_, (TableSpec, VectorSpec)):
            X = checked_matrix(self, X, reset=False)
        if isinstance(X, np.ndarray) and X.shape == self.spec_.user_shape:
            raise UserError(
                f"one example of shape {X.shape} was given without its axis; give X[None]"
            )
        return open_data(X, like=self.spec_).values

    def _map(
        self, function: Callable[[Tensor], Tensor], values: Array, chunk: int = _CHUNK
    ) -> Tensor:
        """``function`` over examples in the user's units, a chunk at a time, on the CPU."""
        return self._map_each(lambda x: {"": function(x)}, values, chunk)[""]

    def _map_each(
        self, function: Callable[[Tensor], dict[str, Tensor]], values: Array, chunk: int = _CHUNK
    ) -> dict[str, Tensor]:
        """As `_map`, for a ``function`` of several answers by name."""
        with evaluating(self.networks_):
            parts = [
                function(self.spec_.to_internal(values[start : start + chunk]).to(self.device_))
                for start in range(0, max(len(values), 1), chunk)
            ]
        return {name: torch.cat([part[name].cpu() for part in parts]) for name in parts[0]}

    def _log_density(self, log_prob: Callable[[Tensor], Tensor], X: Any) -> Array:
        """Over the user's data space, (n,), in nats, of a log-density ``log_prob`` inside."""
        values = self._values(X)
        return np.asarray(self._map(log_prob, values) + self.spec_.log_volume(values))


@dataclass(kw_only=True, eq=False, repr=False)
class UnconditionalSampler(Estimator, Samples):
    """A model that draws in one way only."""

    @abstractmethod
    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        """Examples number ``start`` to ``start + n`` of the stream named by ``seed``, in the user's
        units."""

    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's).

        Each depends on the seed and its number alone.
        """
        return in_batches(self, n, seed, start, self.sample_batch)


@contextmanager
def evaluating(networks: nn.ModuleDict) -> Iterator[None]:
    """Inside, the networks are in evaluation mode and record no gradients."""
    training = networks.training
    networks.eval()
    try:
        with torch.inference_mode(), inference_threads():
            yield
    finally:
        networks.train(training)
