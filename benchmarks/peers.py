"""Peers that generate images, each driven as its own library drives it, for a given number of core
minutes on one thread.

A core minute is a minute of the process's CPU time; choosing the faster arithmetic beforehand,
sampling and judging do not count. Every peer has what helps it: bfloat16 and channels_last where
they make it faster (measured first), Adam's fused kernel, images held in memory instead of a data
loader, and at each mark the best of several samplers. Towards each mark a copy goes its own way,
whose rate falls linearly to 0 in the last fifth of its time (Hägele et al. 2024, scaling laws and
compute-optimal training beyond fixed training durations), so that the earlier mark is not a run cut
short; the README's recipe has no decay and gets none. What is judged is the moving average of the
weights, by `frozen`'s distance, beside which stands the floor of as many training images.

* ``diffusers``, 0.42.1: a small ``UNet2DModel``; epsilon objective, linear schedule, AdamW,
clipping and ``EMAModel`` as its script for unconditional
  training has them, at a tenfold rate and with a shorter warm-up, which serve it better in minutes.
* ``ddpm``: denoising-diffusion-pytorch 2.3.4, a small network; its default objective (v) and
schedule (sigmoid), Adam with betas (0.9, 0.99),
  clipping at 1, a higher rate, the moving average at every step.
* ``dcgan``: the network and recipe of PyTorch's examples/dcgan (64 channels, batches of 64, Adam
2e-4, beta1 0.5, no averaging or decay), on 32 x 32
  images where it has 64 x 64: one stage less, which saves it nine tenths of the work.
* ``ddpm-readme``: the same library with the network, rate and averaging of its README; images of 28
x 28 are padded to 32 x 32, which its three
  halvings need.

    pip install -r benchmarks/requirements.txt
    GENLEARN_DATA=... OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/peers.py mnist ddpm 10 30
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from common import HERE, report
from contenders import PEERS
from frozen import Frozen
from numpy.typing import NDArray
from peer import WAYS, Peer, Way, mend_torchvision
from torch import Tensor

Array = NDArray[Any]
PART = 100  # images sampled at a time
TRIED = 250  # images with which samplers are compared


def in_memory(values: Array) -> Tensor:
    """(n, H, W) or (n, H, W, C), uint8, to (n, C, H, W) in [0, 1]."""
    images = torch.from_numpy(np.array(values)).float() / 255
    return images[:, None] if images.ndim == 3 else images.movedim(-1, 1).contiguous()


def batches(images: Tensor, size: int) -> Iterator[Tensor]:
    """Epochs in random order, without end."""
    while True:
        for rows in torch.randperm(len(images)).split(size):
            yield images[rows]


@dataclass
class Run:
    """A peer on its way: seconds of CPU time that it has spent, and images that it has seen."""

    peer: Peer
    parts: Iterator[Tensor]
    spent: float = 0.0
    seen: int = 0

    def until(self, end: float, rate: Callable[[float], float] = lambda spent: 1.0) -> None:
        """Train until ``end`` seconds are spent, at the rates of ``rate(seconds spent)``."""
        start = time.process_time() - self.spent
        while self.spent < end:
            x = next(self.parts)
            self.peer.step(x, rate(self.spent))
            self.seen, self.spent = self.seen + len(x), time.process_time() - start

    def annealed(self, mark: float) -> Run:
        """A copy that has come to ``mark`` with a rate that fell linearly to 0 from here on."""
        branch = Run(self.peer.copy(), self.parts, self.spent, self.seen)
        start = self.spent
        branch.until(mark, lambda spent: (mark - spent) / (mark - start))
        return branch


def train(peer: Peer, images: Tensor, marks: Sequence[float]) -> Iterator[Run]:
    """The run as it stands at each of ``marks``, seconds of CPU time, rising. The time in between
    does not count."""
    trunk = Run(peer, batches(images, peer.batch))
    for mark in marks:
        trunk.until(mark * (1 - peer.decay))
        yield trunk.annealed(mark) if peer.decay else trunk


def fastest(name: str, images: Tensor, seconds: float) -> tuple[Way, dict[str, float]]:
    """The way in which ``name`` trains most images in ``seconds``, after a step to warm up; and the
    images per second of each."""
    speeds = {}
    for way in WAYS:
        peer = PEERS[name](tuple(images.shape[1:]), way)
        peer.step(images[: peer.batch], 1.0)
        run = Run(peer, batches(images, peer.batch))
        run.until(seconds)
        speeds[way] = run.seen / run.spent
    return max(speeds, key=speeds.__getitem__), {
        str(way): round(speed, 1) for way, speed in speeds.items()
    }


def draw(peer: Peer, n: int, sampler: str, seconds: float) -> tuple[Array, float]:
    """``n`` images, or as many as ``seconds`` of CPU time allow, as users see them, (n, H, W) or
    (n, H, W, C) uint8; and the images per second."""
    parts, start, size = [], time.process_time(), min(n, PART)
    while len(parts) * size < n and (not parts or time.process_time() - start < seconds):
        parts.append((255 * peer.sample(size, sampler).clamp(0, 1)).round().byte())
    images = torch.cat(parts).movedim(1, -1).numpy()
    speed = len(images) / (time.process_time() - start)
    return images[..., 0] if images.shape[-1] == 1 else images, speed


def judged(peer: Peer, frozen: Frozen, n: int, seconds: float) -> tuple[Array, dict[str, Any]]:
    """Images of the sampler that does best with `TRIED`, and how good they are."""
    tried = {}
    if len(peer.samplers) > 1:
        tried = {
            name: frozen.distance(draw(peer, min(TRIED, n), name, seconds)[0])
            for name in peer.samplers
        }
    sampler = min(tried, key=tried.__getitem__) if tried else peer.samplers[0]
    images, speed = draw(peer, n, sampler, seconds)
    distance, floor = frozen.distance(images), frozen.floor(len(images))
    figures = {
        "sampler": sampler,
        "samples/s": round(speed, 2),
        "n": len(images),
        "distance": distance,
        "floor": floor,
        "distance/floor": distance / floor,
    }
    figures |= frozen.coverage(images)
    return images, {**figures, "samplers": {name: round(value, 2) for name, value in tried.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", choices=("mnist", "cifar10"))
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("marks", type=float, nargs="+", help="core minutes, rising")
    parser.add_argument("--images", type=int, default=5000, help="sampled at each mark")
    parser.add_argument("--seconds", type=float, default=300.0, help="at most, for sampling them")
    parser.add_argument(
        "--probe", type=float, default=30.0, help="seconds for each way of computing"
    )
    run(parser.parse_args())


def run(options: argparse.Namespace) -> None:
    mend_torchvision()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    frozen = Frozen(options.data)
    images = in_memory(frozen.train.values)
    way, speeds = fastest(options.peer, images, options.probe)
    print(f"{options.peer}: {speeds}", flush=True)
    torch.manual_seed(0)
    peer = PEERS[options.peer](tuple(images.shape[1:]), way)
    rows = []
    for at in train(peer, images, [60 * mark for mark in options.marks]):
        made, figures = judged(at.peer, frozen, options.images, options.seconds)
        head = {
            "peer": options.peer,
            "core minutes": round(at.spent / 60, 2),
            "images": at.seen,
            "images/s": round(at.seen / at.spent, 1),
        }
        rows.append({**head, **figures})
        name = f"peers-{options.data}-{options.peer}-{options.marks[-1]:g}"
        np.savez_compressed(HERE / "out" / f"{name}-at-{round(at.spent / 60)}.npz", images=made)
        parameters = sum(p.numel() for p in peer.network.parameters())
        print(f"mark: {rows[-1]}", flush=True)
        report(name, rows, parameters=parameters, batch=peer.batch, way=str(way), ways=speeds)


if __name__ == "__main__":
    main()
