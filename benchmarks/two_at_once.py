"""Two processes at one place at once: one works, the other says so, and nothing is mixed.

Both are started at the same moment, at one run and at one comparison with two seeds, and at one
entry of the cache with the same images. Of a run, weights and manifest must be those of one seed,
as it gives them alone; data is prepared once, and both have it.

    python benchmarks/two_at_once.py --count 50
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kills
import processes
from common import report

FIT = ("fit", "vae", kills.DATA, "--size", "tiny", "--steps", 12, "--save-every", 3, "--out", "out")
COMPARE = (
    *("compare", kills.DATA, "--out", "out", "--size", "tiny", "--samples", 200),
    *("--model", "ppca latent_dim=2", "--model", "vae latent_dim=2 batch_size=16 steps=6"),
)
REFUSED = ("is being written by", "holds another")
Start = Callable[..., Any]


def at_once(commands: list[tuple[object, ...]], folder: Path, start: Start) -> list[Any]:
    """What came of ``commands``, all started at the same moment."""
    gate, opened = os.pipe()
    started = [start(*command, cwd=folder, gate=gate) for command in commands]
    os.write(opened, b"." * len(commands))
    ended = [one.ended() for one in started]
    os.close(gate)
    os.close(opened)
    return ended


def by_two(command: tuple[object, ...], folder: Path, start: Start) -> Callable[[], list[str]]:
    """A try of ``command`` with two seeds, which tells what was wrong."""
    out, alone = folder / "out", []
    for seed in (0, 1):
        shutil.rmtree(out, ignore_errors=True)
        start(*command, "--seed", seed, cwd=folder).ended()
        alone.append(kills.facts(out))

    def one_try() -> list[str]:
        shutil.rmtree(out, ignore_errors=True)
        ended = at_once([(*command, "--seed", seed) for seed in (0, 1)], folder, start)
        wrong = [f"exit {one.code}: {one.said[-300:]}" for one in ended if one.code not in (0, 2)]
        if sorted(one.code for one in ended) != [0, 2]:
            wrong.append(f"exit codes {[one.code for one in ended]}")
        wrong += [
            f"not told: {one.said[-300:]}"
            for one in ended
            if one.code == 2 and not any(words in one.said for words in REFUSED)
        ]
        winner = alone[next((n for n, one in enumerate(ended) if one.code == 0), 0)]
        return wrong + kills.differences(winner, kills.facts(out))

    return one_try


def one_entry(folder: Path, start: Start) -> Callable[[], list[str]]:
    """A try of two that need the same images, none of which are prepared."""
    from PIL import Image

    cache, images = Path(os.environ["GENLEARN_CACHE"]), folder / "images"
    images.mkdir()
    for number in range(60):
        Image.new("RGB", (24, 24), (number, 2 * number, 9)).save(images / f"{number:02d}.png")

    def one_try() -> list[str]:
        shutil.rmtree(cache, ignore_errors=True)
        ended = at_once(2 * [("inspect", "images")], folder, start)
        wrong = [f"exit {one.code}: {one.said[-300:]}" for one in ended if one.code]
        if sum(one.said.count("preparing") for one in ended) != 1:
            wrong.append("not prepared once")
        left = sorted(path.name for path in (cache / "prepared").iterdir())
        return wrong + ([] if len(left) == 1 else [f"in the cache: {', '.join(left)}"])

    return one_try


def tries(count: int, folder: Path, start: Start, names: list[str]) -> list[dict[str, Any]]:
    """``count`` tries of each; a row for each."""
    rows = []
    for name in names:
        place = folder / name
        place.mkdir()
        kills.write_data(place)
        commands = {"run": FIT, "comparison": COMPARE}
        asked = commands.get(name)
        one_try = by_two(asked, place, start) if asked else one_entry(place, start)
        trouble = [said for _ in range(count) if (said := one_try())]
        shown = ", ".join(trouble[0])[:500] if trouble else ""
        right = count - len(trouble)
        rows.append({"place": name, "tries": count, "right": right, "trouble": shown})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--only", nargs="*", default=["run", "comparison", "entry"])
    asked = parser.parse_args()
    processes.load()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLEARN_CACHE"] = str(Path(folder) / "cache")
        rows = tries(asked.count, Path(folder), processes.start, asked.only)
    report("two_at_once", rows)
    raise SystemExit(any(row["right"] < row["tries"] for row in rows))


if __name__ == "__main__":
    main()
