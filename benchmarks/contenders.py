"""The peers that `peers` trains, each with its own library's objective, optimiser, moving average
and samplers."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss, pad


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
    """Both libraries import torchvision without needing it; a build for CUDA loads beside a torch
    for CPUs only if two operators are declared."""
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
    """The recipe of diffusers' examples/unconditional_image_generation, at a tenfold rate and with
    100 steps of warm-up for 500."""

    batch, rate, warm_up = 64, 1e-3, 100
    samplers = ("dpm++ 20", "dpm++ clipped 20", "ddim 20")

    def __init__(self, shape: tuple[int, ...], way: Way) -> None:
        from diffusers import DDPMScheduler, UNet2DModel
        from diffusers.training_utils import EMAModel

        blocks = {
            "down_block_types": ("DownBlock2D",) * 3,
            "up_block_types": ("UpBlock2D",) * 3,
            "block_out_channels": (16, 32, 64),
        }
        self.network = UNet2DModel(
            shape[1:], shape[0], shape[0], layers_per_block=1, norm_num_groups=8, **blocks
        )
        self.way, self.shape, self.steps = way, shape, 0
        way.place(self.network)
        self.noise = DDPMScheduler(1000)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=self.rate,
            betas=(0.95, 0.999),
            weight_decay=1e-6,
            fused=True,
        )
        self.average = EMAModel(
            self.network.parameters(), decay=0.9999, use_ema_warmup=True, power=3 / 4, foreach=True
        )

    def step(self, x: Tensor, rate: float) -> None:
        eps, t = torch.randn_like(x), torch.randint(0, 1000, (len(x),))
        mse_loss(self.epsilon(self.noise.add_noise(2 * x - 1, eps, t), t), eps).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.steps += 1
        self.optimizer.param_groups[0]["lr"] = (
            self.rate * rate * min(1.0, self.steps / self.warm_up)
        )
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
    """What a `Lucidrains` is given; ``even`` is the least common divisor of the sides that its
    halvings need."""

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
README = Recipe(
    {"dim": 64, "dim_mults": (1, 2, 4, 8)},
    8e-5,
    16,
    2,
    8,
    0.0,
    {"beta": 0.995, "update_every": 10},
    ["ddim 20"],
)


class Lucidrains(Peer):
    """The loop of denoising-diffusion-pytorch's Trainer, without its folder of images, its flips,
    which digits do not bear, and its Inception."""

    def __init__(self, shape: tuple[int, ...], way: Way, recipe: Recipe) -> None:
        from denoising_diffusion_pytorch import GaussianDiffusion, Unet
        from ema_pytorch import EMA

        self.margin = [(-side % recipe.even) // 2 for side in shape[:0:-1] for _ in range(2)]
        size = (shape[1] + 2 * self.margin[2], shape[2] + 2 * self.margin[0])
        self.shape = shape
        self.way = way
        self.recipe = recipe
        self.batch = recipe.batch * recipe.accumulate
        self.samplers = recipe.samplers
        self.decay = recipe.decay
        self.network = way.place(Unet(**recipe.network, channels=shape[0], flash_attn=False))
        self.diffusion = GaussianDiffusion(
            self.network, image_size=size, timesteps=1000, sampling_timesteps=250
        )
        self.optimizer = torch.optim.Adam(
            self.diffusion.parameters(), lr=recipe.rate, betas=(0.9, 0.99), fused=True
        )
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
        for mine, its in (
            (self.diffusion, other.diffusion),
            (self.optimizer, other.optimizer),
            (self.average, other.average),
        ):
            its.load_state_dict(mine.state_dict())
        return other

    def sample(self, n: int, sampler: str) -> Tensor:
        model, words = self.average.ema_model, sampler.split()
        model.sampling_timesteps, model.ddim_sampling_eta = int(words[1]), float("eta" in words)
        with self.way.arithmetic():
            x: Tensor = model.sample(n).float()
        column, _, row, _ = self.margin
        return x[..., row : x.shape[-2] - row, column : x.shape[-1] - column]


class DCGAN(Peer):
    """The recipe of pytorch/examples/dcgan: its loss, rates and initial weights; images of 28 x 28
    are padded to 32 x 32."""

    batch, decay = 64, 0.0
    samplers = ("statistics of the batch", "running statistics")

    def __init__(self, shape: tuple[int, ...], way: Way) -> None:
        self.way, self.margin = way, [(32 - side) // 2 for side in shape[:0:-1] for _ in range(2)]
        self.network = way.place(self.generator(shape[0]))
        self.critic = way.place(self.discriminator(shape[0]))
        for layer in [*self.network.modules(), *self.critic.modules()]:
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.normal_(layer.weight, 0.0, 0.02)
            elif isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.weight, 1.0, 0.02)
        self.optimizers = [
            torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
            for net in (self.critic, self.network)
        ]

    @staticmethod
    def generator(channels: int, noise: int = 100, width: int = 64) -> nn.Module:
        layers: list[nn.Module] = [
            nn.ConvTranspose2d(noise, 4 * width, 4, 1, 0, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.ReLU(),
        ]
        for factor in (2, 1):
            layers += [
                nn.ConvTranspose2d(2 * factor * width, factor * width, 4, 2, 1, bias=False),
                nn.BatchNorm2d(factor * width),
                nn.ReLU(),
            ]
        return nn.Sequential(
            *layers, nn.ConvTranspose2d(width, channels, 4, 2, 1, bias=False), nn.Tanh()
        )

    @staticmethod
    def discriminator(channels: int, width: int = 64) -> nn.Module:
        layers: list[nn.Module] = [
            nn.Conv2d(channels, width, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2),
        ]
        for factor in (2, 4):
            layers += [
                nn.Conv2d(factor // 2 * width, factor * width, 4, 2, 1, bias=False),
                nn.BatchNorm2d(factor * width),
                nn.LeakyReLU(0.2),
            ]
        return nn.Sequential(*layers, nn.Conv2d(4 * width, 1, 4, 1, 0, bias=False), nn.Flatten(0))

    def step(self, x: Tensor, rate: float) -> None:
        fake = self.made(torch.randn(len(x), 100, 1, 1))
        for optimizer, judged in (
            (
                self.optimizers[0],
                [(pad(2 * x - 1, self.margin, value=-1.0), 1.0), (fake.detach(), 0.0)],
            ),
            (self.optimizers[1], [(fake, 1.0)]),
        ):
            optimizer.zero_grad()
            for images, answer in judged:
                with self.way.arithmetic():
                    logits = self.critic(images).float()
                binary_cross_entropy_with_logits(logits, torch.full_like(logits, answer)).backward()
            optimizer.step()

    def made(self, z: Tensor) -> Tensor:
        with self.way.arithmetic():
            images: Tensor = self.network(z)
        return images.float()

    @torch.no_grad()
    def sample(self, n: int, sampler: str) -> Tensor:
        self.network.train(sampler == "statistics of the batch")
        column, _, row, _ = self.margin
        x = self.made(torch.randn(n, 100, 1, 1))
        self.network.train()
        return (x[..., row : x.shape[-2] - row, column : x.shape[-1] - column] + 1) / 2


PEERS: dict[str, Callable[[tuple[int, ...], Way], Peer]] = {
    "diffusers": Diffusers,
    "dcgan": DCGAN,
    "ddpm": lambda shape, way: Lucidrains(shape, way, SMALL),
    "ddpm-readme": lambda shape, way: Lucidrains(shape, way, README),
}
