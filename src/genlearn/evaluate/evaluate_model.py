"""One model against the reference set: its metric values, its panels, and how long that took."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..core.capabilities import (
    Array,
    DatasetProtocol,
    Encodes,
    InvertsByOptimization,
    Samples,
    Scores,
    SuperResolves,
)
from ..core.params import params_of
from ..core.seeding import random_rows, seed_for
from ..core.spec import DataSpec
from .evaluation import Evaluation, SampleSizes
from .metric import Metric, MetricValue
from .panel import Evidence
from .probes import (
    class_fidelity,
    latent_geometry,
    latent_statistics,
    likelihood,
    memorization,
    probing,
    profiling,
    reconstruction,
    super_resolution,
)
from .reference_set import ReferenceSet, flat
from .worker_processes import WorkerPool

# for bounds of log p(x) in a comparison; enough for an order, far fewer than a paper would take
IMPORTANCE_SAMPLES = 100
# in the order of the columns
JUDGED = (
    class_fidelity,
    likelihood,
    reconstruction,
    super_resolution,
    probing,
    latent_geometry,
    latent_statistics,
    memorization,
    profiling,
)
_OVERFITTING_RATIO = 1.5  # ratio of errors from which a model is said to overfit
_GEOMETRY_DRAWS, _GEOMETRY_PAIRS = 500, 100  # of codes, to see whether the latent space is one
# held-out examples, at least, that show how near to training data new data comes
_MIN_HELD_OUT = 2000
_MEMBERS = 2000  # training and held-out examples, at most, that membership is asked about
_CAPPED = (
    f"log p(x) is bounded with {IMPORTANCE_SAMPLES} importance samples; more would raise the bound"
)


def metrics_of(reference_set: ReferenceSet) -> dict[str, Metric]:
    """Every metric that an evaluation may hold, by key, in the order of the columns."""
    others: list[Metric] = [metric for part in JUDGED for metric in part.METRICS]
    return reference_set.metrics | {metric.key: metric for metric in others}


def evaluate_model(
    model: Any,
    run: Path,
    reference_set: ReferenceSet,
    sizes: SampleSizes,
    *,
    processes: int = 1,
    seconds: float = 0.0,
    check_memorization: bool = True,
    panel_seconds: float = math.inf,
    failed: Callable[[str, Exception], None] = lambda what, error: None,
) -> Evaluation:
    """``model``, which is that of ``run`` and took ``seconds`` to train, by what it can do.

    ``check_memorization``: whether to look for copies, which makes sense only of a model that was
    trained on the reference set's training part. No panel is begun after ``panel_seconds`` of
    drawing them. ``failed`` hears what cannot be shown, and why.
    """
    result = Evaluation()
    evidence = Evidence(model, reference_set, run)
    with capped_importance_samples(model) as capped:
        if capped:
            result.notes.append(_CAPPED)
        workers = WorkerPool(model, run, processes, capped)
        _measure(result, evidence, workers, sizes, check_memorization)
        result.add_panels(evidence, failed, panel_seconds)
        held = reference_set.split.held_out
        result.figures |= profiling.profile(model, held, seconds, _unpriced(model, held, sizes))
    return result


def _measure(
    result: Evaluation,
    evidence: Evidence,
    workers: WorkerPool,
    sizes: SampleSizes,
    check_memorization: bool,
) -> None:
    """All that the model can do."""
    model, reference_set = evidence.subject, evidence.reference_set
    if isinstance(model, Samples):
        _samples(result, evidence, workers, sizes.samples)
        if check_memorization:
            _memorization(result, evidence)
    if isinstance(model, Scores) and sizes.scored:
        _likelihood(result, workers, reference_set, sizes.scored)
    if isinstance(model, Encodes) and _encoded(model, reference_set.spec, sizes):
        _latent_space(result, evidence, sizes)
    enlarges = isinstance(model, SuperResolves) and model.small_spec_ != reference_set.spec
    if enlarges and sizes.enlarged:
        _super_resolution(result, evidence, sizes.enlarged)


def _encoded(model: Encodes, spec: DataSpec, sizes: SampleSizes) -> int:
    """How many examples codes are judged by."""
    return sizes.mapped if profiling.encoding_is_slow(model, spec) else sizes.encoded


def _unpriced(model: Any, data: DatasetProtocol, sizes: SampleSizes) -> set[str]:
    """Speeds that are not asked for, since they are low."""
    codes = not isinstance(model, Encodes) or _encoded(model, data.spec, sizes)
    dear = {"scoring_speed": not sizes.scored, "encoding_speed": not codes}
    return {name for name, left_out in dear.items() if left_out}


@contextmanager
def capped_importance_samples(model: Any) -> Iterator[dict[str, Any]]:
    """Inside, ``model`` bounds log p(x) with no more than a few samples; the hyper-parameters that
    this lowers, if any."""
    more = (
        "evaluation_samples" in params_of(model) and model.evaluation_samples > IMPORTANCE_SAMPLES
    )
    capped = {"evaluation_samples": IMPORTANCE_SAMPLES} if more else {}
    before = {name: getattr(model, name) for name in capped}
    model.set_params(**capped)
    try:
        yield capped
    finally:
        model.set_params(**before)


def _samples(result: Evaluation, evidence: Evidence, workers: WorkerPool, n: int) -> None:
    reference_set = evidence.reference_set
    captions = reference_set.split.held_out.captions if workers.model.text_conditioned_ else None
    evidence.samples = workers.sample(
        n, seed_for(reference_set.seed, "judge") % 2**31, {"prompt": captions} if captions else {}
    )
    if captions:
        result.notes.append("its samples are what it draws for the captions of held-out examples")
    result.figures |= reference_set.evaluate(evidence.samples)
    _class_fidelity(result, evidence, workers)


def _class_fidelity(result: Evaluation, evidence: Evidence, workers: WorkerPool) -> None:
    """Whether a model that learned classes draws those that it is asked for."""
    reference_set = evidence.reference_set
    seed, spec = seed_for(reference_set.seed, "classes") % 2**31, reference_set.spec
    classes, each = class_fidelity.requests(getattr(workers.model, "classes_in_", ()))
    known = [name for name in classes if name in spec.classes]
    if known:
        values = np.concatenate([workers.sample(each, seed, {"label": name}) for name in known])
        labels = np.repeat([spec.classes.index(name) for name in known], each)
        result.figures |= reference_set.class_fidelity(values, labels)


def _memorization(result: Evaluation, evidence: Evidence) -> None:
    reference_set, samples = evidence.reference_set, evidence.samples
    assert samples is not None
    held = reference_set.split.held_out
    new = held.user(slice(0, max(len(samples), _MIN_HELD_OUT)))
    spaces = [
        (space.project(samples), space.train, space.project(new))
        for space in (reference_set.places, reference_set.amplitudes)
        if space is not None
    ]
    report = memorization.memorization_report(
        *spaces[0], reference_set.seed, spaces[1] if len(spaces) > 1 else None
    )
    result.figures |= report.figures() | _membership(samples, reference_set)
    result.copies = {
        "accused": bool(report.accused),
        "kind": report.kind,
        "p": float(report.p),
        "suspects": len(report.suspects),
    }
    evidence.copies = report
    if report.accused:
        result.notes.append("it seems to copy, so that its samples have no tier")
        result.unranked.append("samples")


def _membership(samples: Array, reference_set: ReferenceSet) -> dict[str, MetricValue]:
    """Asked of as many training as held-out examples, chosen at random."""
    held, seed = reference_set.split.held_out, reference_set.seed
    size = min(len(reference_set.real), len(held), _MEMBERS)
    new = held.take(random_rows(seed, len(held), size, "members")).values
    known = reference_set.real.values[:size]
    drawn, known, new = (flat(x, held.spec) for x in (samples, known, new))
    return memorization.membership(drawn, known, new, seed)


def _likelihood(
    result: Evaluation, workers: WorkerPool, reference_set: ReferenceSet, n: int
) -> None:
    held = reference_set.split.held_out
    scores = workers.score(held.user(slice(0, min(n, len(held)))))
    result.figures |= likelihood.figures(scores, held.spec)
    result.kind = workers.model.log_prob_kind


def _super_resolution(result: Evaluation, evidence: Evidence, n: int) -> None:
    model, reference_set = evidence.subject, evidence.reference_set
    small, large = super_resolution.enlarge_downsampled(model, reference_set, n)
    result.figures |= super_resolution.figures(model, reference_set, small, large)
    evidence.enlarged = small, large


def _latent_space(result: Evaluation, evidence: Evidence, sizes: SampleSizes) -> None:
    model, reference_set = evidence.subject, evidence.reference_set
    held = reference_set.split.held_out
    dear = profiling.encoding_is_slow(model, reference_set.spec)
    n = _encoded(model, reference_set.spec, sizes)
    few, extractor = held.take(slice(0, min(n, len(held)))), reference_set.extractors[0]
    codes = model.encode(few.values)
    result.figures |= reconstruction.figures(model, few)
    _remarks_on_codes(result, model, reference_set, len(few))
    result.figures |= latent_statistics.figures(codes)
    draws = min(_GEOMETRY_DRAWS, n)
    pairs = min(_GEOMETRY_PAIRS, math.ceil(n / latent_geometry.STEPS))
    result.figures |= latent_geometry.latent_geometry(
        model, codes, extractor, extractor(few.values), reference_set.seed, draws, pairs
    )
    evidence.codes = codes
    if held.labels is not None and len(np.unique(held.labels)) > 1:
        # taught with fewer than the others, its codes would look worse than they are
        if dear and n < reference_set.probe_train_size:
            result.notes.append(
                "whether its codes tell the classes apart was not measured: encoding"
                f" {reference_set.probe_train_size:,} examples takes too long"
            )
        else:
            _probing(result, evidence, n)


def _remarks_on_codes(
    result: Evaluation, model: Encodes, reference_set: ReferenceSet, n: int
) -> None:
    """What a reader of the figures should know of the codes; those that hold all of the data earn
    no tier."""
    if isinstance(model, InvertsByOptimization):
        result.notes.append(
            "its codes are found by optimisation, since it has no encoder: they are approximate"
        )
    if profiling.is_bijective(model, reference_set.spec):
        result.notes.append(
            "its codes are as large as the data, so that they can hold all of it: a low"
            " reconstruction error is no merit, and it has no tier there nor for its latent space"
        )
        result.unranked += ["reconstruction", "latent space"]
    else:
        _overfitting(result, model, reference_set, n)


def _overfitting(result: Evaluation, model: Encodes, reference_set: ReferenceSet, n: int) -> None:
    """A note where training examples come back much better than new ones."""
    known = reconstruction.figures(
        model, reference_set.real.take(slice(0, min(n, len(reference_set.real))))
    )["reconstruction"]
    new = result.figures["reconstruction"]
    if new.low > _OVERFITTING_RATIO * known.high:
        times = f"{new.value / known.value:.1f} times" if known.value > 0 else "infinitely"
        result.notes.append(
            f"it overfits: the reconstruction error of held-out examples is {times} that of"
            " training examples; fewer steps would serve it"
        )


def _probing(result: Evaluation, evidence: Evidence, n: int) -> None:
    """How well the codes of at most ``n`` examples tell the classes apart, beside principal
    components of the same number, or the data itself."""
    reference_set = evidence.reference_set
    own = reference_set.probe(evidence.subject.encode, n)
    dim = int(result.figures["latents"].value)
    result.figures |= own.figures
    beside = f"{dim} principal components" if dim < reference_set.spec.dim else "the data itself"
    evidence.probe_curves = {"": own.curve, beside: reference_set.probe_pca(dim, n).curve}
