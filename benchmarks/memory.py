"""Memory while training, on MNIST and on a set ten times as large: flat, because examples stay in a
memory map until a batch asks for them.

Each training runs in a process of its own, from opening the file to the last step. What counts is
*anonymous* memory (RssAnon): pages of the mapped file are a cache that the system takes back when
it needs them, so VmHWM, which includes them, is given beside it.

    GENLEARN_DATA=... python benchmarks/memory.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import report

STEPS = 200
TIMES = 10
KIB_PER_MIB = 1024


def train(path: str) -> None:
    import genlearn as gl

    gl.Autoencoder(size="tiny", steps=STEPS).fit(path)


def grow(path: Path, small: Path) -> None:
    """``small``, ten times over."""
    images = np.load(small, mmap_mode="r")
    big = np.lib.format.open_memmap(
        path, "w+", images.dtype, (TIMES * len(images), *images.shape[1:])
    )
    for i in range(TIMES):
        big[i * len(images) : (i + 1) * len(images)] = images


def watch(path: Path) -> dict[str, Any]:
    """Peak memory of a process that trains on ``path``, in MiB."""
    child = subprocess.Popen([sys.executable, __file__, str(path)])
    anonymous = highest = 0.0
    while child.poll() is None:
        status = read_status(child.pid)
        anonymous = max(anonymous, status.get("RssAnon", 0.0))
        highest = max(highest, status.get("VmHWM", 0.0))
        time.sleep(0.02)
    if child.returncode:
        sys.exit(child.returncode)
    count = len(np.load(path, mmap_mode="r"))
    return {
        "examples": count,
        "file MiB": path.stat().st_size / 2**20,
        "anonymous MiB": anonymous,
        "with mapped pages MiB": highest,
    }


def read_status(pid: int) -> dict[str, float]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {
        name: int(rest.split()[0]) / KIB_PER_MIB
        for name, _, rest in (line.partition(":") for line in lines)
        if rest.endswith("kB")
    }


def main() -> None:
    if len(sys.argv) > 1:
        train(sys.argv[1])
        return
    from genlearn.data import open_data

    with tempfile.TemporaryDirectory(prefix="genlearn-bench-") as home:
        small, big = Path(home) / "small.npy", Path(home) / "big.npy"
        np.save(small, open_data("mnist").values)
        grow(big, small)
        rows = [watch(small), watch(big)]
    report("memory", rows, growth_mib=rows[1]["anonymous MiB"] - rows[0]["anonymous MiB"])


if __name__ == "__main__":
    main()
