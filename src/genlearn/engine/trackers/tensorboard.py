"""TensorBoard: event files in the run's own folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ..runs.run import Run
from ._tracker import Tracker


class TensorBoard(Tracker):
    """Writes to ``tensorboard`` in the run: ``tensorboard --logdir runs`` draws all of them."""

    needs = "torch.utils.tensorboard"
    install = "tensorboard"

    def __init__(self, run: Run, step: int) -> None:
        super().__init__(run, step)
        self._go_on(step)

    def log(self, values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def show(self, picture: Path, step: int) -> None:
        with Image.open(picture) as image:
            pixels = np.asarray(image.convert("RGB"))
        self.writer.add_image("samples", pixels, step, dataformats="HWC")

    def back(self, step: int) -> None:
        self.close()
        self._go_on(step)

    def close(self) -> None:
        self.writer.close()

    def _go_on(self, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(self.run.path / "tensorboard"), purge_step=step + 1)


TRACKER = TensorBoard
