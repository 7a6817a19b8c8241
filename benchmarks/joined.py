"""How many times the work of one process two do that share a comparison.

    python benchmarks/joined.py [times as many steps]

Eight models with steps on digits, by `genlearn compare --join`: one process, then two at once in
another folder, each on one core of its own with one thread, everything from start to report. Of the
two nothing may differ but times.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import report

# a few seconds of a core each
STEPS = {
    "vae": 1000,
    "autoencoder": 1200,
    "gan": 1000,
    "dcgan": 160,
    "r3gan": 90,
    "flow": 60,
    "edm": 60,
    "nsf": 60,
}


def main(times: float) -> None:
    models = [f"{name} steps={int(steps * times)}" for name, steps in STEPS.items()]
    chosen = [part for model in models for part in ("--model", model)]
    command = [sys.executable, "-m", "genlearn", "compare", "digits", "--size", "tiny", *chosen]
    command += ["--samples", "400", "--join", "--out"]
    with tempfile.TemporaryDirectory() as folder:
        one, two = (Path(folder) / name for name in ("one", "two"))
        alone = seconds([*command, str(one)], 1)
        together = seconds([*command, str(two)], 2)
        equal = without_times(one) == without_times(two)
    row = {"one process, s": alone, "two, s": together, "ratio": alone / together, "equal": equal}
    report("joined", [row], models=models)


def seconds(command: list[str], processes: int) -> float:
    """Until all of so many ``processes``, each on a core of its own, are done."""
    start = time.perf_counter()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            ["taskset", "-c", str(core), *command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for core in range(processes)
    ]
    if any(process.wait() for process in started):
        raise SystemExit("a process failed")
    return time.perf_counter() - start


def without_times(folder: Path) -> dict[str, Any]:
    """The figures of the report, but those that are of time and memory."""
    told = json.loads((folder / "report.json").read_text())
    cost = {key for key, metric in told["metrics"].items() if metric["group"] == "cost"}
    return {
        model["name"]: {k: v for k, v in model["figures"].items() if k not in cost}
        for model in told["models"]
    }


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
