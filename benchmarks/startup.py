"""How long starting takes: importing the package, and the commands that do no work. Medians over
processes of their own, Python's start included.

The bars are 0.3 s for ``import genlearn`` and 0.7 s for ``genlearn --help``; the others load torch
and are here for information.

    python benchmarks/startup.py
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from common import report

TIMES = 10
COMMAND = "import sys; from genlearn.cli.main import main; main(sys.argv[1:])"
CASES = {
    "python -c pass": ["-c", "pass"],
    "import genlearn": ["-c", "import genlearn"],
    "genlearn --help": ["-c", COMMAND, "--help"],
    "genlearn models": ["-c", COMMAND, "models"],
    "genlearn fit vae --help": ["-c", COMMAND, "fit", "vae", "--help"],
}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    rows = []
    for name, arguments in CASES.items():
        seconds(arguments)  # fills the caches of files
        times = [seconds(arguments) for _ in range(TIMES)]
        rows.append(
            {"what": name, "median s": round(median(times), 3), "slowest s": round(max(times), 3)}
        )
    report("startup", rows)


if __name__ == "__main__":
    main()
