"""The reference set: one for all models, fixed before the first of them is evaluated.

It holds the data to compare with (held out, seen by no model), the feature spaces with the features
of real data, and two marks for each metric:

    floor     what real data scores against real data: as many training examples as a model gives
              samples. Nothing honest is better;
    ceiling   what a Gaussian with the mean and covariance of the pixels (or columns) scores. What
              does not beat it has learned no more than those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from sklearn.decomposition import PCA

from ..core.capabilities import Array
from ..core.seeding import seed_for
from ..core.spec import DataSpec, ImageSpec
from ..data.columns.frames import as_numbers
from ..data.dataset import Dataset
from ..data.split import Split
from .columns.kinds import by_kind
from .features import Extractor
from .metric import Metric, MetricValue, Needs, SetMetric
from .metrics import metrics_for
from .probes.class_fidelity import class_fidelity
from .probes.probing import ProbeResult, probe_embedding
from .probes.usefulness import USEFULNESS, train_on_synthetic
from .training_space import TrainingSpace, fourier_amplitudes
from .uncertainty import figures, floor, half_sample_error

_POOL_SIZE = 10_000  # training examples that stand for the truth
_PROBE_TRAIN, _PROBE_TEST = 5000, 2500  # labelled codes for probes
_TSTR_TRAIN = 1000  # rows of a table that predictors learn from


@dataclass(frozen=True)
class BoundMetric:
    """A metric in a space: how values become vectors there, and those of the held-out data and of
    real data beside it."""

    metric: SetMetric
    space: str
    vectors: Callable[[Array], Array]
    reference: Array
    pool: Array

    @property
    def place(self) -> tuple[str, str]:
        """What the vectors are: those of metrics of one place are the same."""
        return self.space, self.metric.needs

    def named(self, measured: dict[str, MetricValue]) -> dict[str, MetricValue]:
        """The figures under their keys on the scoreboard."""
        return {_key(key, self.space): figure for key, figure in measured.items()}

    def metrics(self) -> dict[str, Metric]:
        return {_key(metric.key, self.space): metric for metric in self.metric.metrics}


@dataclass(frozen=True)
class ReferenceSet:
    """``extractors``: the feature spaces, the first of which decides."""

    split: Split
    extractors: tuple[Extractor, ...]
    seed: int
    _pca_probes: dict[tuple[int, int], ProbeResult] = field(default_factory=dict, repr=False)

    @property
    def spec(self) -> DataSpec:
        return self.split.train.spec

    @property
    def primary(self) -> str:
        """The key of the figure that ranks the models."""
        return next(iter(self.bound_metrics[0].metrics()))

    @cached_property
    def bound_metrics(self) -> list[BoundMetric]:
        return list(self._bound_metrics())

    def evaluate(self, samples: Array) -> dict[str, MetricValue]:
        """All figures of ``samples`` (n, *user_shape)."""
        vectors = {scale.place: scale.vectors(samples) for scale in self._one_of_each_place()}
        measured = [self._figures(scale, vectors[scale.place]) for scale in self.bound_metrics]
        return {
            key: figure for part in measured for key, figure in part.items()
        } | self._usefulness(samples)

    def distance(self, samples: Array) -> MetricValue:
        """The one that ranks the models, of ``samples``."""
        return self._figures(self.bound_metrics[0], self.bound_metrics[0].vectors(samples))[
            self.primary
        ]

    def floor(self, n: int) -> dict[str, MetricValue]:
        """Real data, ``n`` at a time, against real data."""
        measured = [
            scale.named(floor(scale.metric, scale.pool, scale.reference, n, self.seed))
            for scale in self.bound_metrics
        ]
        floors = {key: figure for part in measured for key, figure in part.items()}
        held = self.split.held_out.take(slice(0, min(n, len(self.split.held_out))))
        return floors | (self.class_fidelity(held.values, held.labels) if self.spec.classes else {})

    def class_fidelity(self, values: Array, labels: Array | None) -> dict[str, MetricValue]:
        """Whether ``values`` (n, *user_shape) show the classes ``labels`` (n,), told by training
        examples; nothing where either lacks classes."""
        if labels is None or self.real.labels is None:
            return {}
        extractor, known = self.extractors[0], self.bound_metrics[0].pool
        return class_fidelity(extractor(values), labels, known, self.real.labels)

    def ceiling(self, n: int) -> dict[str, MetricValue]:
        """``n`` samples of a Gaussian fitted to the pixels, or columns."""
        return self.evaluate(gaussian_samples(self.real, n, self.seed))

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        found = {
            key: metric for scale in self.bound_metrics for key, metric in scale.metrics().items()
        }
        return found if isinstance(self.spec, ImageSpec) else found | {USEFULNESS.key: USEFULNESS}

    @cached_property
    def real(self) -> Dataset:
        """Training examples that stand for the truth, in random order: all, or 10,000."""
        rows = np.random.default_rng(seed_for(self.seed, "pool")).permutation(
            len(self.split.train)
        )[:_POOL_SIZE]
        return self.split.train.take(rows)

    @cached_property
    def places(self) -> TrainingSpace:
        """Where examples lie, for distances between them."""
        return self._space(lambda values: flat(values, self.spec))

    @cached_property
    def amplitudes(self) -> TrainingSpace | None:
        """The same of images wherever in the image things are, mirrored or not; tables have no
        such."""
        if not isinstance(self.spec, ImageSpec):
            return None
        return self._space(lambda values: fourier_amplitudes(self._raw(values)))

    def _space(self, rows: Callable[[Array], Array]) -> TrainingSpace:
        return TrainingSpace.fit(rows, self.real.values, self.split.train.values, self.seed)

    @property
    def probe_train_size(self) -> int:
        """How many training examples teach a probe."""
        return min(_PROBE_TRAIN, len(self.real))

    def probe(self, encode: Callable[[Array], Array], most: int) -> ProbeResult:
        """How well codes tell the classes apart: taught on training examples, asked about held-out
        ones, at most ``most`` of each."""
        train = self.real.take(slice(0, min(self.probe_train_size, most)))
        held = self.split.held_out.take(slice(0, min(_PROBE_TEST, most, len(self.split.held_out))))
        assert train.labels is not None
        assert held.labels is not None
        return probe_embedding(
            encode(train.values), train.labels, encode(held.values), held.labels, self.seed
        )

    def probe_pca(self, dim: int, most: int) -> ProbeResult:
        """`probe` on ``dim`` principal components; of the data itself, where there are no fewer."""
        key = min(dim, self.spec.dim), most
        if key not in self._pca_probes:
            self._pca_probes[key] = self.probe(self._leading(dim), most)
        return self._pca_probes[key]

    def _leading(self, dim: int) -> Callable[[Array], Array]:
        """Examples to their ``dim`` leading principal components."""
        if dim >= self.spec.dim:
            return lambda values: flat(values, self.spec)
        rows = flat(self.real.values, self.spec)
        pca = PCA(min(dim, *rows.shape), random_state=0).fit(rows)
        return lambda values: np.asarray(pca.transform(flat(values, self.spec)))

    def _bound_metrics(self) -> Iterator[BoundMetric]:
        held, real = self.split.held_out.values, self.real.values
        for extractor in self.extractors:
            reference, pool = extractor(held), extractor(real)
            yield from (
                BoundMetric(metric, extractor.name, extractor, reference, pool)
                for metric in metrics_for("features")
            )
        own: tuple[tuple[Needs, Callable[[Array], Array]], ...] = (
            (("images", self._raw),)
            if isinstance(self.spec, ImageSpec)
            else (("table", self._raw), ("columns", self._by_kind))
        )
        for needs, vectors in own:
            reference, pool = vectors(held), vectors(real)
            yield from (
                BoundMetric(metric, "", vectors, reference, pool) for metric in metrics_for(needs)
            )

    def _usefulness(self, samples: Array) -> dict[str, MetricValue]:
        """Of a table: what can be learned from samples instead of data."""
        if isinstance(self.spec, ImageSpec) or self.spec.dim < 2:
            return {}
        train = self._raw(self.real.values)[:_TSTR_TRAIN]
        test = self._raw(self.split.held_out.values)
        fake = self._raw(samples)

        def useful(test: Array, fake: Array) -> tuple[float, ...]:
            return (train_on_synthetic(train, fake, test, self.seed),)

        value = useful(test, fake)[0]
        halves = half_sample_error(useful, test, fake, self.seed, draws=6, largest=_TSTR_TRAIN)
        error = 1.96 * float(halves[0])
        return {USEFULNESS.key: MetricValue(value, value - error, value + error, len(fake))}

    def _figures(self, scale: BoundMetric, vectors: Array) -> dict[str, MetricValue]:
        return scale.named(figures(scale.metric, scale.reference, vectors, self.seed))

    def _one_of_each_place(self) -> list[BoundMetric]:
        return list({scale.place: scale for scale in self.bound_metrics}.values())

    def _by_kind(self, values: Array) -> Array:
        return by_kind(values, self.spec)

    def _raw(self, values: Array) -> Array:
        return raw(values, self.spec)


def raw(values: Array, spec: DataSpec) -> Array:
    """Images (n, H, W[, C]) with their range as 1; tables in standard deviations."""
    if isinstance(spec, ImageSpec):
        return (np.asarray(values, dtype=np.float64) - spec.low) / (spec.high - spec.low)
    return flat(values, spec).astype(np.float64)


def flat(values: Array, spec: DataSpec) -> Array:
    """Examples as the networks see them, as rows, float32."""
    rows: Array = spec.to_internal(as_numbers(values, spec)).flatten(1).numpy()
    return rows


def gaussian_samples(real: Dataset, n: int, seed: int) -> Array:
    """Samples of N(mean, covariance) of ``real``: the mean plus random combinations of centred
    examples, which have just that covariance."""
    rows = flat(real.values, real.spec)
    mean = rows.mean(0)
    rng = np.random.default_rng(seed_for(seed, "gaussian"))
    weights = rng.standard_normal((n, len(rows)), dtype=np.float32) / np.sqrt(len(rows))
    drawn = mean + weights @ (rows - mean)
    return real.spec.to_user(torch.from_numpy(drawn).reshape(n, *real.spec.shape))


def _key(key: str, space: str) -> str:
    return f"{key}/{space}" if space else key
