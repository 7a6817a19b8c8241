"""Trackio: a run of a project, on this machine's disk, or in a Space of Hugging Face."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from ..runs.run import Run
from ._tracker import Tracker


class Trackio(Tracker):
    """A run of the project TRACKIO_PROJECT (default: genlearn), called as the run's folder is and
    some letters more: ``trackio show`` draws them."""

    needs = "trackio"
    install = "trackio"

    def __init__(self, run: Run, step: int) -> None:
        super().__init__(run, step)
        import trackio

        self.tracked = trackio.init(
            project=os.environ.get("TRACKIO_PROJECT", "genlearn"),
            name=self.key(lambda: f"{run.path.name}-{uuid.uuid4().hex[:8]}"),
            resume="allow",
            config=self.settings,
        )

    def log(self, values: dict[str, float], step: int) -> None:
        self.tracked.log(values, step=step)

    def show(self, picture: Path, step: int) -> None:
        import trackio

        self.tracked.log({"samples": trackio.Image(str(picture))}, step=step)

    def close(self) -> None:
        self.tracked.finish()


TRACKER = Trackio
