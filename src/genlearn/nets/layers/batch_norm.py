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
        values = x.float()
        n = sum_over_batch(values.new_tensor(x.numel() / x.shape[1]))
        mean = sum_over_batch(values.sum((0, 2, 3))) / n
        away = values - mean[:, None, None]
        variance = sum_over_batch(away.square().sum((0, 2, 3))) / n
        self._note(mean.detach(), variance.detach() * n / (n - 1))
        scale = self.weight * (variance + self.eps).rsqrt()
        return (away * scale[:, None, None] + self.bias[:, None, None]).to(x.dtype)

    @torch.no_grad()
    def _note(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
