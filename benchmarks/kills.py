"""Killed at any moment and started again, a run is the run that it would have been.

Every model that learns here, and a comparison, is run once to its end; then again and again, each
time killed (SIGKILL) once or more, at moments drawn evenly from the time that it takes, and started
again until it is done. Weights, manifests, metrics and samples over time must be equal to those of
the run that nobody killed, bit for bit but for times; and nothing else may be left in the folder.

    python benchmarks/kills.py --count 300
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import processes
from common import report

TIMES = ("seconds", "images_per_second")
DATA = "data.npy"
STEPS, SAVE = 12, 3
COMPARE = "compare"
_VAE = f"vae latent_dim=2 batch_size=16 steps={STEPS}"
_PARTS = ("--model", "ppca latent_dim=2", "--model", _VAE)


@dataclass(frozen=True)
class Case:
    """What is run: ``genlearn ARGUMENTS``, which writes the folder ``out``."""

    name: str
    arguments: tuple[object, ...]


def cases() -> list[Case]:
    """Every model that can be fitted here in seconds, and a comparison."""
    from genlearn.core.estimator_types import ClosedForm, Composite, GradientTrained
    from genlearn.core.params import params_of
    from genlearn.core.registry import available, find

    found = []
    for name in available():
        model = find(name)
        if issubclass(model, (GradientTrained, Composite)):
            how = ("--size", "tiny", "--steps", STEPS, "--save-every", SAVE, "--batch-size", 8)
        elif issubclass(model, ClosedForm) and name != "pipeline":  # which learns nothing
            how = ()
        else:
            continue
        how += ("--condition", "none") if "condition" in params_of(model) else ()
        found.append(Case(name, ("fit", name, DATA, "--out", "out", *how)))
    small = ("--size", "tiny", "--samples", 200, *_PARTS)
    return [*found, Case(COMPARE, (COMPARE, DATA, "--out", "out", *small))]


def write_data(folder: Path) -> None:
    """Small images of soft discs."""
    rng = np.random.default_rng(0)
    centre = rng.uniform(3, 9, (2, 80, 1, 1))
    y, x = np.mgrid[:12, :12]
    disc = 1 / (1 + np.exp(2 * (np.hypot(y - centre[0], x - centre[1]) - 2.5)))
    np.save(folder / DATA, (255 * disc).round().astype(np.uint8))


def facts(out: Path) -> dict[str, Any]:
    """What must be equal, by file; of a checkpoint, that it is there."""
    return {
        str(path.relative_to(out)): _facts(path)
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def _facts(path: Path) -> Any:
    from genlearn.engine.runs.metrics_log import read_lines

    if path.name == "metrics.jsonl":
        return [_without(line, set(TIMES)) for line in read_lines(path.parent)]
    if path.name in ("manifest.json", "comparison.json"):
        return _without(json.loads(path.read_text()), {"digest", "seconds", "spent", "budget"})
    if "judged" in path.parts or path.name in ("report.html", "marks.json"):
        return "there"  # with times in them
    if path.name == "report.json":
        return _judgement(json.loads(path.read_text()))
    return path.read_bytes()


def _judgement(about: dict[str, Any]) -> dict[str, Any]:
    """A report without what took how long."""
    cost = {key for key, metric in about["metrics"].items() if metric["group"] == "cost"}
    timed = {"training_seconds", "evaluation_seconds", "date"}
    models = [
        {part: _without(model[part], cost) for part in ("name", "status", "figures", "notes")}
        for model in about["models"]
    ]
    return {"models": models, "protocol": _without(about["protocol"], timed)}


def _without(value: Any, keys: set[str]) -> Any:
    return {k: v for k, v in value.items() if k not in keys} if isinstance(value, dict) else value


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Names of files that are missing, new, or not equal."""
    return sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))


Start = Callable[..., Any]


def unkilled(case: Case, folder: Path, start: Start) -> tuple[dict[str, Any], float]:
    """The facts of the run that nobody kills, and the seconds that it takes."""
    began = time.perf_counter()
    done = start(*case.arguments, cwd=folder).ended()
    took = time.perf_counter() - began
    if done.code:
        raise RuntimeError(f"{case.name}: {done.said}")
    return facts(folder / "out"), took


def killed(case: Case, folder: Path, moments: list[float], start: Start) -> tuple[int, list[str]]:
    """Kill it after each of so many seconds, then let it end; how often it was really killed, and
    what went wrong."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    kills = 0
    for moment in moments:
        process = start(*case.arguments, cwd=folder)
        time.sleep(moment)
        with suppress(ProcessLookupError):  # it was done already
            os.kill(process.pid, signal.SIGKILL)
        kills += process.ended().code == -signal.SIGKILL
    done = start(*case.arguments, cwd=folder).ended()
    return kills, [] if done.code == 0 else [f"exit {done.code}: {done.said.strip()[-300:]}"]


def tries(
    chosen: list[Case], count: int, folder: Path, start: Start, seed: int = 0
) -> list[dict[str, Any]]:
    """``count`` tries over the cases in turn; a row for each case."""
    rng, known, rows = random.Random(seed), {}, {}
    for number in range(count):
        case = chosen[number % len(chosen)]
        place = folder / case.name
        if case.name not in known:
            place.mkdir()
            write_data(place)
            known[case.name] = unkilled(case, place, start)
            rows[case.name] = {"case": case.name, "tries": 0, "kills": 0, "equal": 0, "trouble": ""}
        expected, took = known[case.name]
        moments = [rng.uniform(0, took) for _ in range(rng.choice((1, 1, 2)))]
        kills, trouble = killed(case, place, moments, start)
        trouble += differences(expected, facts(place / "out"))
        row = rows[case.name]
        row["tries"], row["kills"] = row["tries"] + 1, row["kills"] + kills
        row["equal"] += not trouble
        if trouble:
            row["trouble"] = f"try {number}, killed after {moments}: {', '.join(trouble)}"
            print(case.name, row["trouble"], file=sys.stderr, flush=True)
    return list(rows.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--only", nargs="*", help="names of cases")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    processes.load()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLEARN_CACHE"] = str(Path(folder) / "cache")
        chosen = [case for case in cases() if not asked.only or case.name in asked.only]
        rows = tries(chosen, asked.count, Path(folder), processes.start, asked.seed)
    report("kills", rows)
    raise SystemExit(any(row["equal"] < row["tries"] for row in rows))


if __name__ == "__main__":
    main()
