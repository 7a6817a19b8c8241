"""The primary feature space of images: a small network learned on the training split, in place of
Inception, which saw photographs only.

With labels the network learns to tell the classes apart (cross-entropy with label smoothing, small
shifts of the images); without, to recognise an image behind a random change of it, among the others
of a batch (SimCLR: Chen et al. 2020, "A simple framework for contrastive learning of visual
representations", arXiv 2002.05709):

    loss = -log exp(u . v / T) / sum_w exp(u . w / T),

u, v two views of one image, w all other views in the batch.

The penultimate layer, without an activation, is the space. Images are never mirrored: an eight may
be, a three may not.

**Pitfalls.** What the views leave open (place, slight rotation, size) the features hardly see; the
second opinion does. Only the training split is seen. The number of steps follows from the data, so
the same data and seed give the same features, bit for bit on one machine -- unless the time allowed
was too short for them, which the settings record.
"""

from __future__ import annotations

from typing import Any, Self, final

import torch
from torch import Tensor

from ...core.cpu_threads import cpu_threads
from ...core.seeding import seed_for, seeded
from ...core.spec import DataSpec
from ...data import Dataset
from .base import Extractor, Tell
from .feature_stats import common_scale
from .network import FeatureNet
from .pretext_tasks import planned_steps, pretext_task_for, split_validation, train_pretext

DIM, WIDE = 64, 128  # features of images up to 32x32, and of larger ones
_SCALED = 2000  # examples that the common scale is taken from


@final
class LearnedExtractor(Extractor):
    """phi(x) = c net(x), the penultimate layer of a network that classifies, or of one that
    recognises images behind changes."""

    name = "learned"

    net: FeatureNet

    def __init__(
        self, spec: DataSpec, about: str, net: FeatureNet, settings: dict[str, Any]
    ) -> None:
        super().__init__(spec, about, net.head.out_features)
        frozen = net.eval().requires_grad_(False)
        self.net = frozen.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._settings = settings

    @classmethod
    def fit(cls, train: Dataset, seed: int, seconds: float, tell: Tell) -> Self:
        """Learn on all but a tenth of ``train``, for at most ``seconds``."""
        with seeded(seed_for(seed, "features", "learned")):
            net = FeatureNet(train.spec.shape, dimension(train.spec))
            task = pretext_task_for(train, net)
            rows, tenth = split_validation(len(train), seed)
            with cpu_threads(task.batch * train.spec.dim):
                steps = train_pretext(task, rows, seed, seconds, tell)
            with torch.inference_mode():
                wanted = planned_steps(len(rows))
                cut = (
                    ""
                    if steps >= wanted
                    else f"; cut to {steps} of {wanted} steps by the time allowed"
                )
                about = task.about(task.accuracy(tenth), len(rows)) + cut
                x = train.spec.to_internal(train.user(rows[:_SCALED]))
                scale = common_scale(torch.cat([net(part) for part in torch.split(x, 256)]))
        tell(f"features: {about}")
        return cls(train.spec, about, net, {"steps": steps, "scale": scale})

    def features(self, x: Tensor) -> Tensor:
        y: Tensor = self.net(x.contiguous(memory_format=torch.channels_last))
        return y.double() * float(self._settings["scale"])

    def state(self) -> dict[str, Tensor]:
        return dict(self.net.state_dict())

    def settings(self) -> dict[str, Any]:
        return dict(self._settings)

    @classmethod
    def restore(
        cls,
        spec: DataSpec,
        about: str,
        dim: int,
        settings: dict[str, Any],
        state: dict[str, Tensor],
    ) -> Self:
        with seeded(0):
            net = FeatureNet(spec.shape, dim)
        net.load_state_dict(state)
        return cls(spec, about, net, settings)


def dimension(spec: DataSpec) -> int:
    """Features for images of this size."""
    return DIM if max(spec.shape[1:]) <= 32 else WIDE
