"""Exploring in the studio: how soon a map of 50,000 points is there, how fast it moves, and how
many images a second follow a pointer that is dragged over it, in Chromium and over HTTP.

A tiny VAE learns MNIST for a minute with one thread; its map is made; then the studio is started
anew, so that nothing is warm but what lies on the disk.

    GENLEARN_DATA=... OMP_NUM_THREADS=1 python benchmarks/studio_explore.py [minutes]
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import report
from playwright.sync_api import Page, sync_playwright

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions

SECONDS = 5  # that each speed is measured for
READY = "#map[data-ready]"
# A pointer that goes in circles, one step a frame, over a map whose pointers are not captured.
CIRCLE = """
async (seconds) => {
  const map = document.getElementById("map");
  map.setPointerCapture = () => {};
  const { left, top, width, height } = map.getBoundingClientRect();
  const send = (kind, turn) => {
    const clientX = left + width * (0.5 + 0.2 * Math.cos(turn));
    const clientY = top + height * (0.5 + 0.2 * Math.sin(turn));
    map.dispatchEvent(new PointerEvent(kind, { pointerId: 1, bubbles: true, clientX, clientY }));
  };
  performance.setResourceTimingBufferSize(10000);
  performance.clearResourceTimings();
  const frames = [];
  const begun = performance.now();
  send("pointerdown", 0);
  for (let last = begun; last - begun < 1000 * seconds;) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
    send("pointermove", (now - begun) / 400);
  }
  send("pointerup", 0);
  const asked = performance.getEntriesByType("resource");
  const images = asked.filter((one) => one.name.includes("/explore/at?")).length;
  frames.sort((a, b) => a - b);
  const slow = frames[Math.floor(0.95 * frames.length)];
  return { frames: frames.length / seconds, slow, images: images / seconds };
}
"""
PAINTED = """
() => new Promise((done) => {
  const painted = () => requestAnimationFrame(() => done(performance.now()));
  const look = () => document.querySelector("#map[data-ready]")
    ? requestAnimationFrame(painted) : setTimeout(look, 5);
  look();
})
"""


def main(minutes: float) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        model = gl.create("vae", size="tiny", latent_dim=16, budget=f"{60 * minutes:.0f}s")
        model.fit("mnist", out=folder / "runs" / "vae", options=RunOptions(source="mnist"))
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            with studio(folder) as link:
                page = chromium.new_page()
                begun = time.perf_counter()
                page.goto(explored(page, link))
                page.wait_for_selector(READY, timeout=600_000)
                making = time.perf_counter() - begun
            with studio(folder) as link:
                page = chromium.new_page(viewport={"width": 1280, "height": 900})
                rows = measured(page, explored(page, link))
            chromium.close()
    report(
        "studio_explore",
        [{"what": "map made, once (s)", "figure": making}, *rows],
        load=os.getloadavg(),
        minutes=minutes,
    )
    print("load of the machine:", os.getloadavg())


def measured(page: Page, address: str) -> list[dict[str, Any]]:
    """Of a page that is opened for the first time since the studio began, and once more."""
    rows = []
    for when in ("first time", "again"):
        page.goto(address, wait_until="commit")
        rows.append(
            {"what": f"50,000 points painted, {when} (s)", "figure": page.evaluate(PAINTED) / 1000}
        )
    page.wait_for_timeout(2000)
    moved = page.evaluate(CIRCLE, SECONDS)
    page.evaluate("document.querySelector('[name=tool][value=decode]').click()")
    dragged = page.evaluate(CIRCLE, SECONDS)
    return [
        *rows,
        {"what": "frames a second, panning", "figure": moved["frames"]},
        {"what": "95 % of frames within, panning (ms)", "figure": moved["slow"]},
        {"what": "images a second, dragging", "figure": dragged["images"]},
        {"what": "frames a second, dragging", "figure": dragged["frames"]},
    ]


def explored(page: Page, link: str) -> str:
    """The address of the page of the only run, after its owner has come in by ``link``."""
    page.goto(link)
    run = page.locator(".card a").first.get_attribute("href")
    return f"{link.partition('/login')[0]}{run}/explore"


@contextmanager
def studio(folder: Path) -> Iterator[str]:
    """A studio of ``folder`` as a process; the link that lets its owner in."""
    command = [
        sys.executable,
        "-m",
        "genlearn",
        "studio",
        str(folder),
        "--no-browser",
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        yield next(word for word in process.stderr.readline().split() if "token=" in word)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
