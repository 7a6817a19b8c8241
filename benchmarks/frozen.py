"""A yardstick that no contender knows: the Fréchet distance on 128 features of one small
classifier, trained on the labelled training images and frozen.

The classifier is trained once for each data set (a minute or two), from a fixed seed, and kept in
``out/``; beside every distance stands the floor, what the training images themselves score against
the test images. Distances of other classifiers are other numbers.

    python benchmarks/frozen.py mnist
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from common import HERE
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from genlearn.core.seeding import seeded
from genlearn.data import open_data
from genlearn.evaluate.metrics.frechet import frechet
from genlearn.evaluate.metrics.prdc import prdc

Array = NDArray[Any]
EPOCHS = {"mnist": 3, "cifar10": 10}


class Classifier(nn.Module):
    """Images (B, C, H, W) in [-1, 1] to 10 classes by way of 128 features."""

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        sizes = (channels, 32, 64, 128)
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for b in sizes[1:])
        self.dense = nn.Linear(128 * (side // 8) ** 2, 128)
        self.head = nn.Linear(128, 10)

    def features(self, x: Tensor) -> Tensor:
        """(B, 128)."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = F.max_pool2d(F.relu(norm(convolution(x))), 2)
        return F.relu(self.dense(x.flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.head(F.dropout(self.features(x), 0.3, self.training))
        return y


class Frozen:
    """Distances of images (n, H, W) or (n, H, W, C), uint8, to the test images of ``name``."""

    def __init__(self, name: str) -> None:
        self.train, self.test = open_data(name, split="train"), open_data(name, split="test")
        self.network = _classifier(name, self.train).eval()
        self.real = self.features(self.test.values)

    def features(self, images: Array) -> Array:
        spec = self.train.spec
        with torch.inference_mode():
            parts = [
                self.network.features(spec.to_internal(images[i : i + 500]))
                for i in range(0, len(images), 500)
            ]
        return torch.cat(parts).double().numpy()

    def distance(self, images: Array) -> float:
        """Fréchet distance to all test images."""
        return float(frechet(self.real, self.features(images)))

    def floor(self, n: int) -> float:
        """The distance of ``n`` training images."""
        rows = np.random.default_rng(0).permutation(len(self.train))[:n]
        return self.distance(self.train.user(np.sort(rows)))

    def coverage(self, images: Array) -> dict[str, float]:
        """Precision and recall of ``images`` by as many test images."""
        n = min(len(images), len(self.real))
        found = prdc(
            self.real[np.random.default_rng(0).permutation(len(self.real))[:n]],
            self.features(images[:n]),
        )
        return {"precision": found.precision, "recall": found.recall}

    def accuracy(self) -> float:
        with torch.inference_mode():
            guesses = self.network.head(torch.from_numpy(self.real).float()).argmax(1).numpy()
        return float((guesses == self.test.labels).mean())


def _classifier(name: str, data: Any) -> Classifier:
    channels, side = data.spec.shape[0], data.spec.shape[1]
    path = HERE / "out" / f"frozen-{name}.safetensors"
    with seeded(0):
        network = Classifier(channels, side)
        if path.exists():
            network.load_state_dict(load_file(path))
            return network
        for rate, x, y in _batches(name, data):
            _step(network, rate, x, y)
    path.parent.mkdir(exist_ok=True)
    save_file(network.state_dict(), path)
    return network


def _batches(name: str, data: Any, size: int = 128) -> Iterator[tuple[float, Tensor, Tensor]]:
    steps = EPOCHS[name] * len(data) // size
    for step in range(steps):
        rows = np.sort(np.random.default_rng(step).integers(len(data), size=size))
        x, y = data.batch(rows)
        yield 1e-2 * (1 - step / steps), x, y


def _step(network: Classifier, rate: float, x: Tensor, y: Tensor) -> None:
    optimizer = network.__dict__.setdefault(
        "_optimizer",
        torch.optim.SGD(network.parameters(), momentum=0.9, weight_decay=5e-4, lr=rate),
    )
    optimizer.param_groups[0]["lr"] = rate
    optimizer.zero_grad()
    F.cross_entropy(network.train()(x), y).backward()
    optimizer.step()


if __name__ == "__main__":
    start = time.perf_counter()
    frozen = Frozen(sys.argv[1])
    print(f"{sys.argv[1]}: accuracy {frozen.accuracy():.4f}, {time.perf_counter() - start:.0f} s")
    for n in (2500, 5000, 10_000):
        print(f"floor of {n}: {frozen.floor(n):.2f}")
