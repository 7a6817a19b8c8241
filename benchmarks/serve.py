"""Two hundred clients at once ask a served run, over the loopback, for samples, codes and scores;
every answer is compared with what the model itself says.

    python benchmarks/serve.py RUN DATA [clients=200] [seconds=20]

Then as many ask a server that has little room, which has to refuse some of them at once.
"""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
from common import machine, report

import genlearn as gl
from genlearn.data import open_data

NPY = "application/x-npy"
KNOWN = 64  # examples that are sent, and samples that are known beforehand
TOLERANCE = 1e-3  # of numbers, whose last bits depend on who was asked at the same time


@contextmanager
def served(run: str, *options: str) -> Iterator[str]:
    """The address of a server of ``run``."""
    command = [sys.executable, "-m", "genlearn", "serve", run, "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = next(one for one in process.stderr if "http://" in one)
        yield line[line.index("http://") :].split(": ")[0]
    finally:
        process.terminate()
        process.wait()


class Client:
    """One of many; what it has seen."""

    def __init__(self, url: str, name: int, truth: dict[str, Any]) -> None:
        self.url, self.truth, self.rng = url, truth, np.random.default_rng(name)
        self.seconds: list[float] = []
        self.seen: Counter[str] = Counter()

    async def ask(self, end: float) -> None:
        """One question after the other until ``end``."""
        async with httpx.AsyncClient(timeout=120) as http:
            while time.perf_counter() < end:
                start = time.perf_counter()
                try:
                    self.seen[await self._one(http)] += 1
                except httpx.HTTPError as error:
                    self.seen[f"lost: {type(error).__name__}"] += 1
                self.seconds.append(time.perf_counter() - start)

    async def _one(self, http: httpx.AsyncClient) -> str:
        questions = [name for name in ("sample", "stream", "encode", "score") if name in self.truth]
        question = questions[self.rng.integers(len(questions))]
        first, n = int(self.rng.integers(KNOWN - 4)), int(self.rng.integers(1, 5))
        expected = self.truth[question]
        if question in ("sample", "stream"):
            told = {"n": n} | ({"seed": 1, "start": first} if question == "sample" else {})
            answer = await http.post(f"{self.url}/sample", json=told, headers={"accept": NPY})
        else:
            rows = io.BytesIO()
            np.save(rows, self.truth["rows"][first : first + n])
            answer = await http.post(
                f"{self.url}/{question}",
                content=rows.getvalue(),
                headers={"content-type": NPY, "accept": NPY},
            )
        if answer.status_code != 200:
            expected = answer.status_code in (429, 503)
            return str(answer.status_code) if expected else f"wrong: {answer.text[:200]}"
        found = np.load(io.BytesIO(answer.content))
        if question == "stream":
            first = int(answer.headers["genlearn-start"])
            if first + n > len(expected):
                return "200"
        return "200" if _alike(found, expected[first : first + n]) else f"wrong: {question}"


def _alike(a: Any, b: Any) -> bool:
    if a.shape != b.shape:
        return False
    a, b = a.astype(float), b.astype(float)
    if np.abs(b).max() > 1 and np.array_equal(b, b.round()):  # levels of pixels
        return bool(np.abs(a - b).max() <= 1)
    return bool(np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * max(1.0, np.abs(b).max())))


async def _load(url: str, truth: dict[str, Any], clients: int, seconds: float) -> dict[str, Any]:
    crowd, start = [Client(url, name, truth) for name in range(clients)], time.perf_counter()
    await asyncio.gather(*(client.ask(start + seconds) for client in crowd))
    taken = time.perf_counter() - start
    times = np.concatenate([client.seconds for client in crowd])
    seen = sum((client.seen for client in crowd), Counter())
    return {
        "clients": clients,
        "answers": dict(seen),
        "requests/s": len(times) / taken,
        "p50, s": float(np.quantile(times, 0.5)),
        "p99, s": float(np.quantile(times, 0.99)),
        "longest, s": float(times.max()),
    }


def main(run: str, source: str, clients: int, seconds: float) -> None:
    model: Any = gl.load(run)
    rows = np.asarray(open_data(source, like=model.spec_).user(slice(0, KNOWN)))
    truth = {"rows": rows, "sample": np.asarray(model.sample(KNOWN, seed=1))}
    truth["stream"] = np.asarray(model.sample(2000, seed=0))
    if isinstance(model, gl.core.capabilities.Encodes):
        truth["encode"] = model.encode(rows)
    if isinstance(model, gl.core.capabilities.Scores):
        truth["score"] = model.score_samples(rows)
    found = []
    for name, options in (("usual", ()), ("little room", ("--waiting", "64"))):
        with served(run, *options) as url:
            found.append({"server": name} | asyncio.run(_load(url, truth, clients, seconds)))
            print(found[-1], flush=True)
            told = httpx.get(f"{url}/metrics").text.splitlines()
            sums = [line for line in told if line.startswith("genlearn_batch_requests_")]
            print([line for line in sums if "bucket" not in line and "created" not in line])
    print(machine())
    report("serve", found, run=run)


if __name__ == "__main__":
    more = dict(setting.split("=") for setting in sys.argv[3:])
    main(sys.argv[1], sys.argv[2], int(more.get("clients", 200)), float(more.get("seconds", 20)))
