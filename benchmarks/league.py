"""The league: which family, ours or a peer's, makes what of so many minutes of one core.

A *cell* is one training: data, contender, minutes, seed. It has one thread, its time by the clock
of a core to itself, and leaves its images in ``out/league/``; cells that are there are not trained
again, so a league grows over many runs. All images of one data set are judged by one judge that no
contender knows: the classifier of `frozen` on MNIST and CIFAR-10, and on the emoji, which have no
classes, features learned as those of a scoreboard.

    python benchmarks/league.py run mnist --minutes 1 4 --seeds 3 [--processes 2] [--only flow ...]
    python benchmarks/league.py table mnist                     # mean and interval over seeds
    python benchmarks/league.py picture mnist cifar10 emoji     # docs/league.svg

    pip install -r benchmarks/requirements.txt && pip install --no-deps pythae==0.1.2
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from common import HERE, machine, report
from contenders import PEERS
from numpy.typing import NDArray
from scipy.stats import t as student

import genlearn as gl
from genlearn.core.params import params_of
from genlearn.core.registry import find
from genlearn.data import open_data

Array = NDArray[Any]
Trained = tuple[float, Callable[[], Array]]  # core seconds, and how its images are drawn
FOLDER = HERE / "out" / "league"
N = 2000  # images of each cell
SIDE = 32  # of emoji
DRAWING = 300.0  # seconds at most in which a peer draws its images
OURS = (
    "ppca", "gmm", "vae", "vqvae", "gan", "dcgan", "progan", "stylegan", "r3gan", "ddpm", "edm",
    "flow", "latent", "distill",
)  # fmt: skip
THEIRS = {
    "PyTorch's DCGAN example": "dcgan",
    "denoising-diffusion-pytorch": "ddpm",
    "diffusers": "diffusers",
    "pythae's VAE": "pythae",
}


@dataclass(frozen=True)
class Cell:
    """One training."""

    data: str
    contender: str
    minutes: float
    seed: int

    @property
    def path(self) -> Path:
        name = "".join(c if c.isalnum() else "-" for c in self.contender)
        return FOLDER / f"{self.data}-{name}-{self.minutes:g}-{self.seed}.npz"

    @property
    def takes_time(self) -> bool:
        """Whether its minutes change anything."""
        return self.contender in THEIRS or "budget" in params_of(find(self.contender))


class Judge(Protocol):
    def distance(self, images: Array) -> float: ...

    def floor(self, n: int) -> float: ...


def opened(name: str) -> Any:
    """The images alone, without classes and captions, which the peers are not told either."""
    how: dict[str, Any] = {"resolution": SIDE} if name == "emoji" else {"split": "train"}
    return open_data(np.asarray(open_data(name, **how).values))


class LearnedFeatures:
    """Frechet distances by features that are learned from the data."""

    def __init__(self, data: Any) -> None:
        from genlearn.evaluate.features.learned_network import LearnedExtractor
        from genlearn.evaluate.metrics.frechet import frechet

        rows = np.random.default_rng(0).permutation(len(data))
        self.ours, others = (data.take(np.sort(half)) for half in np.split(rows, [len(data) // 2]))
        self.extractor = LearnedExtractor.fit(data, 0, 240.0, lambda note: None)
        self.real, self._frechet = self.extractor(others.values), frechet

    def distance(self, images: Array) -> float:
        """To half of the data."""
        return float(self._frechet(self.real, self.extractor(images)))

    def floor(self, n: int) -> float:
        """Of the other half."""
        return self.distance(self.ours.values[:n])


def judge_of(data: str) -> Judge:
    if data == "emoji":
        return LearnedFeatures(opened(data))
    from frozen import Frozen

    return Frozen(data)


def train(cell: Cell) -> None:
    """One cell, in a process of its own."""
    torch.set_num_threads(1)
    data = opened(cell.data)
    spent, draw = _theirs(cell, data) if cell.contender in THEIRS else _ours(cell, data)
    start = time.process_time()
    images = draw()
    rate = len(images) / (time.process_time() - start)
    FOLDER.mkdir(parents=True, exist_ok=True)
    about = {"core minutes": spent / 60, "images/s": rate, "machine": machine()}
    np.savez_compressed(cell.path, images=images, about=json.dumps(about))


def _ours(cell: Cell, data: Any) -> Trained:
    timed = {"budget": f"{cell.minutes * 60:g}s"} if cell.takes_time else {}
    start = time.process_time()
    model: Any = gl.create(cell.contender, seed=cell.seed, **timed).fit(data, progress=False)
    return time.process_time() - start, lambda: np.asarray(model.sample(N, seed=1))


def _theirs(cell: Cell, data: Any) -> Trained:
    from peer import mend_torchvision
    from peers import Run, batches, draw, fastest, in_memory

    name, images, seconds = THEIRS[cell.contender], in_memory(data.values), cell.minutes * 60
    if name == "pythae":
        from versus_pythae import train_pythae

        trained = train_pythae("vae", images, seconds, cell.seed)
        return trained.seconds, lambda: _bytes(trained.sample(N))
    mend_torchvision()
    way, _ = fastest(name, images, 5.0)
    torch.manual_seed(cell.seed)
    peer = PEERS[name](tuple(images.shape[1:]), way)
    run = Run(peer, batches(images, peer.batch))
    run.until(seconds * (1 - peer.decay))
    run = run.annealed(seconds) if peer.decay else run
    return run.spent, lambda: draw(run.peer, N, run.peer.samplers[0], DRAWING)[0]


def _bytes(images: torch.Tensor) -> Array:
    """(n, C, H, W) in [0, 1] as users see them."""
    values = (255 * images.clamp(0, 1)).round().byte().movedim(1, -1).numpy()
    return np.asarray(values[..., 0] if values.shape[-1] == 1 else values)


def run(asked: argparse.Namespace) -> None:
    """All cells that are not there, so many at a time."""
    cells = [
        Cell(asked.data[0], name, minutes, seed)
        for seed in range(asked.seeds)
        for minutes in asked.minutes
        for name in asked.only or [*OURS, *THEIRS]
    ]
    once = {}
    for cell in cells:  # what takes no time is trained once for each seed
        once.setdefault(cell if cell.takes_time else (cell.contender, cell.seed), cell)
    missing = [cell for cell in once.values() if not cell.path.exists()]
    with ThreadPoolExecutor(asked.processes) as pool:
        for cell, why in zip(missing, pool.map(_spawned, missing), strict=True):
            print(f"{cell.path.stem}: {why or 'done'}", flush=True)


def _spawned(cell: Cell) -> str:
    """The last line that it left, where it failed."""
    told = [cell.data, cell.contender, str(cell.minutes), str(cell.seed)]
    done = subprocess.run(
        [sys.executable, __file__, "cell", *told],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def judged(data: str) -> Iterator[dict[str, Any]]:
    """A row for each contender and time, best first in each time."""
    judge, found = judge_of(data), defaultdict(list)
    for name in [*OURS, *THEIRS]:
        stem = Cell(data, name, 0, 0).path.name.removesuffix("-0-0.npz")
        for path in sorted(FOLDER.glob(f"{stem}-*-*.npz")):
            minutes = float(path.stem.removeprefix(f"{stem}-").split("-")[0])
            kept = np.load(path)
            found[minutes, name].append(
                (judge.distance(kept["images"]), json.loads(str(kept["about"])))
            )
    rows = []
    for (minutes, name), cells in found.items():
        mean, half = interval([distance for distance, _ in cells])
        rows.append(
            {
                "minutes": minutes,
                "contender": name,
                "distance": mean,
                "+-": half,
                "seeds": len(cells),
                "core minutes": float(np.mean([about["core minutes"] for _, about in cells])),
                "images/s": float(np.mean([about["images/s"] for _, about in cells])),
                "floor": judge.floor(N),
            }
        )
    yield from sorted(rows, key=lambda row: (row["minutes"], row["distance"]))


def interval(values: list[float]) -> tuple[float, float]:
    """The mean, and half the width of its interval of 95 % by Student's t."""
    if len(values) < 2:
        return float(np.mean(values)), math.nan
    half = student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
    return float(np.mean(values)), float(half)


def picture(names: list[str]) -> None:
    """Distances of all contenders in the tables, the best above, with their intervals; peers are
    hollow."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.hashsalt": "league", "font.size": 9})
    figure, axes = plt.subplots(1, len(names), figsize=(4.3 * len(names), 4.6), squeeze=False)
    for axis, data in zip(axes[0], names, strict=True):
        rows = json.loads((HERE / "out" / f"league-{data}.json").read_text())["rows"]
        best: dict[str, float] = {}
        for row in rows:
            best[row["contender"]] = min(best.get(row["contender"], math.inf), row["distance"])
        order = sorted(best, key=best.__getitem__, reverse=True)
        times = sorted({row["minutes"] for row in rows})
        for shade, minutes in enumerate(times):
            axis.plot([], [], "o", color=f"C{shade}", label=f"{minutes:g} min")
            for row in (row for row in rows if row["minutes"] == minutes):
                _mark(axis, row, order.index(row["contender"]), f"C{shade}")
        if len(times) > 1:
            axis.legend(loc="lower left", frameon=False)
        axis.axvline(rows[0]["floor"], color="grey", linewidth=0.8)
        axis.set_yticks(range(len(order)), order)
        axis.set(xscale="log", xlabel="Fréchet distance (line: real images)", title=data)
        axis.grid(axis="x", color="0.9")
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(axis="y", length=0)
    figure.tight_layout()
    figure.savefig(HERE.parent / "docs" / "league.svg", metadata={"Date": None})


def _mark(axis: Any, row: dict[str, Any], place: int, color: str) -> None:
    """A dot with its interval, which a logarithmic axis cannot show below zero."""
    half, distance = 0 if math.isnan(row["+-"]) else row["+-"], row["distance"]
    ends = [[min(half, 0.9 * distance)], [half]]
    face = "white" if row["contender"] in THEIRS else color
    axis.errorbar(distance, place, xerr=ends, fmt="o", color=color, mfc=face, capsize=2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("run", "table", "picture", "cell"))
    parser.add_argument("data", nargs="+")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 4.0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="+")
    asked = parser.parse_args()
    if asked.what == "cell":
        data, name, minutes, seed = asked.data
        train(Cell(data, name, float(minutes), int(seed)))
    elif asked.what == "run":
        run(asked)
    elif asked.what == "table":
        print(machine())
        report(f"league-{asked.data[0]}", list(judged(asked.data[0])))
    else:
        picture(asked.data)


if __name__ == "__main__":
    main()
