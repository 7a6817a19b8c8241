"""A command of the command line that does not outlive who started it.

The standard input is a pipe that the studio holds open and never writes to: where it ends, the
studio has ended, in whatever way, and the command is asked to stop, which keeps what it has learned
so far. It is run as a program, as from a shell.
"""

from __future__ import annotations

import os
import runpy
import signal
import threading
import time

_PATIENCE = 60.0  # seconds that a command gets to save what it has


def main() -> None:
    """Run `genlearn` with this program's arguments."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    runpy.run_module("genlearn", run_name="__main__", alter_sys=True)


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
