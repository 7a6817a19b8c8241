"""Attention in the way that is fastest where it is computed.

torch's fused attention spares memory that grows with the square of the tokens. On a CPU in bf16 its
backward pass is slow where tokens are few: with 64 examples, 2 heads, 256 pixels and a caption of
12 tokens, forward and backward took 41 ms, written out 14 ms; with 4 heads among 64 tokens 37 and
13 ms (one core with AVX512-bf16, torch 2.13; benchmarks/attention.py).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_FEW = 128  # tokens attended to


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(q k^T / sqrt(d)) v over the tokens in ``mask`` (broadcast to ..., N, L): (..., N, d),
    (..., L, d), (..., L, d) -> (..., N, d)."""
    if q.device.type != "cpu" or q.dtype != torch.bfloat16 or k.shape[-2] > _FEW:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return scores.softmax(-1, dtype=torch.float32).to(v.dtype) @ v
