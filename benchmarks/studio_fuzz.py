"""Hostile requests to the studio: none answered with a defect, none without authorisation, nothing
of outside its folders told or written.

    OMP_NUM_THREADS=1 python benchmarks/studio_fuzz.py [100000] [first]
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from common import report

os.environ["GENLEARN_CACHE"] = tempfile.mkdtemp(prefix="fuzz-cache-")
from fuzzing.requests import Studio, attempt, send

import genlearn as gl

_CLEARED = 500  # requests between two times that the jobs asked for are forgotten
_SHOWN = 5


def main(count: int, first: int = 0) -> int:
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="studio-fuzz-") as place:
        folder = Path(place) / "work"
        (folder / "runs").mkdir(parents=True)
        for name, hyper in (("vae", {"steps": 10, "size": "tiny"}), ("gmm", {})):
            gl.create(name, **hyper).fit("digits", out=folder / "runs" / name)
        studio = Studio(folder, Path(place) / "outside")
        started = time.perf_counter()
        statuses, failures, slowest = asyncio.run(_campaign(studio, first, count))
        seconds = time.perf_counter() - started
    for number, what in failures[:_SHOWN]:
        print(f"--- {number}: {what!a}")
    rows = [{"status": status, "answers": n} for status, n in sorted(statuses.items())]
    report("studio_fuzz", rows, count=count, failed=len(failures), slowest=slowest, seconds=seconds)
    print(f"\n{len(failures)} of {count:,} failed; slowest {slowest:.2f} s, {seconds:.0f} s in all")
    return len(failures)


async def _campaign(
    studio: Studio, first: int, count: int
) -> tuple[Counter[int], list[tuple[int, str]], float]:
    statuses: Counter[int] = Counter()
    failures: list[tuple[int, str]] = []
    slowest = 0.0
    for number in range(first, first + count):
        one = attempt(studio, number)
        began = time.perf_counter()
        answer = await send(studio, one)
        slowest = max(slowest, time.perf_counter() - began)
        statuses[answer.status] += 1
        if wrong := one.wrong(answer, studio):
            failures.append((number, f"{one.scope['method']} {one.scope['path'][:80]} {wrong}"))
        if number % _CLEARED == 0:
            studio.clear()
    return statuses, failures, slowest


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:] or ["100000"]))))
