r"""Lower bounds of log p(x) = log E_q [ p(x, z) / q(z|x) ].

ELBO    L_1 = E_q log p(x|z) - KL(q(z|x) || p(z))          Kingma & Welling 2013, arXiv 1312.6114
IWAE    L_K = E log 1/K sum_k p(x, z_k) / q(z_k|x),  z_k ~ q(z|x)
                                                                Burda et al. 2015, arXiv 1509.00519

L_1 <= L_K <= L_{K+1} <= log p(x); with q the exact posterior all of them equal log p(x).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..core.processes import mean_over_batch


def free_bits(kl_per_latent: Tensor, min_nats: float) -> Tensor:
    """KL (B, d) -> (): batch means summed over latents, each paying at least ``min_nats`` nats
    (Kingma et al. 2016, arXiv 1606.04934)."""
    return mean_over_batch(kl_per_latent).clamp(min=min_nats).sum()


def importance_bound(log_w: Tensor) -> Tensor:
    """L_K from log p(x, z_k) - log q(z_k|x): (K, B) -> (B,)."""
    return torch.logsumexp(log_w, 0) - math.log(len(log_w))
