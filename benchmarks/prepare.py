"""Preparing 70,000 small PNG files: how long the first and the second opening take, and whether
memory grows with the set.

The files are MNIST's images, made in a temporary folder. Each measurement runs in a process of its
own with an empty cache; its memory is the proportional set size (what it shares counts once) of
that process and all its children, read twenty times a second. Beside it, in the same run:
`datasets.load_dataset("imagefolder")` and one loop that decodes every image to an array.

    GENLEARN_DATA=... python benchmarks/prepare.py [count]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SMALL_SHARE = 10
KIB_PER_MIB = 1024


def make_files(folder: Path, count: int) -> None:
    from PIL import Image

    from genlearn.data import open_data

    images = [
        image for split in ("train", "test") for image in open_data("mnist", split=split).values
    ]
    folder.mkdir()
    for i in range(count):
        Image.fromarray(images[i % len(images)]).save(folder / f"{i:06d}.png")


def ours(folder: Path) -> dict[str, Any]:
    from genlearn.data import open_data

    start = time.perf_counter()
    data = open_data(folder)
    first = time.perf_counter() - start
    start = time.perf_counter()
    again = open_data(folder)
    second = time.perf_counter() - start
    assert again.fingerprint == data.fingerprint
    return {"first": first, "second": second, "count": len(data)}


def imagefolder(folder: Path) -> dict[str, Any]:
    import datasets
    import numpy as np

    start = time.perf_counter()
    rows = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), split="train", cache_dir=os.environ["GENLEARN_CACHE"]
    )
    loaded = time.perf_counter() - start
    count = sum(np.asarray(row["image"]).ndim > 0 for row in rows)
    return {"first": time.perf_counter() - start, "load": loaded, "count": count}


def measure(task: str, folder: Path) -> dict[str, Any]:
    """Run ``task`` in a process of its own and watch its memory."""
    cache = tempfile.mkdtemp(prefix="genlearn-bench-cache-")
    environment = {
        **os.environ,
        "GENLEARN_CACHE": cache,
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    child = subprocess.Popen(
        [sys.executable, __file__, task, str(folder)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, sum(memory(pid) for pid in family(child.pid)))
        time.sleep(0.05)
    shutil.rmtree(cache)
    output = child.stdout.read() if child.stdout else ""
    return {**json.loads(output.splitlines()[-1]), "peak": peak}


def family(pid: int) -> list[int]:
    """``pid`` and its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in family(int(child)))]


def memory(pid: int) -> float:
    """Proportional set size in MiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(
        (int(line.split()[1]) / KIB_PER_MIB for line in lines if line.startswith("Pss:")), 0.0
    )


def main() -> None:
    tasks = {"ours": ours, "imagefolder": imagefolder}
    if len(sys.argv) > 2:
        print(json.dumps(tasks[sys.argv[1]](Path(sys.argv[2]))))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 70_000
    with tempfile.TemporaryDirectory(prefix="genlearn-bench-") as home:
        few, many = Path(home) / "few", Path(home) / "many"
        make_files(few, count // SMALL_SHARE)
        make_files(many, count)
        for folder in (few, many):
            r = measure("ours", folder)
            speed = (
                f"first {r['first']:.2f} s ({r['count'] / r['first']:,.0f} files/s), second"
                f" {r['second']:.2f} s"
            )
            print(f"{r['count']:>7,} files: {speed}, {r['peak']:.0f} MiB")
        r = measure("imagefolder", many)
        print(
            f"{r['count']:>7,} files with datasets: {r['first']:.2f} s, of which reading the folder"
            f" {r['load']:.2f} s, {r['peak']:.0f} MiB"
        )


if __name__ == "__main__":
    main()
