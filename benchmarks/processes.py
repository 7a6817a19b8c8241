"""The command line in processes of their own, forked from this one, which has loaded everything: a
try costs no imports. Call `load` first, and nothing else that starts threads."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Ended(NamedTuple):
    """The exit code, minus the signal where one killed it; and what was said, to both streams."""

    code: int
    said: str


@dataclass
class Started:
    """A process that runs."""

    pid: int
    log: Path

    def ended(self) -> Ended:
        """What came of it, once it is over."""
        _, status = os.waitpid(self.pid, 0)
        said = self.log.read_text(errors="replace")
        self.log.unlink()
        return Ended(os.waitstatus_to_exitcode(status), said)


def load() -> None:
    """Load what commands need, with one thread."""
    os.environ["OMP_NUM_THREADS"] = "1"
    import lightning_fabric  # noqa: F401
    import torch

    import genlearn.comparison
    from genlearn.cli.main import COMMANDS, genlearn
    from genlearn.core.registry import available

    torch.set_num_threads(1)
    available()
    for name in COMMANDS:
        genlearn.get_command(None, name)  # type: ignore[arg-type]


def start(*arguments: object, cwd: Path, gate: int | None = None) -> Started:
    """``genlearn ARGUMENTS`` in the folder ``cwd``, as soon as there is something to read at
    ``gate``."""
    handle, log = tempfile.mkstemp(prefix="genlearn-")
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(handle)
        return Started(pid, Path(log))
    for stream in (1, 2):
        os.dup2(handle, stream)
    try:
        os.chdir(cwd)
        if gate is not None:
            os.read(gate, 1)
        from genlearn.cli.main import main

        sys.argv = ["genlearn", *map(str, arguments)]
        main(sys.argv[1:])
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(int(end.code or 0))
    finally:
        os._exit(1)
