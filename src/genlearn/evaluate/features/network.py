"""The small convolutional network whose penultimate layer is the learned feature space, for images
of 4x4 and up, square or not.

Each axis is halved on its own until four cells are left, so that a picture of 8x64 keeps its short
side. On two CPU cores work at full resolution dominates, so larger pictures are halved, or
quartered, by the first convolution.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

_GRID = 4  # cells along each axis that the dense layer sees, at most
_WIDTH, _WIDEST = 16, 64


class FeatureNet(nn.Module):
    """(B, C, H, W) -> (B, dim): convolutions with batch normalisation, and one dense layer without
    an activation."""

    def __init__(self, shape: tuple[int, ...], dim: int) -> None:
        super().__init__()
        width, stride = _WIDTH, tuple(_first_stride(side) for side in shape[1:])
        layers = _layer(shape[0], width, 3 if max(stride) == 1 else 2 * max(stride) + 1, stride)
        grid = tuple(-(-side // s) for side, s in zip(shape[1:], stride, strict=True))
        while max(grid) > _GRID:
            stride = tuple(2 if side > _GRID else 1 for side in grid)
            layers += _layer(width, min(2 * width, _WIDEST), 3, stride)
            width = min(2 * width, _WIDEST)
            grid = tuple(-(-side // s) for side, s in zip(grid, stride, strict=True))
        self.trunk = nn.Sequential(*layers, *_layer(width, width, 3, (1, 1)))
        self.head = nn.Linear(width * grid[0] * grid[1], dim)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.head(self.trunk(x).flatten(1))
        return y


class Classifier(nn.Module):
    """(B, C, H, W) -> class logits (B, K), linear in the rectified features."""

    def __init__(self, net: FeatureNet, classes: int) -> None:
        super().__init__()
        self.net, self.logits = net, nn.Linear(net.head.out_features, classes)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.logits(F.relu(self.net(x)))
        return y


class Projector(nn.Module):
    """(B, C, H, W) -> unit vectors (B, out): the features behind a small perceptron, which takes up
    what the objective throws away."""

    def __init__(self, net: FeatureNet, out: int) -> None:
        super().__init__()
        self.net, dim = net, net.head.out_features
        self.perceptron = nn.Sequential(
            nn.ReLU(),
            nn.Linear(dim, 2 * dim),
            nn.BatchNorm1d(2 * dim),
            nn.ReLU(),
            nn.Linear(2 * dim, out),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.perceptron(self.net(x)), dim=1)


def _first_stride(side: int) -> int:
    return 1 if side <= 16 else 2 if side <= 64 else 4 * -(-side // 128)


def _layer(a: int, b: int, kernel: int, stride: tuple[int, ...]) -> list[nn.Module]:
    return [
        nn.Conv2d(a, b, kernel, (stride[0], stride[1]), kernel // 2, bias=False),
        nn.BatchNorm2d(b),
        nn.ReLU(),
    ]
