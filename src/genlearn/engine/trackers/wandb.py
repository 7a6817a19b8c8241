"""Weights & Biases: a run of a project, online or, with WANDB_MODE=offline, in files."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from ..runs.run import Run
from ._tracker import Tracker


class WeightsAndBiases(Tracker):
    """A run of the project WANDB_PROJECT (default: genlearn). Its steps are a number of ours: those
    of Weights & Biases only rise, and training may go back."""

    needs = "wandb"
    install = "wandb"

    def __init__(self, run: Run, step: int) -> None:
        super().__init__(run, step)
        import wandb

        self.tracked = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "genlearn"),
            name=run.path.name,
            id=self.key(lambda: uuid.uuid4().hex),
            resume="allow",
            config=self.settings,
            reinit="create_new",
            settings=wandb.Settings(silent=True),
        )
        self.tracked.define_metric("step")
        self.tracked.define_metric("*", step_metric="step")

    def log(self, values: dict[str, float], step: int) -> None:
        self.tracked.log({**values, "step": step})

    def show(self, picture: Path, step: int) -> None:
        import wandb

        self.tracked.log({"samples": wandb.Image(str(picture)), "step": step})

    def close(self) -> None:
        self.tracked.finish(exit_code=0 if self.run.complete else 1)


TRACKER = WeightsAndBiases
