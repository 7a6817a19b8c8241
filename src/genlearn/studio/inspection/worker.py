"""Who looks into data: a process that has loaded what that takes, and forks a worker for each set.

A line on the standard input is a task. Lines on the standard output tell of it: which process has
it, how far that is, what it has ended with. Where the input ends whoever asked has ended, and so
does all of this. Where the system cannot fork safely, the first task is the last.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .limits import take_limits

if TYPE_CHECKING:
    from ...data.inspect.inspect import DataReport
    from ..library.reading import Reading
    from .findings import Choices, Findings

_CAPTIONS = 200_000  # that can be searched
_IDLE = 600.0  # seconds without a task after which memory is given back
_FORKS = sys.platform == "linux"
Tell = Callable[..., Any]


def main() -> None:
    """Do tasks as they come."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints is none of it

    def tell(**event: Any) -> None:
        out.write(msgspec.json.encode(event) + b"\n")

    with suppress(OSError, AttributeError):  # not all systems know it
        os.nice(5)  # who trains goes first
    _load()
    worker = 0
    while task := _line():
        if not _FORKS:
            threading.Thread(target=_end_with_input, daemon=True).start()
            return _work(task, tell)
        parent, worker = os.getpid(), os.fork()
        if not worker:
            _be_worker(task, tell, parent)
        with suppress(OSError):
            os.setpgid(worker, worker)
        tell(process=worker)
        threading.Thread(target=_tell_end, args=(worker, tell), daemon=True).start()
    if worker:
        with suppress(OSError):
            os.killpg(worker, signal.SIGKILL)


def _load() -> None:
    for name in ("pandas", "pyarrow.dataset", "genlearn.data", "genlearn.data.inspect.inspect"):
        import_module(name)
    from PIL import Image

    Image.init()
    if _FORKS and not _waiting(0):
        import_module("sklearn.datasets")  # digits are among them


def _be_worker(task: bytes, tell: Tell, parent: int) -> None:
    """In the fork: do the task and end, whatever happens."""
    try:
        with suppress(OSError):
            os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        take_limits()
        _work(task, tell)
    finally:
        sys.stderr.flush()
        os._exit(0)


def _work(task: bytes, tell: Tell) -> None:
    try:
        _look(json.loads(task), tell)
    except Exception as error:
        tell(problem=_problem(error))


def _tell_end(worker: int, tell: Tell) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    with suppress(OSError):  # what it has started
        os.killpg(worker, signal.SIGKILL)
    tell(ended=code)


def _line() -> bytes:
    """The next task; empty where there are no more, or none has come for long."""
    line = b""
    while not line.endswith(b"\n"):
        if _FORKS and not line and not _waiting(_IDLE):
            return b""
        more = os.read(0, 1 << 16)
        if not more:
            return b""
        line += more
    return line


def _waiting(seconds: float) -> bool:
    """Whether a task comes within so many seconds."""
    return bool(select.select([0], [], [], seconds)[0])


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(os.getpid(), signal.SIGKILL)


def _end_with_input() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


def _look(task: dict[str, Any], tell: Tell) -> None:
    """Write findings on the data ``at`` a place, read as in ``reading``, into the ``folder``."""
    from ...core.text import printable
    from ...data import inspect_data
    from ..library.reading import Reading
    from .findings import DOCUMENT

    reading = msgspec.convert(task["reading"], Reading)
    choices = _choices(task["at"])
    tell(choices=choices)
    report = inspect_data(
        task["at"],
        **reading.options,
        tell=lambda line: tell(said=printable(line)),
        progress=lambda done, total: tell(done=done, total=total),
    )
    tell(said="drawing")
    folder = Path(task["folder"])
    found = _found(report, reading, choices, folder)
    (folder / DOCUMENT).write_bytes(msgspec.json.encode(found))
    tell(found=True)


def _choices(at: str) -> Choices:
    from ...core.text import printable
    from ...data.open.dispatch import find
    from .findings import Choices

    source = find(at)
    return Choices([printable(name) for name in source.splits()], list(source.written()))


def _found(report: DataReport, reading: Reading, choices: Choices, folder: Path) -> Findings:
    from ...core.text import printable
    from .findings import CAPTIONS, FORMAT, SPEC, Findings
    from .pictures import draw_card, draw_sheet, keep_pixels
    from .problems import left_out, other_notes, problems
    from .tables import columns_found, first_rows

    images = report.kind == "images"
    captions = [printable(text) for text in (report.data.captions or [])[:_CAPTIONS]]
    if captions:
        (folder / CAPTIONS).write_bytes(msgspec.json.encode(captions))
    (folder / SPEC).write_bytes(msgspec.json.encode(report.data.spec.to_json()))
    header, rows = ([], []) if images else first_rows(report.data)
    facts = [("Sizes of the files", report.sizes), ("Colours of the files", report.modes)]
    return Findings(
        format=FORMAT,
        kind=report.kind,
        what=report.lines()[0],
        count=report.count,
        facts=[(title, _counted(counts)) for title, counts in facts if len(counts) > 1],
        classes={printable(name): count for name, count in report.classes.items()},
        captions=report.captions,
        shown=keep_pixels(report.data, folder) if images and captions else 0,
        columns=[] if images else columns_found(report.data, report.columns),
        left_out=[] if images else left_out(report),
        header=header,
        rows=rows,
        problems=problems(report, reading),
        notes=[printable(note) for note in other_notes(report)],
        splits=choices.splits,
        written=choices.written,
        sheet=draw_sheet(report, folder) if images else None,
        card=draw_card(report.data, folder) if images else None,
    )


def _counted(counts: dict[str, int], shown: int = 12) -> str:
    parts = [f"{name} {count:,}" for name, count in list(counts.items())[:shown]]
    more = len(counts) - len(parts)
    return ", ".join([*parts, *([f"and {more:,} more"] if more else [])])


def _problem(error: Exception) -> str:
    """What went wrong, for people."""
    from ...core.errors import UserError, exhausted, first_line
    from ...core.text import printable

    if isinstance(error, UserError):
        return str(error)
    if lack := exhausted(error):
        return lack
    traceback.print_exc()
    what = printable(f"{type(error).__name__}: {first_line(error)}")
    return f"{what}. This is a defect of genlearn."


if __name__ == "__main__":
    main()
