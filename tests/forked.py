"""The command line in a process of its own, forked from one that has loaded everything: as real as
any other, without its seconds of imports."""

import os
import pkgutil
import subprocess
import sys
import tempfile
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import genlearn as gl


@cache
def preloaded() -> ForkServerContext:
    """What starts processes that have loaded everything."""
    context = get_context("forkserver")
    ours = [
        module.name
        for module in pkgutil.walk_packages(gl.__path__, "genlearn.")
        if not module.name.endswith("__main__")
    ]
    context.set_forkserver_preload(
        [*ours, "lightning_fabric", "scipy.stats", "sklearn.linear_model"]
    )
    return context


def command_line(arguments):
    """``genlearn ARGUMENTS``."""
    from genlearn.cli.main import main

    sys.argv = ["genlearn", *arguments]
    main(arguments)


def python(arguments):
    """``python -c CODE ARGUMENTS``."""
    code, *others = arguments
    sys.argv, sys.path[:0] = ["-c", *others], [os.getcwd()]
    exec(code, {"__name__": "__main__"})


def shown_in(terminal):
    """Where the process complains is the ``terminal`` of this name."""
    os.dup2(os.open(terminal, os.O_WRONLY | os.O_NOCTTY), 2)


class Command:
    """``genlearn ARGUMENTS``, or another ``program``, in the folder ``cwd``, started; ``first`` is
    called in the process before all else."""

    def __init__(self, *arguments, cwd, first=None, program=command_line):
        self.arguments = [str(argument) for argument in arguments]
        self._folder = tempfile.TemporaryDirectory()
        self._files = [str(Path(self._folder.name) / stream) for stream in ("out", "err")]
        how = (program, self.arguments, str(cwd), self._files, dict(os.environ), first)
        self.process: BaseProcess = preloaded().Process(target=_run, args=how)
        self.process.start()

    def ended(self) -> subprocess.CompletedProcess[str]:
        """What it printed, and its exit code: minus the number of the signal that killed it, if one
        did."""
        self.process.join()
        out, error = (Path(file).read_text() if Path(file).exists() else "" for file in self._files)
        self._folder.cleanup()
        assert self.process.exitcode is not None
        return subprocess.CompletedProcess(self.arguments, self.process.exitcode, out, error)


def _run(program, arguments, cwd, files, environment, first):
    for file, stream in zip(files, (1, 2), strict=True):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    if first is not None:
        first()
    program(arguments)
