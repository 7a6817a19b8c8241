r"""Maps that change each number by an increasing function that other numbers choose.

**Coupling** (Dinh et al. 2014, "NICE", arXiv 1410.8516): the first half stays as it is and says how
the second half changes. Both directions take one pass of the network.

**Autoregressive** (Papamakarios et al. 2017, "Masked autoregressive flow", arXiv 1705.07057): all
numbers before it say how a number changes. Every density can be written so, in one map; the inverse
goes number by number, since each waits for those before it.

Either way the Jacobian is triangular, and its log-determinant a sum over numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .conditioner import Conditioner
from .flow import Elementwise, Moved, Transform


class Coupling(Transform):
    """z_a = x_a, z_b = f(x_b; net(x_a)): a is the first half of x, b the rest, which is not the
    smaller one."""

    def __init__(self, dim: int, function: Elementwise, width: int, blocks: int) -> None:
        super().__init__()
        self.seen, self.function, each = dim // 2, function, function.parameters
        self.net = Conditioner(self.seen, each, dim - self.seen, width, blocks, masked=False)

    def forward(self, x: Tensor) -> Moved:
        a, b = x[:, : self.seen], x[:, self.seen :]
        free = self.net(a).to(x.dtype)
        z, log_slope = self.function.forward(b.T, free)
        return Moved(torch.cat([a, z.T], 1), log_slope.sum(0), (free,))

    def inverse(self, z: Tensor) -> Tensor:
        a, b = z[:, : self.seen], z[:, self.seen :]
        return torch.cat([a, self.function.inverse(b.T, self.net(a).to(z.dtype)).T], 1)


class Autoregressive(Transform):
    """z_i = f(x_i; net_i(x_1 .. x_(i-1)))."""

    def __init__(self, dim: int, function: Elementwise, width: int, blocks: int) -> None:
        super().__init__()
        self.function = function
        self.net = Conditioner(dim, function.parameters, dim, width, blocks, masked=True)

    def forward(self, x: Tensor) -> Moved:
        free = self.net(x).to(x.dtype)
        z, log_slope = self.function.forward(x.T, free)
        return Moved(z.T, log_slope.sum(0), (free,))

    def inverse(self, z: Tensor) -> Tensor:
        x = torch.zeros_like(z)
        for i in range(z.shape[1]):
            x[:, i] = self.function.inverse(z[:, i], self.net.answer(i, x))
        return x
