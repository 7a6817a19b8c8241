"""One queue of jobs, which outlasts the studio: jobs.json has them all, and what ran when the
studio ended waits at the front when it starts again, to go on where it was."""

from __future__ import annotations

import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from starlette.exceptions import HTTPException

from ...core.disk.atomic import write_bytes
from ...core.errors import UserError
from ...core.text import writable
from . import process
from .job import Job

_PATIENCE = 60.0  # seconds that a job gets to save what it has
_KEPT = 200  # jobs that are remembered after they have ended


class Queue:
    """Jobs in order; ``place`` keeps them and their logs, ``folder`` is where they run."""

    def __init__(self, place: Path, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.version = 0  # counts changes, for those who watch
        self._changed = threading.Condition(threading.RLock())
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = False
        self._jobs: dict[str, Job] = {job.id: job for job in self._read()}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Inside, jobs run; at the end the one that does is stopped, and saved."""
        self._closing = False
        thread = threading.Thread(target=self._work, name="queue", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._changed:
                self._closing = True
                self._changed.notify_all()
                running = self._process
            if running:
                process.end(running, _PATIENCE)
            thread.join()

    def jobs(self) -> list[Job]:
        """All, in the order in which they run or ran."""
        with self._changed:
            return list(self._jobs.values())

    def job(self, id: str) -> Job:
        """Raises a 404 where there is none."""
        with self._changed:
            if id not in self._jobs:
                raise HTTPException(404)
            return self._jobs[id]

    def at(self, place: str) -> Job | None:
        """The latest job that writes to ``place``."""
        return next((job for job in reversed(self.jobs()) if job.place == place), None)

    def add(self, kind: str, title: str, arguments: list[str], **about: Any) -> Job:
        """A new job at the end, with the ``place`` and ``budget`` it has. Raises `UserError` where
        one that has not ended writes to the same place, or a name is no text."""
        for text in (title, *arguments):
            if writable(text) != text:
                raise UserError(f"{text!r} was given, whose name is no UTF-8; rename it")
        job = Job(
            id=secrets.token_hex(8),
            kind=kind,
            title=title,
            arguments=[kind, *arguments],
            created=time.time(),
            **about,
        )
        with self._changed:
            if job.place and (other := self.at(job.place)) and other.open:
                raise UserError(f"{job.place} is being written to by {other.title}; wait for it")
            self._jobs[job.id] = job
            self._note()
        return job

    def pause(self, id: str) -> Job:
        """Stop a job, so that it can go on later."""
        with self._changed:
            job = self.job(id)
            if job.state == "running":
                job.state = "pausing"
                if self._process:
                    process.ask_to_stop(self._process)
            elif job.state == "waiting":
                job.state = "paused"
            self._note()
        return job

    def resume(self, id: str) -> Job:
        """Let a job that was paused, or failed, go on, after those that wait."""
        with self._changed:
            job = self.job(id)
            if job.state in ("paused", "failed"):
                self._jobs[id] = self._jobs.pop(id)
                job.state, job.code, job.said = "waiting", None, ""
            self._note()
        return job

    def remove(self, id: str) -> None:
        """Forget a job that does not run; what it has written stays."""
        with self._changed:
            job = self.job(id)
            if job.state in ("running", "pausing"):
                raise UserError(f"{job.title} is running; pause it first")
            del self._jobs[id]
            self._note()

    def log(self, job: Job) -> Path:
        """Where the words of ``job`` are."""
        return self.place / f"{job.id}.log"

    def _work(self) -> None:
        while (job := self._next()) is not None:
            process.end_orphan(job, _PATIENCE)
            self._run(job)

    def _next(self) -> Job | None:
        """The next job, waited for; None where the studio ends."""
        with self._changed:
            while not self._closing:
                for job in self._jobs.values():
                    if job.state == "waiting":
                        job.state, job.started, job.ended = "running", time.time(), None
                        self._note()
                        return job
                self._changed.wait()
        return None

    def _run(self, job: Job) -> None:
        with self._changed:
            if self._closing or job.state != "running":
                job.state = "waiting" if job.state == "running" else "paused"
                return self._note()
            running = self._process = process.start(job, self.log(job), self.folder)
            job.process = running.pid
            self._note()
        code = running.wait()
        assert running.stdin
        running.stdin.close()
        with self._changed:
            self._process = None
            self._ended(job, code)
            self._note()

    def _ended(self, job: Job, code: int) -> None:
        job.code, job.process, job.ended = code, None, time.time()
        job.said = process.last_words(self.log(job))
        if code == 0:
            job.state = "done"
        elif self._closing:
            job.state = "waiting"
        else:
            job.state = "paused" if job.state == "pausing" else "failed"

    def _note(self) -> None:
        """Write all down, and tell those who wait."""
        ended = [job.id for job in self._jobs.values() if not job.open]
        for id in ended[: max(0, len(ended) - _KEPT)]:
            self.log(self._jobs.pop(id)).unlink(missing_ok=True)
        self.place.mkdir(parents=True, exist_ok=True)
        write_bytes(self.place / "jobs.json", msgspec.json.encode(list(self._jobs.values())))
        self.version += 1
        self._changed.notify_all()

    def _read(self) -> list[Job]:
        """Those of an earlier start; what ran then waits. A damaged list is put aside."""
        file = self.place / "jobs.json"
        try:
            jobs = msgspec.json.decode(file.read_bytes(), type=list[Job])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError):
            file.replace(file.with_suffix(".damaged"))
            return []
        for job in jobs:
            if job.state == "running":
                job.state = "waiting"
            elif job.state == "pausing":
                job.state = "paused"
        first = [job for job in jobs if job.process]
        return [*first, *(job for job in jobs if not job.process)]
