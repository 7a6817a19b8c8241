"""What a tracker is told of a run."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from ...core.errors import UserError
from ..callbacks import NullCallback, Progress
from ..runs.run import Run


class Tracker(NullCallback, ABC):
    """Passes on the reports of ``run``, whose training begins after ``step``: losses by network,
    that of held-out examples, the learning rate and the speed, by step; and pictures of samples.

    It imports ``needs``, which ``install`` brings. ``key`` names the run where it is tracked: one
    that goes on, goes on there.
    """

    needs: ClassVar[str]
    install: ClassVar[str]

    def __init__(self, run: Run, step: int) -> None:
        self.run = run

    @classmethod
    def check(cls) -> None:
        """Raise `UserError` where what it needs is not installed."""
        try:
            importlib.import_module(cls.needs)
        except ImportError:
            raise UserError(
                f"a tracker was asked for that needs {cls.install}, which is not installed; install"
                f" it with: pip install {cls.install}"
            ) from None

    @abstractmethod
    def log(self, values: dict[str, float], step: int) -> None:
        """Keep ``values`` by name."""

    def show(self, picture: Path, step: int) -> None:
        """Keep a ``picture`` of samples, a PNG file."""

    def report(self, progress: Progress) -> None:
        values = {f"loss/{name}": loss for name, loss in progress.losses.items()}
        if progress.validation is not None:
            values["loss/validation"] = progress.validation
        speed = {"lr": progress.lr, "images_per_second": progress.images_per_second}
        self.log(values | speed, progress.step)

    def preview(self, model: Any) -> None:
        pictures = [path for path in self.run.samples.glob("*.png") if path.stem.isdecimal()]
        if pictures:
            latest = max(pictures, key=lambda path: int(path.stem))
            self.show(latest, int(latest.stem))

    @property
    def settings(self) -> dict[str, Any]:
        """What the run is of: model, data, and all hyper-parameters."""
        about = self.run.manifest
        return {"model": about["model"], "data": about["data"]["source"], **about["hyper"]}

    def key(self, make: Callable[[], str]) -> str:
        """The run's key, which ``make`` gives where it has none yet."""
        keys: dict[str, str] = self.run.manifest.get("trackers", {})
        name = type(self).__module__.rpartition(".")[2]
        if name not in keys:
            keys = {**keys, name: make()}
            self.run.note({"trackers": keys})
        return keys[name]
