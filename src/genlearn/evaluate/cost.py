"""What a model costs: parameters, time, memory; and what judging it will cost, before it starts.

Speeds are those of this machine, at this moment, on examples in batches of 64, after a warm-up; their intervals are from the spread of the batches
and do not know what else the machine did. Memory is the most that the process held while it sampled beyond what it held before, by the
kernel's own account (Linux: writing 5 to /proc/self/clear_refs resets the high-water mark VmHWM; see proc(5)). Pitfall: memory that an allocator
kept from earlier work is used again without being counted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.capabilities import Encodes, Examples, Learnable, Samples, Scores
from .measure import Figure, Measure

_BATCH, _SCORED = 64, 8  # examples at a time; scoring may take thousands of passes for each
_SECONDS, _CALLS = 0.5, 50
_MOST = {"samples": 10_000, "scored": 1000, "encoded": 10_000}
_LEAST = 50
_PROC = Path("/proc/self")


def _speed(key: str, title: str, what: str, headline: bool = False) -> Measure:
    meaning = f"{what} in a second on this machine."
    return Measure(key=key, title=title, group="cost", better="higher", meaning=meaning, unit="1/s", headline=headline)


MEASURES = (
    Measure(
        key="parameters",
        title="Parameters",
        group="cost",
        better="lower",
        meaning="Numbers that the model keeps: trained weights, and buffers such as running averages.",
    ),
    Measure(key="weights", title="Weights", group="cost", better="lower", meaning="Bytes that these numbers take.", unit="bytes"),
    _speed("sampling_speed", "Sampling", "New examples drawn", headline=True),
    _speed("encoding_speed", "Encoding", "Examples encoded"),
    _speed("scoring_speed", "Scoring", "Examples whose log p(x) is found"),
    Measure(
        key="sampling_memory",
        title="Memory of sampling",
        group="cost",
        better="lower",
        meaning=f"Memory that drawing {_BATCH} examples takes at its peak, beyond what the program holds anyway.",
        unit="bytes",
    ),
    Measure(key="training_seconds", title="Training", group="cost", better="lower", meaning="Time on the clock that training took.", unit="s"),
)


@dataclass(frozen=True)
class Plan:
    """How many examples to judge by: drawn, scored, encoded (0: the model is not able to), and the seconds that this takes."""

    samples: int
    scored: int
    encoded: int
    expected_seconds: float


def cost(model: Any, data: Examples, seconds: float = 0.0) -> dict[str, Figure]:
    """Figures of ``model`` on examples of ``data``; ``seconds`` of its training where that is known (above 0)."""
    figures = _size(model) if isinstance(model, Learnable) else {}
    for name, (work, size) in _abilities(model, data).items():
        figures[name] = _measured_speed(work, size)
    if isinstance(model, Samples) and (memory := peak_memory(lambda: model.sample(_BATCH, seed=0))):
        figures["sampling_memory"] = _plain(memory)
    return figures | ({"training_seconds": _plain(seconds)} if seconds > 0 else {})


def planned(model: Any, data: Examples, seconds: float) -> Plan:
    """How many examples fit into ``seconds``, shared evenly by the model's abilities; at least 50, so that the plan may exceed them.

    At most 10,000 are drawn and encoded, 1,000 scored; no more are encoded and scored than ``data`` has. What one ability leaves the others get.
    """
    works = _abilities(model, data)
    each = {name: _seconds_each(work, size) for name, (work, size) in works.items()}
    keys = {"sampling_speed": "samples", "scoring_speed": "scored", "encoding_speed": "encoded"}
    amounts = dict.fromkeys(_MOST, 0)
    left = seconds
    for i, name in enumerate(sorted(each, key=lambda name: each[name] * _MOST[keys[name]])):
        most = _MOST[keys[name]] if name == "sampling_speed" else min(_MOST[keys[name]], len(data))
        share = left / (len(each) - i)
        amounts[keys[name]] = min(most, max(_LEAST, int(share / each[name])))
        left = max(0.0, left - amounts[keys[name]] * each[name])
    return Plan(**amounts, expected_seconds=sum(amounts[keys[name]] * each[name] for name in each))


def peak_memory(work: Callable[[], Any]) -> int | None:
    """Bytes that ``work`` takes at its peak beyond what the process holds before; None where the system does not tell."""
    try:
        (_PROC / "clear_refs").write_text("5")
        before = _status("VmRSS")
        work()
        return max(0, _status("VmHWM") - before)
    except (OSError, KeyError):
        return None


def _status(field: str) -> int:
    """A size of this process, in bytes."""
    lines = dict(line.split(":", 1) for line in (_PROC / "status").read_text().splitlines())
    return int(lines[field].split()[0]) * 1024


def _size(model: Learnable) -> dict[str, Figure]:
    tensors = [*model.networks_.parameters(), *model.networks_.buffers()]
    numbers, size = sum(t.numel() for t in tensors), sum(t.numel() * t.element_size() for t in tensors)
    return {"parameters": _plain(numbers), "weights": _plain(size)}


def _abilities(model: Any, data: Examples) -> dict[str, tuple[Callable[[], Any], int]]:
    """Work of each ability by the name of its speed, and how many examples it is for."""
    values, few = data.user(slice(0, _BATCH)), data.user(slice(0, _SCORED))
    works: dict[str, tuple[Callable[[], Any], int]] = {}
    if isinstance(model, Samples):
        works["sampling_speed"] = (lambda: model.sample(_BATCH, seed=0)), _BATCH
    if isinstance(model, Encodes):
        works["encoding_speed"] = (lambda: model.encode(values)), len(values)
    if isinstance(model, Scores):
        works["scoring_speed"] = (lambda: model.score_samples(few)), len(few)
    return works


def _measured_speed(work: Callable[[], Any], size: int) -> Figure:
    """Examples in a second, with the interval of the mean time of a call."""
    work()
    times: list[float] = []
    while len(times) < 2 or (sum(times) < _SECONDS and len(times) < _CALLS):
        times.append(_timed(work))
    mean, half = float(np.mean(times)), 1.96 * float(np.std(times, ddof=1)) / math.sqrt(len(times))
    return Figure(size / mean, size / (mean + half), size / max(mean - half, min(times)), size * len(times))


def _seconds_each(work: Callable[[], Any], size: int) -> float:
    """Seconds for one example: the second of two calls, unless the first is so slow that it must do."""
    first = _timed(work)
    return (first if first > _SECONDS else _timed(work)) / size


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return max(time.perf_counter() - start, 1e-9)


def _plain(value: float) -> Figure:
    """A number that is not an average: no interval."""
    return Figure(float(value), float(value), float(value), 1)
