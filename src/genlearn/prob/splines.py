r"""Monotone rational-quadratic splines: an increasing function of a number, its inverse and its
derivative, all in closed form.

[-B, B] is cut into K bins. In a bin of width w and height h whose lower left corner is (x_k, y_k),
with the slope s = h / w of its diagonal, slopes d_0 and d_1 at its ends, and the place z = (x -
x_k) / w in it (Gregory & Delbourgo 1982; Durkan et al. 2019, equations 4 to 8),

    y  = y_k + h (s z^2 + d_0 z (1 - z)) / (s + e z (1 - z)),           e = d_0 + d_1 - 2 s,
    y' = s^2 (d_1 z^2 + 2 s z (1 - z) + d_0 (1 - z)^2) / (s + e z (1 - z))^2.

It goes through all knots with the slopes given there, and is increasing if these are positive. Its
inverse solves a quadratic equation whose root is taken in the form 2c / (-b - sqrt(b^2 - 4ac)),
which cancels no digits. Beyond [-B, B] it goes on as the identity, with which it agrees at the ends
in value and slope.

**From any numbers.** 3K - 1 free numbers are a spline: K widths and K heights by softmax, each at
least a thousandth of 2B, and K - 1 slopes between bins by softplus, at least a thousandth. Zeros
are the identity.

**Gradients** are written down, not recorded: a step of a flow consists of many small operations,
whose record takes longer than they do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

_LEAST = 1e-3  # of a width and a height, as a share of 2B, and of a slope
_ONE = math.log(math.expm1(1 - _LEAST))  # the softplus of it, and the least slope, are 1


@dataclass(frozen=True)
class RationalQuadraticSpline:
    """x to y and back, number by number: x (...), and ``parameters`` free numbers for each, (3K -
    1, ...).

    Durkan, Bekasov, Murray & Papamakarios 2019, "Neural spline flows", arXiv 1906.04032.

    K: ``bins``, at least 2; B: ``bound``, above 0.
    """

    bins: int = 8
    bound: float = 3.0

    @property
    def parameters(self) -> int:
        """Free numbers of a spline."""
        return 3 * self.bins - 1

    def forward(self, x: Tensor, free: Tensor) -> tuple[Tensor, Tensor]:
        """y and log y', both like ``x``."""
        y, log_slope = _Spline.apply(x, free, self)  # type: ignore[no-untyped-call]
        return y, log_slope

    def inverse(self, y: Tensor, free: Tensor) -> Tensor:
        """x, like ``y``."""
        inner = y.clamp(-self.bound, self.bound)
        bin_ = self.find(inner, free, heights=True)
        up, s = inner - bin_.bottom, bin_.height / bin_.width
        bend = up * (bin_.first + bin_.last - 2 * s)
        a = bin_.height * (s - bin_.first) + bend
        b = bin_.height * bin_.first - bend
        c = -s * up
        z = 2 * c / (-b - (b.square() - 4 * a * c).clamp(min=0).sqrt())
        return bin_.left + z * bin_.width + (y - inner)

    @property
    def room(self) -> float:
        """What the shares of widths, or heights, are shares of: 2B but for the least of each."""
        return 2 * self.bound * (1 - self.bins * _LEAST)

    def find(self, at: Tensor, free: Tensor, heights: bool = False) -> _Bin:
        """The bin of each number of ``at``, within [-B, B]: of x, or of y by ``heights``."""
        shares = free[: 2 * self.bins].reshape(2, self.bins, *at.shape).softmax(1)
        sizes = shares.mul(self.room).add_(2 * self.bound * _LEAST)
        ends = sizes.cumsum(1).sub_(self.bound)
        k = (at >= ends[int(heights), :-1]).sum(0)
        both = k.expand(2, 1, *k.shape)
        size, end = sizes.gather(1, both)[:, 0], ends.gather(1, both)[:, 0]
        level = free.new_zeros(1, *at.shape)
        inner = torch.cat([level, free[2 * self.bins :], level])
        raw = inner.gather(0, torch.stack([k, k + 1]))
        slopes = F.softplus(raw + _ONE) + _LEAST
        return _Bin(k, shares, raw, *size, *(end - size), *slopes)


class _Bin(NamedTuple):
    """The number ``k`` of a bin, its size, its corner, and the slopes at its ends (...); the
    ``shares`` of all bins (2, K, ...), and the free numbers ``raw`` of its slopes (2, ...)."""

    k: Tensor
    shares: Tensor
    raw: Tensor
    width: Tensor
    height: Tensor
    left: Tensor
    bottom: Tensor
    first: Tensor
    last: Tensor


class _Spline(torch.autograd.Function):
    """x and free numbers to y and log y', by the equations above."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, free: Tensor, spline: RationalQuadraticSpline
    ) -> tuple[Tensor, Tensor]:
        inner = x.clamp(-spline.bound, spline.bound)
        bin_ = spline.find(inner, free)
        z, s = (inner - bin_.left).div_(bin_.width), bin_.height / bin_.width
        u, away = torch.addcmul(z, z, z, value=-1), 1 - z
        bend = (bin_.first + bin_.last).sub_(s, alpha=2)
        below, square = torch.addcmul(s, bend, u), z * z
        slope = (away * away).mul_(bin_.first).addcmul_(bin_.last, square)
        slope.addcmul_(s, u, value=2)
        share = square.mul_(s).addcmul_(bin_.first, u).div_(below)
        y = torch.addcmul(bin_.bottom, bin_.height, share).add_(x - inner)
        ctx.save_for_backward(z, s, u, away, bend, below, slope, share, x == inner, *bin_)
        ctx.spline = spline
        return y, (s / below).square_().mul_(slope).log_()

    @staticmethod
    def backward(ctx: Any, gy: Tensor, gl: Tensor) -> tuple[Tensor, Tensor, None]:
        z, s, u, away, bend, below, slope, share, inside, *rest = ctx.saved_tensors
        bin_ = _Bin(*rest)
        # y = bottom + height above / below, log y' = 2 log s + log slope - 2 log below: by above,
        # minus below, and slope
        gr, square = gy * bin_.height, z * z
        ga, gb, gq = gr / below, torch.addcmul(gl + gl, gr, share).div_(below), gl / slope
        g_first = torch.sub(ga, gb).mul_(u).addcmul_(gq, away * away)
        g_last = torch.mul(gq, square).addcmul_(gb, u, value=-1)
        gs = torch.mul(ga, square).sub_(gb).addcmul_(gb + gq, u, value=2).add_(gl / s, alpha=2)
        gz = torch.mul(ga, bin_.first).addcmul_(gb, bend, value=-1).addcmul_(gq, s, value=2)
        gz.mul_(away - z).addcmul_(ga, s * z, value=2)
        gz.addcmul_(gq, torch.mul(bin_.last, z).addcmul_(bin_.first, away, value=-1), value=2)
        gx, gs = gz.div_(bin_.width), gs.div_(bin_.width)
        corner = torch.stack([-gx, gy])
        size = torch.stack([torch.mul(gx, z).addcmul_(gs, s).neg_(), torch.addcmul(gs, gy, share)])
        free = _of_free(ctx.spline, bin_, corner, size, torch.stack([g_first, g_last]))
        return torch.where(inside, gx, gy), free, None


def _of_free(
    spline: RationalQuadraticSpline, bin_: _Bin, corner: Tensor, size: Tensor, slopes: Tensor
) -> Tensor:
    """The gradient of the free numbers from those of a bin's ``corner``, which all bins before it
    move, of its ``size``, and of its ``slopes``, all (2, ...)."""
    bins, k = spline.bins, bin_.k
    number = torch.arange(bins, device=k.device).reshape(-1, *(1,) * k.ndim)
    sizes = corner[:, None] * (number < k)
    sizes.scatter_(1, k.expand(2, 1, *k.shape), size[:, None])
    weighed = sizes.mul_(bin_.shares)
    free = torch.addcmul(weighed, bin_.shares, weighed.sum(1, keepdim=True), value=-1)
    ends = slopes.new_zeros(bins + 1, *k.shape)
    ends.scatter_(0, torch.stack([k, k + 1]), slopes * torch.sigmoid(bin_.raw + _ONE))
    return torch.cat([free.mul_(spline.room).flatten(0, 1), ends[1:-1]])
