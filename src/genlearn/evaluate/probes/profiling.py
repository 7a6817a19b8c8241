"""What a model costs: parameters, time, memory; and what judging it will cost, before it starts.

Speeds are those of this machine, at this moment, on examples in batches of 64 (fewer where these
take long), after a warm-up; their intervals are from the spread of the batches and do not know what
else the machine did. Memory is the most that the process held while it sampled beyond what it held
before, by the kernel's own account (Linux: writing 5 to /proc/self/clear_refs resets the high-water
mark VmHWM; see proc(5)). What earlier work has freed goes back to the system first, with glibc
(malloc_trim(3)); pitfall: another allocator may keep it, and use it again uncounted.
"""

from __future__ import annotations

import ctypes
import gc
import math
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...core.capabilities import (
    DatasetProtocol,
    Encodes,
    InvertsByOptimization,
    Samples,
    Scores,
    SuperResolves,
)
from ...core.estimator_types import GenerativeModel
from ...core.spec import DataSpec
from ..metric import Metric, MetricValue

# examples at a time; they grow in number until they take long: scoring may take thousands of passes
# for each
_BATCH, _GROWTH = 64, 4
_SECONDS, _CALLS = 0.5, 50
_KINDS = {
    "sampling_speed": "samples",
    "scoring_speed": "scored",
    "encoding_speed": "encoded",
    "enlarging_speed": "enlarged",
}
_MOST = {"samples": 10_000, "scored": 1000, "encoded": 10_000, "mapped": 10_000, "enlarged": 2000}
# samples that are drawn where they take no more than so many times what they were given; with less
# than the fewest figures mean little
_ENOUGH, _STRETCH = 600, 2
FEWEST = {"samples": 200, "scored": 20, "encoded": 50, "mapped": 50, "enlarged": 200}
_WEIGHT = {"samples": 3, "scored": 1, "encoded": 1, "mapped": 1, "enlarged": 1}
# through encoder or decoder, for each example that codes are judged by
_PASSES = {"encoded": 2, "mapped": 8}
_PROC = Path("/proc/self")


def _speed(key: str, title: str, what: str, headline: bool = False) -> Metric:
    meaning = f"{what} in a second on this machine."
    return Metric(
        key=key,
        title=title,
        group="cost",
        better="higher",
        meaning=meaning,
        unit="1/s",
        headline=headline,
    )


METRICS = (
    Metric(
        key="parameters",
        title="Parameters",
        group="cost",
        better="lower",
        meaning=(
            "Numbers that the model keeps: trained weights, and buffers such as running averages."
        ),
    ),
    Metric(
        key="weights",
        title="Weights",
        group="cost",
        better="lower",
        meaning="Bytes that these numbers take.",
        unit="bytes",
    ),
    _speed("sampling_speed", "Sampling", "New examples drawn", headline=True),
    _speed("encoding_speed", "Encoding", "Examples encoded"),
    _speed("enlarging_speed", "Enlarging", "Small examples enlarged"),
    _speed("scoring_speed", "Scoring", "Examples whose log p(x) is found"),
    Metric(
        key="sampling_memory",
        title="Memory of sampling",
        group="cost",
        better="lower",
        meaning=(
            f"Memory that drawing {_BATCH} examples takes at its peak, beyond what the program"
            " holds anyway."
        ),
        unit="bytes",
    ),
    Metric(
        key="training_seconds",
        title="Training",
        group="cost",
        better="lower",
        meaning="Time on the clock that training took.",
        unit="s",
    ),
)


@dataclass(frozen=True)
class SampleSizePlan:
    """How many examples to judge by: drawn, scored, encoded (``mapped``: to codes that take long),
    enlarged, 0 where no model is able to; and the seconds that this takes, all models together."""

    samples: int
    scored: int
    encoded: int
    mapped: int
    enlarged: int
    expected_seconds: float


def profile(
    model: Any, data: DatasetProtocol, seconds: float = 0.0, without: Collection[str] = ()
) -> dict[str, MetricValue]:
    """Figures of ``model`` on examples of ``data``, but speeds ``without``; ``seconds`` of its
    training where that is known (above 0)."""
    figures = _size(model) if isinstance(model, GenerativeModel) else {}
    for name, work in _abilities(model, data).items():
        if name not in without:
            figures[name] = _measured_speed(work, min(_BATCH, len(data)), _least(model, name))
    if (
        isinstance(model, Samples)
        and (memory := peak_memory(lambda: model.sample(_BATCH, seed=0))) is not None
    ):
        figures["sampling_memory"] = _plain(memory)
    return figures | ({"training_seconds": _plain(seconds)} if seconds > 0 else {})


def encoding_is_slow(model: Encodes, spec: DataSpec) -> bool:
    """Whether codes take long: those as large as the data, and those that are searched for."""
    return is_bijective(model, spec) or isinstance(model, InvertsByOptimization)


def is_bijective(model: Encodes, spec: DataSpec) -> bool:
    """Whether a code has as many numbers as an example: it may hold all of it, as the noise that an
    image flows from does."""
    return model.latent_dim_ >= spec.dim


def estimate_cost(model: Any, data: DatasetProtocol) -> dict[str, float]:
    """Seconds that judging ``model`` takes for each example of a kind (a field of `SampleSizePlan`)
    that it is able to."""
    found = {}
    for name, work in _abilities(model, data).items():
        kind = (
            "mapped"
            if name == "encoding_speed" and encoding_is_slow(model, data.spec)
            else _KINDS[name]
        )
        found[kind] = _seconds_each(
            work, min(_BATCH, len(data)), _least(model, name)
        ) * _PASSES.get(kind, 1)
    return found


def plan_sample_sizes(
    models: Sequence[dict[str, float]], data: DatasetProtocol, seconds: float
) -> SampleSizePlan:
    """How many examples of each kind fit into ``seconds``, the same for all models, by their
    prices; at least so many that the figures mean something, so that the plan may exceed the time.

    Most of the time is for samples, by which models are ranked; what one kind leaves the others
    get. At most 10,000 are drawn and encoded and 1,000 scored, and no more scored than ``data``
    has.
    """
    each = {
        kind: total
        for kind in _MOST
        if (total := sum(model.get(kind, 0.0) for model in models)) > 0
    }
    most = _MOST | {"scored": min(_MOST["scored"], len(data))}
    amounts, left = dict.fromkeys(_MOST, 0), seconds
    waiting = sorted(each, key=lambda kind: each[kind] * most[kind])
    while waiting:
        kind = waiting[0]
        share = left * _WEIGHT[kind] / sum(_WEIGHT[other] for other in waiting)
        least = FEWEST[kind]
        if kind == "samples":
            least = max(least, min(_ENOUGH, int(_STRETCH * seconds / each[kind])))
        amounts[kind] = min(most[kind], max(least, int(share / each[kind])))
        left = max(0.0, left - amounts[kind] * each[kind])
        waiting = waiting[1:]
    return SampleSizePlan(
        **amounts, expected_seconds=sum(amounts[kind] * each[kind] for kind in each)
    )


def peak_memory(work: Callable[[], Any]) -> int | None:
    """Bytes that ``work`` takes at its peak beyond what the process holds before; None where the
    system does not tell."""
    try:
        _return_free_pages()
        (_PROC / "clear_refs").write_text("5")
        before = _status("VmRSS")
        work()
        return max(0, _status("VmHWM") - before)
    except (OSError, KeyError):
        return None


def _return_free_pages() -> None:
    """Give the system what earlier work has freed: work that took such pages again would seem to
    take none."""
    gc.collect()
    # glibc's alone
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)


def _status(field: str) -> int:
    """A size of this process, in bytes."""
    lines = dict(line.split(":", 1) for line in (_PROC / "status").read_text().splitlines())
    return int(lines[field].split()[0]) * 1024


def _size(model: GenerativeModel) -> dict[str, MetricValue]:
    tensors = [*model.networks_.parameters(), *model.networks_.buffers()]
    numbers = sum(t.numel() for t in tensors)
    size = sum(t.numel() * t.element_size() for t in tensors)
    return {"parameters": _plain(numbers), "weights": _plain(size)}


def _abilities(model: Any, data: DatasetProtocol) -> dict[str, Callable[[int], Any]]:
    """Work of each ability on so many examples, by the name of its speed."""
    values = data.user(slice(0, _BATCH))
    works: dict[str, Callable[[int], Any]] = {}
    if isinstance(model, Samples):
        works["sampling_speed"] = lambda n: model.sample(n, seed=0)
    if isinstance(model, Encodes):
        works["encoding_speed"] = lambda n: model.encode(values[:n])
    if isinstance(model, Scores):
        works["scoring_speed"] = lambda n: model.score_samples(values[:n])
    if isinstance(model, SuperResolves) and model.small_spec_ != data.spec:
        small = model.shrink(values)
        works["enlarging_speed"] = lambda n: model.enlarge(small[:n], seed=0)
    return works


def _least(model: Any, ability: str) -> int:
    """How many examples to begin with: a search for codes takes hardly longer for many than for
    one."""
    return _BATCH if ability == "encoding_speed" and isinstance(model, InvertsByOptimization) else 1


def _measured_speed(work: Callable[[int], Any], most: int, least: int) -> MetricValue:
    """Examples in a second, with the interval of the mean time of a call."""
    size, first = _tried(work, most, least)
    times = [first] if first > _SECONDS / 2 else []
    while len(times) < 2 or (sum(times) < _SECONDS and len(times) < _CALLS):
        times.append(_timed(partial(work, size)))
    mean, half = float(np.mean(times)), 1.96 * float(np.std(times, ddof=1)) / math.sqrt(len(times))
    return MetricValue(
        size / mean, size / (mean + half), size / max(mean - half, min(times)), size * len(times)
    )


def _seconds_each(work: Callable[[int], Any], most: int, least: int) -> float:
    """Seconds for one example, after a warm-up."""
    size, seconds = _tried(work, most, least)
    return seconds / size


def _tried(work: Callable[[int], Any], most: int, least: int) -> tuple[int, float]:
    """More and more examples at a time, from ``least`` up to ``most`` or until they take long: how
    many that was, and the seconds they took."""
    size = min(least, most)
    seconds = _timed(partial(work, size))
    while size < most and seconds < _SECONDS / 2:
        size = min(most, size * _GROWTH)
        seconds = _timed(partial(work, size))
    return size, seconds


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return max(time.perf_counter() - start, 1e-9)


def _plain(value: float) -> MetricValue:
    """A number that is not an average: no interval."""
    return MetricValue(float(value), float(value), float(value), 1)
