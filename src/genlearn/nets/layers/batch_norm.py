"""Batch norm over the whole of a batch, however many processes share it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...core.processes import processes_of_batch, sum_over_batch


class BatchNorm2d(nn.BatchNorm2d):
    """y = (x - mean) / sqrt(var + eps) gamma + beta for each channel of x (B, C, H, W): Ioffe &
    Szegedy 2015, arXiv 1502.03167; in training by the moments of the batch. torch's own is that of
    one process, and `SyncBatchNorm` needs CUDA."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or processes_of_batch() == 1:
            return super().forward(x)
        n, mean, variance = _moments(x.float())
        self._note(mean.detach(), variance.detach() * n / (n - 1))
        scale = self.weight * (variance + self.eps).rsqrt()
        shift = self.bias - mean * scale
        return torch.addcmul(shift[:, None, None], x, scale[:, None, None]).to(x.dtype)

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)


def _moments(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """How many numbers a channel of the whole batch has, their mean and variance, from those of the
    rows here, with one message between processes: Chan, Golub & LeVeque 1983."""
    n = x.numel() // x.shape[1]
    mean = x.sum((0, 2, 3)) / max(1, n)
    within = (x - mean[:, None, None]).square().sum((0, 2, 3))
    here = torch.stack([within, n * mean, torch.full_like(mean, n)]).double()
    between = (n * mean.double().square())[None]
    squares, total, count = sum_over_batch(torch.cat([here[:1] + between, here[1:]]))
    whole = total / count
    variance = squares / count - whole.square()
    return count[0].float(), whole.float(), variance.float()
