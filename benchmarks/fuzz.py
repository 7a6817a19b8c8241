"""Hostile inputs: files of every kind that is read, changed at random, and whether each is read or
refused in one line.

Files of data are changed byte by byte; manifests also value by value, with a digest that fits
again, and then weights. Seeds are fixed: an input is named by its kind and number.

    OMP_NUM_THREADS=1 python benchmarks/fuzz.py [20000] [kind ...]
    python benchmarks/fuzz.py again KIND NUMBER      # one of them, with its traceback
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from common import report

os.environ["GENLEARN_CACHE"] = tempfile.mkdtemp(prefix="fuzz-cache-")
from fuzzing.campaign import Campaign
from fuzzing.reading import peak_memory

SHOWN = 3  # failures of a kind that are printed


def main(count: int, kinds: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        campaign = Campaign(Path(folder), kinds)
        rows = [_row(campaign, kind, -(-count // len(campaign.kinds))) for kind in campaign.kinds]
    report("fuzz", rows, count=count)
    return sum(int(row["failed"]) for row in rows)


def again(kind: str, number: int) -> int:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        outcome = Campaign(Path(folder), [kind]).attempt(kind, number)
    print(outcome.what, f"{outcome.seconds:.1f} s", outcome.detail)
    return int(outcome.failed)


def _row(campaign: Campaign, kind: str, count: int) -> dict[str, object]:
    outcomes = [campaign.attempt(kind, number) for number in range(count)]
    found = Counter(outcome.what for outcome in outcomes)
    failures = [(i, outcome) for i, outcome in enumerate(outcomes) if outcome.failed]
    distinct = {
        outcome.detail.strip().splitlines()[-1][:100]: (i, outcome) for i, outcome in failures
    }
    for i, outcome in [*distinct.values()][:SHOWN]:
        print(f"--- {kind} {i}\n{outcome.detail}", flush=True)
    return {
        "kind": kind,
        "inputs": count,
        "read": found["read"],
        "refused": found["refused"],
        "failed": found["failed"],
        "slowest, s": max(outcome.seconds for outcome in outcomes),
        "peak, MB": peak_memory() / 2**20,
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["again"]:
        sys.exit(again(sys.argv[2], int(sys.argv[3])))
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    sys.exit(bool(main(*(numbers or [20_000]), [w for w in sys.argv[1:] if not w.isdigit()])))
