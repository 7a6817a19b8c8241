"""Networks for several domains that share some of their stages (Liu & Tuzel 2016, arXiv
1606.07536).

What makes an object is decided in the stages next to the code, how it looks in those next to the
pixels; the first are shared, the last each domain's own, so that one code means the same thing in
every domain.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ...core.processes import processes_of_batch, sum_over_batch

Stages = Callable[[], list[nn.Module]]


class CoupledGenerator(nn.Module):
    """z and a 1 in the place of the domain, (B, latent + domains) -> (B, *shape); the last ``own``
    of the ``stages`` are the domain's."""

    def __init__(self, stages: Stages, domains: int, own: int) -> None:
        super().__init__()
        self.shared = nn.Sequential(*stages()[:-own])
        self.own = nn.ModuleList(nn.Sequential(*stages()[-own:]) for _ in range(domains))

    def forward(self, code: Tensor) -> Tensor:
        z, domain = code[:, : -len(self.own)], code[:, -len(self.own) :].argmax(1)
        return by_domain(self.own, self.shared(z), domain)


class CoupledDiscriminator(nn.Module):
    """x (B, *shape) and domains (B,) -> (B,); the first ``own`` of the ``stages`` are the domain's.
    Without domains, for all: (B, domains)."""

    def __init__(self, stages: Stages, domains: int, own: int) -> None:
        super().__init__()
        self.own = nn.ModuleList(nn.Sequential(*stages()[:own]) for _ in range(domains))
        self.shared = nn.Sequential(*stages()[own:])

    def forward(self, x: Tensor, domain: Tensor | None = None) -> Tensor:
        if domain is None:
            return torch.cat([self.shared(own(x)) for own in self.own], 1)
        return self.shared(by_domain(self.own, x, domain))[:, 0]  # type: ignore[no-any-return]


def by_domain(networks: nn.ModuleList, x: Tensor, domain: Tensor) -> Tensor:
    """Each example through the network of its ``domain``, in the order of ``x``. Where processes
    share a batch, all of them call the same networks, some of them for no example."""
    rows = [(domain == number).nonzero()[:, 0] for number in range(len(networks))]
    counts = [len(some) for some in rows]
    if processes_of_batch() > 1:
        counts = sum_over_batch(torch.tensor(counts, device=x.device)).tolist()
    called = zip(networks, rows, counts, strict=True)
    parts = [network(x[some]) for network, some, count in called if count]
    return torch.cat(parts)[torch.cat(rows).argsort()]
