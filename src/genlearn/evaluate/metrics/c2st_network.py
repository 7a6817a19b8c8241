"""Classifier two-sample test of images: can a small network that looks at pixels tell them apart?

The test of ``c2st`` with a convolutional network in place of trees. It sees what features that were
learned for another purpose let pass: blur, noise, a lattice, an edge one pixel wide.

The network is that of the learned features, with one output that begins at zero; it minimises the
cross-entropy by AdamW (Loshchilov & Hutter 2017, arXiv 1711.05101) in a fixed number of steps, so
that the test takes about as long for any number of examples.

Pitfalls: it finds most models out, near 1, where it ranks them no more; in so few steps 1/2 says
only that nothing shows at a glance; images of other sizes are other networks, whose figures do not
compare.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...core.cpu_threads import cpu_threads
from ...core.seeding import seed_for, seeded
from ...engine.optimizers.one_cycle import OneCycle
from ..features.network import FeatureNet
from ._distances import Array
from .c2st import detection

_STEPS, _BATCH = 60, 32  # examples of each set in a step
_RATE, _DECAY, _WARMUP = 4e-3, 0.05, 0.2
_AT_ONCE = 256


def pixel_network(known: tuple[Array, Array], unseen: Array, seed: int) -> Array:
    """Log odds of being real of images (n, H, W[, C]), by a network that has learned from
    ``known``."""
    tensors = [_images(x) for x in (*known, unseen)]
    both = torch.cat(tensors[:2])
    mean, scale = both.mean(), both.std().clamp_min(1e-6)
    real, fake, new = ((x - mean) / scale for x in tensors)
    with seeded(seed), cpu_threads(0):  # one thread: beside another program more would wait
        network = _train(real, fake, seed)
        with torch.inference_mode():
            scores = torch.cat([network(part)[:, 0] for part in torch.split(new, _AT_ONCE)])
    return np.asarray(scores.double().numpy())


def _images(values: Array) -> Tensor:
    """(n, H, W[, C]) -> (n, C, H, W), float32, channels last in memory."""
    x = torch.from_numpy(np.asarray(values, np.float32))
    x = x.unsqueeze(-1) if x.ndim == 3 else x
    return x.movedim(-1, 1).contiguous(memory_format=torch.channels_last)


def _train(real: Tensor, fake: Tensor, seed: int) -> nn.Module:
    network = FeatureNet(tuple(real.shape[1:]), 1)
    nn.init.zeros_(network.head.weight)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = OneCycle(network.parameters(), _RATE, _WARMUP, _DECAY)
    rng = np.random.default_rng(seed_for(seed, "batches"))
    size = min(_BATCH, len(real), len(fake))
    labels = (torch.arange(2 * size) < size).float()
    for step in range(_STEPS):
        batch = torch.cat([x[rng.permutation(len(x))[:size]] for x in (real, fake)])
        loss = F.binary_cross_entropy_with_logits(network(batch)[:, 0], labels)
        optimizer.step(loss, (step + 1) / _STEPS)
    return network.eval()


METRIC = detection(
    "c2st_pixels",
    "Detection AUC, pixels",
    "a network on pixels points",
    pixel_network,
    needs="images",
    order=7,
    largest=2000,
)
