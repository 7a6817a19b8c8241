"""What the number of examples in a step is worth, in the same time: the held-out loss after
training with 32, 128 and 512 of them, two trainings at once, on a thread each; beside it the
gradient noise scale, and what a budget takes by itself.

    python benchmarks/batch_size.py [seconds] [model:source ...]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from common import machine, report

CASES = ("flow:digits", "vae:digits", "autoencoder:digits", "flow:mnist", "vae:mnist")
SIZES = (32, 128, 512, None)


def trained(folder: Path, case: str, seconds: int, size: int | None) -> dict[str, str]:
    """The lines of a training with ``size`` examples in a step: loss, noise scale, size."""
    model, source = case.split(":", 1)
    out = folder / f"{model}-{size}"
    command = [sys.executable, "-m", "genlearn", "fit", model, source, "--out", str(out)]
    command += ["--budget", f"{seconds}s", "--validation", "0.1"]
    command += [] if size is None else ["--batch-size", str(size)]
    one = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=one, capture_output=True, text=True, check=True)
    said = done.stdout + done.stderr
    patterns = {
        "loss": r"held-out loss:(?: its best was)? ([\d.e-]+)",
        "noise": r"noise scale ([\d,]+)",
        "size": r"([\d]+) examples each",
    }
    found = {key: re.search(pattern, said) for key, pattern in patterns.items()}
    return {key: match[1] if match else "" for key, match in found.items()}


def row(case: str, seconds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as two:
        lines = list(two.map(partial(trained, Path(folder), case, seconds), SIZES))
    losses = {str(size): line["loss"] for size, line in zip(SIZES[:-1], lines, strict=False)}
    chosen = lines[-1]
    return {
        "case": case,
        "seconds": seconds,
        **losses,
        "noise scale": chosen["noise"],
        "chosen": chosen["size"],
        "loss": chosen["loss"],
    }


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    cases = sys.argv[2:] or CASES
    print(machine())
    report("batch_size", [row(case, seconds) for case in cases])


if __name__ == "__main__":
    main()
