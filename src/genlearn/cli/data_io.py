"""Data as a command reads it: with a progress bar while it is prepared, and a line for each thing
that was fixed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from ..core.errors import UserError
from ..core.spec import DataSpec
from ..data import Dataset, has_split, open_data
from ..data.open.opening import as_before
from ..data.open.options import WRITTEN
from ..data.remote.addresses import is_address
from ..engine.runs.manifest import learned_from as fingerprints_of
from ..engine.runs.run import Run
from .say import tell


class ProgressLine:
    """A progress bar that appears with the first step, on standard error."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import Progress

        if self.bar is None:
            self.bar = Progress(console=Console(stderr=True), transient=True)
            self.bar.start()
            self.bar.add_task(self.title, total=total)
        self.bar.update(self.bar.task_ids[0], completed=done)

    def advance(self, some: int) -> None:
        """So many more are done, where the bar is shown."""
        if self.bar is not None:
            self.bar.advance(self.bar.task_ids[0], some)

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.stop()


def read(source: str, **options: Any) -> Dataset:
    """The data that ``source`` names; what was fixed is told on standard error."""
    with ProgressLine(f"preparing {source}") as bar:
        return open_data(source, progress=bar, tell=tell, **options)


def read_like(
    source: str,
    spec: DataSpec,
    *,
    run: str | None = None,
    held_out: bool = False,
    **options: Any,
) -> Dataset:
    """Data of the kind ``spec`` that a model was fitted on, read as ``run`` read what it learned
    from, unless ``options`` say otherwise; ``held_out``: the test split where there is one."""
    if held_out and options.get("split") is None and has_split(source, "test"):
        options["split"] = "test"
    written = learned_from(run, source).options if run else {}
    return read(source, like=spec, **(written | options))


@dataclass(frozen=True)
class Known:
    """Data of the kind that a run knows: its ``source``, None where none is at hand, the
    ``options`` by which the run reads it, and the ``fingerprints`` of what it learned from."""

    run: str
    source: str | None
    options: dict[str, Any]
    fingerprints: set[str]

    def needed(self, remedy: str) -> str:
        """The source. Raises `UserError`, with the ``remedy``, where there is none."""
        if not self.source:
            raise UserError(
                f"{self.run} names no data at hand that it learned from; name data of that kind"
                f" {remedy}"
            )
        return self.source


def learned_from(run: str, source: str | None = None) -> Known:
    """What ``run`` learned from, or ``source`` as the run reads it. An address is only fetched from
    where the user names it: a run may come from anybody."""
    told = Run(Path(run)).manifest["data"]
    source = source or (None if is_address(told["source"]) else told["source"])
    return Known(run, source, as_before(source, told) if source else {}, fingerprints_of(told))


def read_as(source: str, how: dict[str, Any]) -> Dataset:
    """Held-out data, read as that which is learned from: the test split where there is one."""
    test = "test" if has_split(source, "test") else None
    written = as_before(source, {"source": "", "asked": how})
    kept = {name: value for name, value in how.items() if name not in WRITTEN}
    return read(source, **{**kept, **written, "split": test})


def example(text: str, spec: DataSpec, **options: Any) -> Any:
    """One example, named by its file or as SET:INDEX. Raises `UserError` where there is none."""
    return examples(text, spec, 1, **options)


def examples(text: str, spec: DataSpec, n: int, **options: Any) -> Any:
    """The first ``n`` examples of what ``text`` names, or the one that it names as SET:INDEX.
    Raises `UserError` where there is none."""
    return named_examples(text, spec, **options).user(slice(0, n))


def named_examples(text: str, spec: DataSpec, **options: Any) -> Dataset:
    """What ``text`` names, or the one example that it names as SET:INDEX. Raises `UserError` where
    there is none."""
    source, _, index = text.rpartition(":")
    if not source or not index.isdigit():
        return read_like(text, spec, **options)
    data, place = read_like(source, spec, **options), int(index)
    if place >= len(data):
        raise UserError(f"{text} was given; {source} has {len(data)} examples, numbered from 0")
    return replace(data.take(slice(place, place + 1)), names=[text])
