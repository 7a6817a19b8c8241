"""The peers that `peers` trains, each with its own library's objective, optimiser, moving average
and samplers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from dcgan_example import DCGAN
from peer import Peer, Way
from torch import Tensor, nn
from torch.nn.functional import mse_loss, pad


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


PEERS: dict[str, Callable[[tuple[int, ...], Way], Peer]] = {
    "diffusers": Diffusers,
    "dcgan": DCGAN,
    "ddpm": lambda shape, way: Lucidrains(shape, way, SMALL),
    "ddpm-readme": lambda shape, way: Lucidrains(shape, way, README),
}
