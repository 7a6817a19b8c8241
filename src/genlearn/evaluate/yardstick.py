"""The yardstick: one for all models, fixed before the first of them is judged.

It holds the data that judges (held out, seen by no model), the feature spaces with the features of real data, and two marks on each scale:

    floor     what real data scores against real data: as many training examples as a model gives samples. Nothing honest is better;
    ceiling   what a Gaussian with the mean and covariance of the pixels (or columns) scores. What does not beat it has learned no more than those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from sklearn.decomposition import PCA

from ..core.capabilities import Array
from ..core.random import derive
from ..core.spec import DataSpec, ImageSpec
from ..data.dataset import Dataset
from ..data.holdout import Split
from .embedding import Embedding, embedding
from .features import Extractor
from .intervals import figures, floor, half_sample_error
from .measure import Figure, Measure
from .metrics import FEATURE_METRICS, IMAGE_METRICS, TABLE_METRICS, SetMetric, train_on_synthetic

_POOL = 10_000  # training examples that stand for the truth
_PLACES = 64  # principal components in which copies are looked for
_TAUGHT, _ASKED = 5000, 2500  # labelled codes for probes
_CHUNK = 1000
_LEARNT = 1000  # rows of a table that predictors learn from

USEFULNESS = Measure(
    key="synthetic",
    title="Usefulness",
    group="samples",
    better="higher",
    meaning="How well columns are predicted from the others after learning from samples instead of real rows: 0 is as well, below is worse.",
    reference="train on synthetic, test on real; Esteban et al. 2017, arXiv 1706.02633",
    unit="R2 difference",
    ideal=0.0,
)


@dataclass(frozen=True)
class Scale:
    """A metric in a space: how values become vectors there, and those of the held-out data and of real data beside it."""

    metric: SetMetric
    space: str
    vectors: Callable[[Array], Array]
    reference: Array
    pool: Array

    def named(self, measured: dict[str, Figure]) -> dict[str, Figure]:
        """The figures under their keys on the scoreboard."""
        return {_key(key, self.space): figure for key, figure in measured.items()}

    def measures(self) -> dict[str, Measure]:
        return {_key(measure.key, self.space): measure for measure in self.metric.measures}


@dataclass(frozen=True)
class Yardstick:
    """``extractors``: the feature spaces, the first of which decides."""

    split: Split
    extractors: tuple[Extractor, ...]
    seed: int
    _components: dict[tuple[int, int], Embedding] = field(default_factory=dict, repr=False)

    @property
    def spec(self) -> DataSpec:
        return self.split.train.spec

    @property
    def primary(self) -> str:
        """The key of the figure that ranks the models."""
        return next(iter(self.scales[0].measures()))

    @cached_property
    def scales(self) -> list[Scale]:
        return list(self._scales())

    def judge(self, samples: Array) -> dict[str, Figure]:
        """All figures of ``samples`` (n, *user_shape)."""
        vectors = {scale.space: scale.vectors(samples) for scale in self._one_of_each_space()}
        measured = [self._figures(scale, vectors[scale.space]) for scale in self.scales]
        return {key: figure for part in measured for key, figure in part.items()} | self._usefulness(samples)

    def distance(self, samples: Array) -> Figure:
        """The one that ranks the models, of ``samples``."""
        return self._figures(self.scales[0], self.scales[0].vectors(samples))[self.primary]

    def floor(self, n: int) -> dict[str, Figure]:
        """Real data, ``n`` at a time, against real data."""
        measured = [scale.named(floor(scale.metric, scale.pool, scale.reference, n, self.seed)) for scale in self.scales]
        return {key: figure for part in measured for key, figure in part.items()}

    def ceiling(self, n: int) -> dict[str, Figure]:
        """``n`` samples of a Gaussian fitted to the pixels, or columns."""
        return self.judge(gaussian_samples(self.real, n, self.seed))

    @cached_property
    def measures(self) -> dict[str, Measure]:
        found = {key: measure for scale in self.scales for key, measure in scale.measures().items()}
        return found if isinstance(self.spec, ImageSpec) else found | {USEFULNESS.key: USEFULNESS}

    @cached_property
    def real(self) -> Dataset:
        """Training examples that stand for the truth, in random order: all, or 10,000."""
        rows = np.random.default_rng(derive(self.seed, "pool")).permutation(len(self.split.train))[:_POOL]
        return self.split.train.take(rows)

    @cached_property
    def places(self) -> Callable[[Array], Array]:
        """Where an example lies, for distances between examples: its leading principal components, in units that the spec defines."""
        pca = PCA(min(_PLACES, self.spec.dim, len(self.real)), svd_solver="auto", random_state=derive(self.seed, "places") % 2**32)
        pca.fit(flat(self.real.values, self.spec))

        def places(values: Array) -> Array:
            parts = [pca.transform(flat(values[start : start + _CHUNK], self.spec)) for start in range(0, len(values), _CHUNK)]
            return np.concatenate(parts).astype(np.float64)

        return places

    @cached_property
    def train_places(self) -> Array:
        return self.places(self.split.train.values)

    @property
    def taught(self) -> int:
        """How many training examples teach a probe."""
        return min(_TAUGHT, len(self.real))

    def probed(self, encode: Callable[[Array], Array], most: int) -> Embedding:
        """How well codes tell the classes apart: taught on training examples, asked about held-out ones, at most ``most`` of each."""
        train = self.real.take(slice(0, min(self.taught, most)))
        held = self.split.held_out.take(slice(0, min(_ASKED, most, len(self.split.held_out))))
        assert train.labels is not None
        assert held.labels is not None
        return embedding(encode(train.values), train.labels, encode(held.values), held.labels, self.seed)

    def components(self, dim: int, most: int) -> Embedding:
        """`probed` of ``dim`` principal components; of the data itself, where there are no fewer."""
        key = min(dim, self.spec.dim), most
        if key not in self._components:
            self._components[key] = self.probed(self._leading(dim), most)
        return self._components[key]

    def _leading(self, dim: int) -> Callable[[Array], Array]:
        """Examples to their ``dim`` leading principal components."""
        if dim >= self.spec.dim:
            return lambda values: flat(values, self.spec)
        rows = flat(self.real.values, self.spec)
        pca = PCA(min(dim, *rows.shape), random_state=0).fit(rows)
        return lambda values: np.asarray(pca.transform(flat(values, self.spec)))

    def _scales(self) -> Iterator[Scale]:
        held, real = self.split.held_out.values, self.real.values
        for extractor in self.extractors:
            reference, pool = extractor(held), extractor(real)
            yield from (Scale(metric, extractor.name, extractor, reference, pool) for metric in FEATURE_METRICS)
        own = IMAGE_METRICS if isinstance(self.spec, ImageSpec) else TABLE_METRICS
        yield from (Scale(metric, "", self._raw, self._raw(held), self._raw(real)) for metric in own)

    def _usefulness(self, samples: Array) -> dict[str, Figure]:
        """Of a table: what can be learned from samples instead of data."""
        if isinstance(self.spec, ImageSpec) or self.spec.dim < 2:
            return {}
        train, test, fake = self._raw(self.real.values)[:_LEARNT], self._raw(self.split.held_out.values), self._raw(samples)

        def useful(test: Array, fake: Array) -> tuple[float, ...]:
            return (train_on_synthetic(train, fake, test, self.seed),)

        value, error = useful(test, fake)[0], 1.96 * float(half_sample_error(useful, test, fake, self.seed, draws=6, largest=_LEARNT)[0])
        return {USEFULNESS.key: Figure(value, value - error, value + error, len(fake))}

    def _figures(self, scale: Scale, vectors: Array) -> dict[str, Figure]:
        return scale.named(figures(scale.metric, scale.reference, vectors, self.seed))

    def _one_of_each_space(self) -> list[Scale]:
        return list({scale.space: scale for scale in self.scales}.values())

    def _raw(self, values: Array) -> Array:
        return raw(values, self.spec)


def raw(values: Array, spec: DataSpec) -> Array:
    """Images (n, H, W[, C]) with their range as 1; tables in standard deviations."""
    if isinstance(spec, ImageSpec):
        return (np.asarray(values, dtype=np.float64) - spec.low) / (spec.high - spec.low)
    return flat(values, spec).astype(np.float64)


def flat(values: Array, spec: DataSpec) -> Array:
    """Examples as the networks see them, as rows, float32."""
    rows: Array = spec.to_internal(np.asarray(values)).flatten(1).numpy()
    return rows


def gaussian_samples(real: Dataset, n: int, seed: int) -> Array:
    """Samples of N(mean, covariance) of ``real``: the mean plus random combinations of centred examples, which have just that covariance."""
    rows = flat(real.values, real.spec)
    mean = rows.mean(0)
    rng = np.random.default_rng(derive(seed, "gaussian"))
    weights = rng.standard_normal((n, len(rows)), dtype=np.float32) / np.sqrt(len(rows))
    drawn = mean + weights @ (rows - mean)
    return real.spec.to_user(torch.from_numpy(drawn).reshape(n, *real.spec.shape))


def _key(key: str, space: str) -> str:
    return f"{key}/{space}" if space else key
