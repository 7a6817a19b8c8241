"""A thousand judges in one room, over real sockets: how long an answer takes to be kept, whether
any is lost, and whether how long the server takes tells what is real.

    python benchmarks/studio_judges.py [judges] [seconds between answers] [trials]

Each judge has a connection and an address of its own (127.x.y.z), as phones have. *A class*: each
answers so many seconds after the last, more or less, while the teacher looks at the live result.
*At one stroke*: all answer in the same instant, again and again. *Killed*: in the middle of a class
the server gets kill -9 and is started again; every answer that it had acknowledged has to be there.
*Timing*: the area under the ROC curve of the time that a picture took, real against generated; 0.5
is chance. The server's own time is counted by the system, and so does not depend on what else the
machine does.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from common import report
from scipy.stats import norm, rankdata
from studio_clients import Browser, Judge

from genlearn.studio.library.places import id_of
from genlearn.studio.rooms.room import Room

_ENTERING = 100  # who come in at once
_STROKES = 5
_MINUTE = 61.0  # seconds after which an address may come in again


async def main(judges: int = 1000, pause: float = 4.0, trials: int = 12) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command = [sys.executable, "-m", "genlearn", "fit", "vae", "digits", "--steps", "60"]
        command += ["--size", "tiny", "--out", "runs/vae"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        rows, timing = await _measured(folder, judges, pause, trials)
    print(timing)
    report("studio_judges", rows, judges=judges, pause=pause, trials=trials, timing=timing)


async def _measured(
    folder: Path, judges: int, pause: float, trials: int
) -> tuple[list[dict[str, Any]], str]:
    rows = []
    async with _server(folder) as server:
        crowd = await _entered(server, await _made(server, trials), judges)
        rows.append(_row("a class", folder, crowd, await _class(server, crowd, pause, trials)))
        timing = _timing(folder, crowd)
        crowd = await _entered(server, await _made(server, 4 + _STROKES), judges)
        times = [one for _ in range(_STROKES) for one in await _stroke(server, crowd)]
        rows.append(_row("at one stroke", folder, crowd, times))
        crowd = await _entered(server, await _made(server, trials), judges)
        killing = asyncio.create_task(_kill(server, 1.5 * pause))
        times = await _class(server, crowd, pause, trials)
        await killing
    async with _server(folder) as server:
        rows.append(_row("killed (-9) in the middle, started again", folder, crowd, times))
        print(f"a judge goes on after the restart: {await _goes_on(server, crowd[0])}")
    return rows, timing


@dataclass
class Server:
    """A studio in a process of its own; ``owner`` has its cookie and token. Before ``full_until``
    it lets no second crowd in."""

    process: asyncio.subprocess.Process
    port: int
    owner: Browser
    full_until: float = 0.0


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "genlearn", "studio", str(folder), "--no-browser", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    while not (found := re.search(rb":(\d+)(/login\?token=\S+)", await process.stdout.readline())):
        pass
    owner = Browser(int(found[1]))
    await owner.page(found[2].decode())
    await owner.page("/rooms")
    try:
        yield Server(process, owner.port, owner)
    finally:
        owner.leave()
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


async def _made(server: Server, trials: int) -> str:
    """A room of so many trials; its code."""
    fields = {"run": id_of("runs/vae"), "kind": "one", "n": trials, "seed": 0, "tells": "end"}
    form = "application/x-www-form-urlencoded"
    answer = await server.owner.ask("POST", "/rooms", urlencode(fields).encode(), form)
    place = answer.headers["hx-redirect"]
    while b'id="qr"' not in (await server.owner.page(place)).content:
        await asyncio.sleep(0.2)
    return place.rpartition("/")[2]


async def _entered(server: Server, code: str, judges: int) -> list[Judge]:
    """Judges who have opened the link, begun, and have the first two pictures."""
    gate = asyncio.Semaphore(_ENTERING)

    async def enter(index: int) -> Judge:
        address = f"127.{1 + len(code)}.{index // 250}.{1 + index % 250}"
        judge = Judge(Browser(server.port, address), code)
        async with gate:
            assert (await judge.browser.page(f"/room/{code}")).status == 200
            judge.id = json.loads((await judge.post("begin", name=f"judge {index}")).content)[
                "code"
            ]
            await judge.look(0)
            await judge.look(1)
        return judge

    await asyncio.sleep(max(0.0, server.full_until - time.monotonic()))
    began = time.monotonic()
    crowd = list(await asyncio.gather(*map(enter, range(judges))))
    server.full_until = time.monotonic() + _MINUTE
    print(f"{judges:,} judges are in after {time.monotonic() - began:.1f} s", flush=True)
    return crowd


async def _class(server: Server, crowd: list[Judge], pause: float, trials: int) -> list[float]:
    """Each answers at a pace of its own until all is answered, or nobody is there any more."""
    times: list[float] = []

    async def sit(judge: Judge) -> None:
        await asyncio.sleep(random.uniform(0, pause))
        while True:
            try:
                times.append(await judge.answer())
                if judge.next + 1 < trials:
                    await judge.look(judge.next + 1)
            except (OSError, asyncio.IncompleteReadError):
                return
            if judge.next == trials:
                return
            await asyncio.sleep(random.uniform(0.5 * pause, 1.5 * pause))

    teacher = asyncio.create_task(_teach(server, crowd[0].code))
    began, worked = time.perf_counter(), _worked(server)
    await asyncio.gather(*map(sit, crowd))
    said = f"{len(times):,} answers in {time.perf_counter() - began:.1f} s"
    if server.process.returncode is None:
        said += f", for which the server worked {_worked(server) - worked:.1f} s"
    print(said)
    teacher.cancel()
    await asyncio.gather(teacher, return_exceptions=True)
    return times


async def _teach(server: Server, code: str) -> None:
    """The live result, once a second."""
    teacher = Browser(server.port, cookies=server.owner.cookies)
    try:
        while True:
            await teacher.ask("GET", f"/rooms/{code}/result")
            await asyncio.sleep(1)
    finally:
        teacher.leave()


async def _stroke(server: Server, crowd: list[Judge]) -> list[float]:
    """All at once."""
    worked = _worked(server)
    times = list(await asyncio.gather(*(judge.answer() for judge in crowd)))
    print(f"a stroke, for which the server worked {_worked(server) - worked:.2f} s", flush=True)
    return times


async def _kill(server: Server, after: float) -> None:
    await asyncio.sleep(after)
    server.process.kill()
    await server.process.wait()


async def _goes_on(server: Server, judge: Judge) -> bool:
    """Whether the code that ``judge`` was given leads on to the place after the last answer."""
    judge.browser, code = Browser(server.port), judge.code
    await judge.browser.page(f"/room/{code}")
    await judge.post("resume", code=judge.id)
    await judge.browser.page(f"/room/{code}")
    state = json.loads((await judge.browser.ask("GET", f"/room/{code}/state")).content)
    judge.browser.leave()
    return state["answered"] >= judge.next


def _lost(folder: Path, crowd: list[Judge]) -> int:
    """How many answers were acknowledged and are not on the disk."""
    judges = Room(folder / ".studio/rooms" / crowd[0].code).judges
    kept = [
        (judges[judge.id].given.get(judges[judge.id].order[place]), value)
        for judge in crowd
        for place, value in judge.kept.items()
    ]
    return sum(given is None or given.answer != value for given, value in kept)


def _timing(folder: Path, crowd: list[Judge]) -> str:
    """How well the time that a picture took tells what is real."""
    room = Room(folder / ".studio/rooms" / crowd[0].code)
    pairs = [
        (seconds, room.about.truths[room.judges[judge.id].order[place]][1])
        for judge in crowd
        for place, seconds in judge.looked.items()
    ]
    times, real = np.array(pairs).T
    m, n = int(real.sum()), int((1 - real).sum())
    area = (rankdata(times)[real == 1].sum() - m * (m + 1) / 2) / (m * n)
    half = norm.ppf(0.975) * np.sqrt((m + n + 1) / (12 * m * n))
    return f"timing: ROC area {area:.3f}, by chance 0.5 ± {half:.3f} ({m + n:,} pictures)"


def _worked(server: Server) -> float:
    """Seconds of processor time that the server has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _row(what: str, folder: Path, crowd: list[Judge], times: list[float]) -> dict[str, Any]:
    for judge in crowd:
        judge.browser.leave()
    ms = 1000 * np.array(times)
    row = {
        "what": what,
        "answers": len(times),
        "median, ms": float(np.median(ms)),
        "99 %, ms": float(np.quantile(ms, 0.99)),
        "slowest, ms": float(ms.max()),
        "lost": _lost(folder, crowd),
    }
    print(row, flush=True)
    return row


if __name__ == "__main__":
    asyncio.run(
        main(*(kind(text) for kind, text in zip((int, float, int), sys.argv[1:], strict=False)))
    )
