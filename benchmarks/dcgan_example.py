"""A peer: the DCGAN of PyTorch's examples."""

from __future__ import annotations

import torch
from peer import Peer, Way
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, pad


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
