"""Quality of our models for so many core minutes, by a frozen classifier that no contender knows;
beside the peers of `peers.py`.

A core minute is a minute of processor time with one thread: what every contender gets the same of,
whatever else the machine does. Two cores have ten in five minutes.

    OMP_NUM_THREADS=1 python benchmarks/quality.py mnist flow 10 [seed=0] [key=value ...]
    python benchmarks/quality.py judge mnist RUN 2500 [steps=12 sampler=heun]  # of a kept run
    python benchmarks/quality.py table
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import torch
from common import HERE, machine, table
from frozen import Frozen

import genlearn as gl
from genlearn.comparison.candidates import Candidate
from genlearn.core.params import params_of, parse_param
from genlearn.data import open_data
from genlearn.engine.duration.plan import Plan
from genlearn.engine.hardware.device import fabric_for
from genlearn.engine.trainer import Trainer

SAMPLES = 5000
TRIED = 200  # steps by which a step's time is known


def seconds_per_step(model: Any, data: Any) -> float:
    """Processor time of a step, from steps that are thrown away."""
    loop = Trainer(model, data, fabric_for(model, data.spec), Plan.of(TRIED))
    loop.build()
    loop.advance(TRIED // 10)
    start = time.process_time()
    loop.advance(TRIED)
    return (time.process_time() - start) / (TRIED - TRIED // 10)


def trained(name: str, data: Any, minutes: float, hyper: dict[str, Any]) -> tuple[Any, float]:
    """A model after about ``minutes`` of processor time, by a trial of its steps, and the seconds
    that it took; labels are learned if asked for."""
    candidate = Candidate(name, name, hyper)
    trial = candidate.create()
    trial.spec_, trial.n_samples_ = data.spec, len(data)
    trial.resolve_hyperparameters(data.spec)
    each = seconds_per_step(trial, trial.prepare_data(data, print))
    start = time.process_time()
    model = candidate.create(steps=int(minutes * 60 / each)).fit(data)
    return model, time.process_time() - start


def judged(frozen: Frozen, model: Any, n: int, **options: Any) -> dict[str, float]:
    """How near ``n`` samples come to the test images, beside as many training images, and how many
    come in a second of processor time."""
    start = time.process_time()
    samples = model.sample(n, seed=1, **options)
    rate = n / (time.process_time() - start)
    distance, floor = frozen.distance(samples), frozen.floor(n)
    figures = {
        "samples/s": rate,
        "n": n,
        "distance": distance,
        "floor": floor,
        "times floor": distance / floor,
    }
    return {**figures, **frozen.coverage(samples), "threads": torch.get_num_threads()}


def main() -> None:
    if sys.argv[1] == "table":
        print(
            machine(),
            table(
                sorted(_kept(), key=lambda row: (row["data"], row["core minutes"], row["distance"]))
            ),
            sep="\n",
        )
        return
    if sys.argv[1] == "judge":
        source, run, n, *asked = sys.argv[2:]
        options: dict[str, Any] = dict(option.split("=") for option in asked)
        if "steps" in options:
            options["steps"] = int(options["steps"])
        print(table([judged(Frozen(source), gl.load(run), int(n), **options)]))
        return
    source, name, minutes, *settings = sys.argv[1:]
    known = params_of(gl.core.registry.find(name))
    hyper = {
        key: parse_param(known[key], value)
        for key, value in (setting.split("=") for setting in settings)
    }
    data, frozen = open_data(source, split="train"), Frozen(source)
    model, spent = trained(name, data, float(minutes), hyper)
    row = {
        "data": source,
        "model": name,
        "settings": " ".join(settings),
        "core minutes": float(minutes),
        "spent": spent / 60,
    }
    row |= {"training images/s": model.n_steps_ * model.batch_size_ / spent} | judged(
        frozen, model, SAMPLES
    )
    _keep(row)
    model.save(HERE / "out" / "-".join(["run", source, name, minutes, *settings]))
    print(table([row]))


def _keep(row: dict[str, Any]) -> None:
    with (HERE / "out" / "quality.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")


def _kept() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / "out" / "quality.jsonl").read_text().splitlines()]


if __name__ == "__main__":
    main()
