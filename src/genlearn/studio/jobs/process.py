"""The process of a job: started, asked to stop, and found again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ...core.text import escaped
from .job import Job

MARK = "GENLEARN_STUDIO_JOB"  # in the environment of a job's process: which job it is
_LAST = 32 << 10  # bytes of a log that are shown


def start(job: Job, log: Path, folder: Path) -> subprocess.Popen[bytes]:
    """The process of ``job``, in ``folder``, whose words go to ``log``; it ends with this one."""
    command = [sys.executable, "-m", "genlearn.studio.jobs.worker", *job.arguments]
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=os.environ | {MARK: job.id, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
            start_new_session=True,
        )


def ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C in a shell does: what was learned is saved."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)


def end(process: subprocess.Popen[bytes], patience: float) -> None:
    """Ask it to stop, and after ``patience`` seconds end it and all that it started."""
    ask_to_stop(process)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_orphan(job: Job, patience: float) -> None:
    """End what still runs of ``job`` after the studio that started it was killed: its number may be
    another program's by now, which its environment tells."""
    until = time.monotonic() + patience
    while job.process and _is_of(job.process, job.id):
        number = signal.SIGTERM if time.monotonic() < until else signal.SIGKILL
        try:
            os.kill(job.process, number)
        except ProcessLookupError:
            return
        time.sleep(0.2)


def words(log: Path) -> str:
    """The end of a log; of a bar that was drawn again and again, how it stood last."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LAST))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    lines = (line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n"))
    return escaped("\n".join(line for line in lines if line.strip()))


def last_words(log: Path) -> str:
    """The last line of a log."""
    return words(log).rpartition("\n")[2]


def _is_of(process: int, job: str) -> bool:
    try:
        return f"{MARK}={job}".encode() in Path(f"/proc/{process}/environ").read_bytes().split(
            b"\0"
        )
    except OSError:
        return False
