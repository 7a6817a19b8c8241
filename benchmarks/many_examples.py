"""A million examples: what preparing them in two shards takes, training on them by two processes,
and drawing 100,000 by two; and whether memory grows with them.

Small grey images, drawn by a seed, lie in webdataset tars of 10,000 with a class each. Each shard,
the merge, the opening, five minutes of `flow` by torchrun and the drawing run in processes of their
own, one after another; their memory is read twenty times a second. What counts is *anonymous*
memory (RssAnon) of the process and its children: pages of a mapped file are a cache that the system
takes back. Times are of the wall and of the CPU, which say the same on a machine that does nothing
else. All is made in the folder for temporary files and removed.

    python benchmarks/many_examples.py [100000 1000000]
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from common import report

SIDE, IN_A_TAR, SECONDS, SAMPLES = 16, 10_000, 300, 100_000
KIB_PER_MIB = 1024
OPEN = """
import time
start = time.perf_counter()
import sys, json
import genlearn as gl
from genlearn.data import open_data
begin = time.perf_counter()
data = open_data(sys.argv[1])
data.batch(__import__("numpy").arange(0, len(data), max(1, len(data) // 64)))
print(json.dumps({"import s": begin - start, "open s": time.perf_counter() - begin}), flush=True)
"""
TOGETHER = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
FIT = ["-m", "genlearn", "fit", "flow", "--size", "tiny", "--budget", f"{SECONDS}s"]
FIT += ["--batch-size", "128", "--condition", "none"]
DRAW = ["-m", "genlearn", "sample", "-n", str(SAMPLES)]


def png(pixels: np.ndarray) -> bytes:
    """A grey PNG (PNG specification, W3C 2003), hardly compressed: noise hardly can be."""
    rows = np.concatenate([np.zeros((SIDE, 1), np.uint8), pixels], 1).tobytes()
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    )
    packed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def write_tars(folder: Path, count: int) -> None:
    folder.mkdir()
    for start in range(0, count, IN_A_TAR):
        rng = np.random.default_rng((0, start))
        bright = rng.integers(0, 200, (IN_A_TAR, 1, 1), dtype=np.uint8)
        images = bright + rng.integers(0, 56, (IN_A_TAR, SIDE, SIDE), dtype=np.uint8)
        with tarfile.open(folder / f"data-{start // IN_A_TAR:06d}.tar", "w") as archive:
            for i, image in enumerate(images[: count - start]):
                number = str(int(bright[i, 0, 0]) // 20).encode()
                for kind, content in (("png", png(image)), ("cls", number)):
                    info = tarfile.TarInfo(f"{start + i:08d}.{kind}")
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))


def watch(*command: str) -> tuple[dict[str, Any], str]:
    """Seconds and peak MiB of a command and its children, and what it printed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    anonymous = mapped = 0.0
    while child.poll() is None:
        together = [memory(process) for process in family(child.pid)]
        anonymous = max(anonymous, sum(one.get("RssAnon", 0.0) for one in together))
        mapped = max(mapped, max((one.get("RssFile", 0.0) for one in together), default=0.0))
        time.sleep(0.05)
    assert child.stdout is not None
    if child.returncode:
        sys.exit(f"{command} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.perf_counter() - start
    took = {"wall s": wall, "CPU s": cpu, "anonymous MiB": anonymous, "mapped MiB": mapped}
    return took, child.stdout.read()


def family(parent: int) -> list[int]:
    found = [parent]
    for place in found:
        try:
            children = Path(f"/proc/{place}/task/{place}/children").read_text().split()
        except OSError:
            continue
        found += map(int, children)
    return found


def memory(process: int) -> dict[str, float]:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return {}
    fields = (line.split() for line in lines if line.endswith("kB"))
    return {words[0].rstrip(":"): int(words[1]) / KIB_PER_MIB for words in fields}


def measure(count: int, folder: Path, draws: bool) -> list[dict[str, Any]]:
    """What each step takes, and drawing where that is asked for: it knows no number of examples."""
    data, out, rows = folder / "data", folder / "prepared", []

    def add(what: str, took: dict[str, Any]) -> None:
        rows.append({"examples": count, "what": what, **took})
        print(rows[-1], flush=True)

    write_tars(data, count)
    size = sum(path.stat().st_size for path in data.iterdir())
    prepare = ["-m", "genlearn", "prepare"]
    for shard in ("1/2", "2/2"):
        took, _ = watch(*prepare, str(data), "--out", str(out), "--shard", shard)
        add(f"shard {shard}", took)
    took, _ = watch(*prepare, str(out), "--merge")
    add("merge", took)
    took, told = watch("-c", OPEN, str(out))
    opened = json.loads(told)
    add("open, first batch", took | {"wall s": opened["open s"]})
    run = str(folder / "run")
    took, _ = watch(*TOGETHER, *FIT, str(out), "--out", run)
    add(f"train {SECONDS} s by 2", took)
    if draws:
        drawn = []
        for processes in ("2", "1"):
            file = folder / f"{processes}.npy"
            took, _ = watch(*DRAW, run, "--processes", processes, "--out", str(file))
            add(f"draw {SAMPLES:,} by {processes}", took)
            drawn.append(file.read_bytes())
        print(f"drawn by two and by one: {'equal' if drawn[0] == drawn[1] else 'NOT EQUAL'}")
    kept = sum(path.stat().st_size for path in out.iterdir())
    print(f"{size / 2**20:,.0f} MiB of tars, {kept / 2**20:,.0f} MiB prepared")
    return rows


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or [100_000, 1_000_000]
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="many-examples-") as folder:
            os.environ["GENLEARN_CACHE"] = str(Path(folder) / "cache")
            rows += measure(count, Path(folder), count == counts[-1])
    report("many_examples", rows)


if __name__ == "__main__":
    main()
