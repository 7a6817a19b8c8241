"""Peers that generate images by diffusion, each driven as its own library drives it, for a given number of core minutes on one thread.

A core minute is a minute of the process's CPU time; choosing the faster arithmetic beforehand, sampling and judging do not count. Every peer has what
helps it: bfloat16 and channels_last where they make it faster (measured first), Adam's fused kernel, images held in memory instead of a data loader,
and at each mark the best of several samplers. Towards each mark a copy goes its own way, whose rate falls linearly to 0 in the last fifth of its time
(Hägele et al. 2024, scaling laws and compute-optimal training beyond fixed training durations), so that the earlier mark is not a run cut short; the
README's recipe has no decay and gets none. What is judged is the moving average of the weights, by `frozen`'s distance, beside which stands the floor
of as many training images.

* ``diffusers``, 0.42.1: a small ``UNet2DModel``; epsilon objective, linear schedule, AdamW, clipping and ``EMAModel`` as its script for unconditional
  training has them, at a tenfold rate and with a shorter warm-up, which serve it better in minutes.
* ``ddpm``: denoising-diffusion-pytorch 2.3.4, a small network; its default objective (v) and schedule (sigmoid), Adam with betas (0.9, 0.99),
  clipping at 1, a higher rate, the moving average at every step.
* ``ddpm-readme``: the same library with the network, rate and averaging of its README; images of 28 x 28 are padded to 32 x 32, which its three
  halvings need.

    pip install -r benchmarks/requirements.txt
    GENLEARN_DATA=... OMP_NUM_THREADS=1 taskset -c 0 python benchmarks/peers.py mnist ddpm 10 30
"""

from __future__ import annotations

import argparse
import copy
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from common import HERE, report
from frozen import Frozen
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import mse_loss, pad

Array = NDArray[Any]
PART = 100  # images sampled at a time
TRIED = 250  # images with which samplers are compared


@dataclass(frozen=True)
class Way:
    """How a network computes."""

    bf16: bool
    channels_last: bool

    def place(self, network: nn.Module) -> nn.Module:
        return network.to(memory_format=torch.channels_last) if self.channels_last else network

    def arithmetic(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.bf16)

    def __str__(self) -> str:
        return f"{'bf16' if self.bf16 else 'fp32'}{', channels_last' if self.channels_last else ''}"


LIBRARY = torch.library.Library("torchvision", "FRAGMENT")
WAYS = [Way(bf16, last) for bf16 in (False, True) for last in (False, True)]


def mend_torchvision() -> None:
    """Both libraries import torchvision without needing it; a build for CUDA loads beside a torch for CPUs only if two operators are declared."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in ("nms", "qnms"):
            LIBRARY.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


class Peer(ABC):
    """One library's model, optimiser and moving average. Images are (B, C, H, W) in [0, 1]."""

    network: nn.Module
    batch: int
    samplers: Sequence[str]
    decay = 0.2  # the last part of the time, in which the rate falls

    @abstractmethod
    def step(self, x: Tensor, rate: float) -> None:
        """One update of the weights at ``rate``, in (0, 1], times the peer's own."""

    @abstractmethod
    def sample(self, n: int, sampler: str) -> Tensor:
        """(n, C, H, W), roughly in [0, 1], drawn with the averaged weights."""

    def copy(self) -> Peer:
        """The same, to go its own way."""
        return copy.deepcopy(self)


class Diffusers(Peer):
    """The recipe of diffusers' examples/unconditional_image_generation, at a tenfold rate and with 100 steps of warm-up for 500."""

    batch, rate, warm_up = 64, 1e-3, 100
    samplers = ("dpm++ 20", "dpm++ clipped 20", "ddim 20")

    def __init__(self, shape: tuple[int, ...], way: Way) -> None:
        from diffusers import DDPMScheduler, UNet2DModel
        from diffusers.training_utils import EMAModel

        blocks = {"down_block_types": ("DownBlock2D",) * 3, "up_block_types": ("UpBlock2D",) * 3, "block_out_channels": (16, 32, 64)}
        self.network = UNet2DModel(shape[1:], shape[0], shape[0], layers_per_block=1, norm_num_groups=8, **blocks)
        self.way, self.shape, self.steps = way, shape, 0
        way.place(self.network)
        self.noise = DDPMScheduler(1000)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=self.rate, betas=(0.95, 0.999), weight_decay=1e-6, fused=True)
        self.average = EMAModel(self.network.parameters(), decay=0.9999, use_ema_warmup=True, power=3 / 4, foreach=True)

    def step(self, x: Tensor, rate: float) -> None:
        eps, t = torch.randn_like(x), torch.randint(0, 1000, (len(x),))
        mse_loss(self.epsilon(self.noise.add_noise(2 * x - 1, eps, t), t), eps).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.steps += 1
        self.optimizer.param_groups[0]["lr"] = self.rate * rate * min(1.0, self.steps / self.warm_up)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.step(self.network.parameters())

    def epsilon(self, x: Tensor, t: Tensor) -> Tensor:
        with self.way.arithmetic():
            noise: Tensor = self.network(x, t, return_dict=False)[0]
        return noise.float()

    @torch.inference_mode()
    def sample(self, n: int, sampler: str) -> Tensor:
        solver = self.solver(sampler)
        self.average.store(self.network.parameters())
        self.average.copy_to(self.network.parameters())
        x = torch.randn(n, *self.shape)
        for t in solver.timesteps:
            x = solver.step(self.epsilon(solver.scale_model_input(x, t), t), t, x).prev_sample
        self.average.restore(self.network.parameters())
        return (x + 1) / 2

    def solver(self, name: str) -> Any:
        from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

        kind, *options, steps = name.split()
        scheduler = DDIMScheduler if kind == "ddim" else DPMSolverMultistepScheduler
        more = {"thresholding": True, "sample_max_value": 1.0} if options else {}
        solver = scheduler.from_config(self.noise.config, timestep_spacing="trailing", **more)
        solver.set_timesteps(int(steps))
        return solver


@dataclass
class Recipe:
    """What a `Lucidrains` is given; ``even`` is the least common divisor of the sides that its halvings need."""

    network: dict[str, Any]
    rate: float
    batch: int
    accumulate: int = 1
    even: int = 4
    decay: float = 0.2
    average: dict[str, Any] = field(default_factory=dict)
    samplers: Sequence[str] = ("ddim 20", "ddim 20 eta 1")


SMALL = Recipe(
    {"dim": 16, "dim_mults": (1, 2, 4), "attn_heads": 2, "attn_dim_head": 16},
    1e-3,
    64,
    average={"beta": 0.9999, "update_every": 1, "use_foreach": True},
)
README = Recipe({"dim": 64, "dim_mults": (1, 2, 4, 8)}, 8e-5, 16, 2, 8, 0.0, {"beta": 0.995, "update_every": 10}, ["ddim 20"])


class Lucidrains(Peer):
    """The loop of denoising-diffusion-pytorch's Trainer, without its folder of images, its flips, which digits do not bear, and its Inception."""

    def __init__(self, shape: tuple[int, ...], way: Way, recipe: Recipe) -> None:
        from denoising_diffusion_pytorch import GaussianDiffusion, Unet
        from ema_pytorch import EMA

        self.margin = [(-side % recipe.even) // 2 for side in shape[:0:-1] for _ in range(2)]
        size = (shape[1] + 2 * self.margin[2], shape[2] + 2 * self.margin[0])
        self.shape, self.way, self.recipe, self.batch, self.samplers = shape, way, recipe, recipe.batch * recipe.accumulate, recipe.samplers
        self.decay = recipe.decay
        self.network = way.place(Unet(**recipe.network, channels=shape[0], flash_attn=False))
        self.diffusion = GaussianDiffusion(self.network, image_size=size, timesteps=1000, sampling_timesteps=250)
        self.optimizer = torch.optim.Adam(self.diffusion.parameters(), lr=recipe.rate, betas=(0.9, 0.99), fused=True)
        self.average = EMA(self.diffusion, **recipe.average)

    def step(self, x: Tensor, rate: float) -> None:
        for part in pad(x, self.margin).split(self.recipe.batch):
            with self.way.arithmetic():
                (self.diffusion(part) / self.recipe.accumulate).backward()
        nn.utils.clip_grad_norm_(self.diffusion.parameters(), 1.0)
        self.optimizer.param_groups[0]["lr"] = self.recipe.rate * rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update()

    def copy(self) -> Peer:
        """By its state, since an EMA has no copies."""
        other = Lucidrains(self.shape, self.way, self.recipe)
        for mine, its in ((self.diffusion, other.diffusion), (self.optimizer, other.optimizer), (self.average, other.average)):
            its.load_state_dict(mine.state_dict())
        return other

    def sample(self, n: int, sampler: str) -> Tensor:
        model, words = self.average.ema_model, sampler.split()
        model.sampling_timesteps, model.ddim_sampling_eta = int(words[1]), float("eta" in words)
        with self.way.arithmetic():
            x: Tensor = model.sample(n).float()
        column, _, row, _ = self.margin
        return x[..., row : x.shape[-2] - row, column : x.shape[-1] - column]


PEERS: dict[str, Callable[[tuple[int, ...], Way], Peer]] = {
    "diffusers": Diffusers,
    "ddpm": lambda shape, way: Lucidrains(shape, way, SMALL),
    "ddpm-readme": lambda shape, way: Lucidrains(shape, way, README),
}


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
    """The run as it stands at each of ``marks``, seconds of CPU time, rising. The time in between does not count."""
    trunk = Run(peer, batches(images, peer.batch))
    for mark in marks:
        trunk.until(mark * (1 - peer.decay))
        yield trunk.annealed(mark) if peer.decay else trunk


def fastest(name: str, images: Tensor, seconds: float) -> tuple[Way, dict[str, float]]:
    """The way in which ``name`` trains most images in ``seconds``, after a step to warm up; and the images per second of each."""
    speeds = {}
    for way in WAYS:
        peer = PEERS[name](tuple(images.shape[1:]), way)
        peer.step(images[: peer.batch], 1.0)
        run = Run(peer, batches(images, peer.batch))
        run.until(seconds)
        speeds[way] = run.seen / run.spent
    return max(speeds, key=speeds.__getitem__), {str(way): round(speed, 1) for way, speed in speeds.items()}


def draw(peer: Peer, n: int, sampler: str, seconds: float) -> tuple[Array, float]:
    """``n`` images, or as many as ``seconds`` of CPU time allow, as users see them, (n, H, W) or (n, H, W, C) uint8; and the images per second."""
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
        tried = {name: frozen.distance(draw(peer, min(TRIED, n), name, seconds)[0]) for name in peer.samplers}
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
    return images, {**figures, "samplers": {name: round(value, 2) for name, value in tried.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", choices=("mnist", "cifar10"))
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("marks", type=float, nargs="+", help="core minutes, rising")
    parser.add_argument("--images", type=int, default=5000, help="sampled at each mark")
    parser.add_argument("--seconds", type=float, default=300.0, help="at most, for sampling them")
    parser.add_argument("--probe", type=float, default=30.0, help="seconds for each way of computing")
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
        head = {"peer": options.peer, "core minutes": round(at.spent / 60, 2), "images": at.seen, "images/s": round(at.seen / at.spent, 1)}
        rows.append({**head, **figures})
        name = f"peers-{options.data}-{options.peer}-{options.marks[-1]:g}"
        np.savez_compressed(HERE / "out" / f"{name}-at-{round(at.spent / 60)}.npz", images=made)
        parameters = sum(p.numel() for p in peer.network.parameters())
        print(f"mark: {rows[-1]}", flush=True)
        report(name, rows, parameters=parameters, batch=peer.batch, way=str(way), ways=speeds)


if __name__ == "__main__":
    main()
