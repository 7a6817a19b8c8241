"""What watching costs: a training with its page open in a browser beside the same with nobody
there, and how late a report is seen.

    OMP_NUM_THREADS=1 python benchmarks/studio_watch.py [pairs] [steps]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from common import report
from playwright.sync_api import Page, sync_playwright

from genlearn.engine.runs.metrics_log import read_lines
from genlearn.studio.library.places import id_of

_SEEN = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const found = document.getElementById("progress-words").textContent.match(/step ([\\d,]+)/);
    if (found) window.seen.push([Number(found[1].replaceAll(",", "")), Date.now()]);
  }).observe(document.getElementById("progress-words"), { childList: true, characterData: true });
}"""


def main(pairs: int = 3, steps: int = 1500) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as place, _studio(Path(place)) as link, _browser() as tab:
        tab.goto(link)
        tab.goto("about:blank")
        for pair in range(pairs):
            alone, _ = _trained(Path(place), steps, None, link)
            watched, late = _trained(Path(place), steps, tab, link)
            rows.append(
                {
                    "pair": pair,
                    "alone, s": alone,
                    "watched, s": watched,
                    "ratio": watched / alone,
                    "seen after, s (median)": float(np.median(late)),
                    "seen after, s (99 %)": float(np.quantile(late, 0.99)),
                }
            )
    report("studio_watch", rows, steps=steps)
    print(f"\nratio {np.mean([row['ratio'] for row in rows]):.3f}")


def _trained(folder: Path, steps: int, tab: Page | None, link: str) -> tuple[float, list[float]]:
    """Seconds of a training's own clock, and how late each report was seen in ``tab``."""
    place = folder / "runs" / "vae"
    shutil.rmtree(place, ignore_errors=True)
    command = [sys.executable, "-m", "genlearn", "fit", "vae", "digits", "--steps", str(steps)]
    command += ["--out", "runs/vae", "--size", "small"]
    written: dict[int, float] = {}
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as training:
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(place, written, stop))
        while not (place / "manifest.json").exists() and training.poll() is None:
            time.sleep(0.05)
        watcher.start()
        if tab:
            time.sleep(1.1)
            tab.goto(f"{link.split('/login', maxsplit=1)[0]}/runs/{id_of('runs/vae')}")
            tab.evaluate(_SEEN)
        training.wait()
        time.sleep(1)
        stop.set()
        watcher.join()
    late = []
    if tab:
        seen: list[list[float]] = tab.evaluate("window.seen")
        tab.goto("about:blank")
        late = [at / 1000 - written[int(step)] for step, at in seen[1:] if int(step) in written]
    lines = read_lines(place)
    return lines[-1]["seconds"] - lines[0]["seconds"], late


def _watch(place: Path, written: dict[int, float], stop: threading.Event) -> None:
    """Note when each report was written."""
    size = 0
    while not stop.wait(0.02):
        file = place / "metrics.jsonl"
        if file.exists() and file.stat().st_size != size:
            size = file.stat().st_size
            for line in read_lines(place)[-3:]:
                written.setdefault(line["step"], file.stat().st_mtime)


@contextmanager
def _studio(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "genlearn", "studio", str(folder), "--port", "0"]
    with subprocess.Popen(
        [*command, "--no-browser"], stderr=subprocess.PIPE, text=True, env=os.environ
    ) as server:
        assert server.stderr
        yield next(line.split()[-1] for line in server.stderr if "token=" in line)
        server.terminate()


@contextmanager
def _browser() -> Iterator[Page]:
    with sync_playwright() as p:
        chromium = shutil.which("chromium")
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
