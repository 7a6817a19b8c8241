r"""Long tails, brought near: what lies far out is drawn in, before others are measured by it.

A row that lies a hundred standard deviations out, as rows of real tables do, costs a Gaussian 5,000
nats, and pulls at all that is learned from it. Beyond c, so many standard deviations, distances
therefore grow as a square root (a normal tail becomes a stretched exponential one),

    |z| = c - 1 + sqrt(1 + 2 (|x| - c)),         log |dz/dx| = -1/2 log(1 + 2 (|x| - c)),

which goes on from the identity within c with the same slope.
"""

from __future__ import annotations

from torch import Tensor

from .flow import Moved, Transform


class DrawnIn(Transform):
    """x within ``reach``, the root of the distance beyond, number by number."""

    def __init__(self, reach: float) -> None:
        super().__init__()
        self.reach = reach

    def forward(self, x: Tensor) -> Moved:
        inner = x.clamp(-self.reach, self.reach)
        stretch = 1 + 2 * (x - inner).abs()
        z = inner + x.sign() * (stretch.sqrt() - 1)
        return Moved(z, -0.5 * stretch.log().sum(1))

    def inverse(self, z: Tensor) -> Tensor:
        inner = z.clamp(-self.reach, self.reach)
        beyond = z - inner
        return inner + beyond + 0.5 * beyond * beyond.abs()
