"""What the loop says while it runs, and who listens."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Protocol

from ..core.text import escaped


@dataclass(frozen=True)
class Progress:
    """A report: losses are means since the last one, by network; ``seconds`` is the training time
    of this process; ``validation`` the held-out loss, where it was taken."""

    step: int
    steps: int
    losses: dict[str, float]
    lr: float
    images_per_second: float
    seconds: float
    validation: float | None = None


class Callback(Protocol):
    """Listens to a run."""

    @property
    def heard(self) -> bool:
        """Whether a person hears of what went wrong."""
        ...

    def tell(self, line: str) -> None:
        """A sentence for the user."""
        ...

    def warn(self, line: str) -> None:
        """A sentence for the user on what went wrong."""
        ...

    def report(self, progress: Progress) -> None: ...

    def back(self, step: int) -> None:
        """Training went back to ``step``: later reports no longer count."""
        ...

    def preview(self, model: Any) -> None:
        """Now and then, with the model as it would be sampled; what this raises ends the
        training."""
        ...

    def close(self) -> None: ...


class NullCallback:
    """Listens and says nothing."""

    heard = False

    def tell(self, line: str) -> None: ...

    def warn(self, line: str) -> None: ...

    def report(self, progress: Progress) -> None: ...

    def back(self, step: int) -> None: ...

    def preview(self, model: Any) -> None: ...

    def close(self) -> None: ...


class WarningCallback(NullCallback):
    """Says only what went wrong, as a Python warning: for a library's user, who has no console to
    look at."""

    heard = True

    def warn(self, line: str) -> None:
        warnings.warn(line, RuntimeWarning, stacklevel=2)


@dataclass
class ForwardWarnings(NullCallback):
    """Says only what went wrong, to ``to``."""

    to: Callable[[str], None]
    heard = True

    def warn(self, line: str) -> None:
        self.to(line)


@dataclass
class CallbackList:
    """Passes on to all."""

    callbacks: tuple[Callback, ...]

    @property
    def heard(self) -> bool:
        return any(callback.heard for callback in self.callbacks)

    def tell(self, line: str) -> None:
        for callback in self.callbacks:
            callback.tell(line)

    def warn(self, line: str) -> None:
        for callback in self.callbacks:
            callback.warn(line)

    def report(self, progress: Progress) -> None:
        for callback in self.callbacks:
            callback.report(progress)

    def back(self, step: int) -> None:
        for callback in self.callbacks:
            callback.back(step)

    def preview(self, model: Any) -> None:
        for callback in self.callbacks:
            callback.preview(model)

    def close(self) -> None:
        for callback in self.callbacks:
            callback.close()


def with_warnings(callback: Callback) -> Callback:
    """``callback``, or one more: no trouble is kept in silence."""
    return callback if callback.heard else CallbackList((callback, WarningCallback()))


def is_looked_at() -> bool:
    """Whether a person would see a bar: in a terminal, and in a notebook that can draw one."""
    notebook = "ipykernel" in sys.modules and find_spec("ipywidgets") is not None
    return notebook or (sys.stderr is not None and sys.stderr.isatty())


@dataclass
class ProgressBar:
    """A progress bar with time left and live loss, on standard error."""

    bar: Any = field(default=None, repr=False)
    task: Any = None
    held_out: str = ""
    heard = True

    def tell(self, line: str) -> None:
        from rich.console import Console as RichConsole

        (self.bar.console if self.bar else RichConsole(stderr=True, highlight=False)).print(
            escaped(line), markup=False, soft_wrap=True
        )

    def warn(self, line: str) -> None:
        self.tell(line)

    def report(self, progress: Progress) -> None:
        self.bar = self.bar or _bar()
        if self.task is None:
            self.task = self.bar.add_task("training", total=progress.steps, losses="")
        if progress.validation is not None:
            self.held_out = f"  validation {progress.validation:.4g}"
        losses = "  ".join(f"{name} {loss:.4g}" for name, loss in progress.losses.items())
        self.bar.update(
            self.task,
            completed=progress.step,
            total=progress.steps,
            losses=f"{losses}{self.held_out}  {progress.images_per_second:,.0f}/s",
        )

    def back(self, step: int) -> None: ...

    def preview(self, model: Any) -> None: ...

    def close(self) -> None:
        if self.bar:
            self.bar.stop()
            self.bar = self.task = None


def _bar() -> Any:
    from rich.console import Console as RichConsole
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}"),
    )
    bar = Progress(*columns, console=RichConsole(stderr=True), transient=False)
    bar.start()
    return bar
