"""A discriminator's answers: one for each class, of which the one that is asked for counts."""

from __future__ import annotations

from torch import Tensor, nn


class ClassLogitSelector(nn.Module):
    """x (B, *shape) and classes y (B,) -> (B,): the answers of ``trunk``, (B, classes), for y.
    Without y, all of them: (B, classes)."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        answers: Tensor = self.trunk(x)
        return answers if y is None else answers.gather(1, y[:, None])[:, 0]
