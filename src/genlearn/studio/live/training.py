"""A training as a page follows it: its reports as they come, its previews, and how it stands.

The folder of the run is all that is looked at, so that a training that was started in a shell is
followed as one of the queue is. What a look costs is the facts of a few files; they are read when
these have changed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.disk.atomic import LOCK
from ...core.disk.locks import holder_of, other_holds
from ...core.errors import UserError
from ...engine.runs.metrics_log import read_lines
from ...engine.runs.preview import find_previews
from ...engine.runs.run import Run
from ..jobs.job import Job
from ..jobs.process import words
from ..jobs.queue import Queue

_BAR, _SHOWN = "━", 6
Event = tuple[str, Any]  # its name, and what JSON holds of it
_KEYS = ("step", "steps", "losses", "validation", "seconds", "images_per_second", "lr")


@dataclass
class Track:
    """The reports of a run, or of a part of one called ``part``; ``seen`` of them were told."""

    part: str
    folder: Path
    seen: list[int] = field(default_factory=list)
    facts: tuple[int, int] = (0, 0)

    def news(self) -> Event | None:
        """Reports that were not told yet; all of them, with ``again``, where the training went
        back."""
        try:
            stat = (self.folder / "metrics.jsonl").stat()
        except OSError:
            return None
        if (stat.st_mtime_ns, stat.st_size) == self.facts:
            return None
        self.facts = (stat.st_mtime_ns, stat.st_size)
        lines = read_lines(self.folder)
        steps = [line["step"] for line in lines]
        again = steps[: len(self.seen)] != self.seen
        new = lines if again else lines[len(self.seen) :]
        self.seen = steps
        told = [{key: line[key] for key in _KEYS if key in line} for line in new]
        return ("reports", {"part": self.part, "again": again, "lines": told}) if told else None


@dataclass
class Follower:
    """What one page was told of the run at ``path``, which the queue's jobs call ``place``."""

    path: Path
    place: str
    queue: Queue
    tracks: dict[str, Track] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)

    def news(self) -> list[Event]:
        """What has happened since the last look."""
        manifest = self._manifest()
        for part in ("", *manifest.get("parts", [])):
            self.tracks.setdefault(part, Track(part, self.path / part))
        reports = [news for track in self.tracks.values() if (news := track.news())]
        now = {
            "standing": standing(self.path, self.queue.at(self.place), manifest),
            "previews": [int(path.stem) for path in find_previews(self.path / "samples")],
            "rollbacks": manifest.get("rollbacks", []),
            "words": self._words(),
        }
        changed = [(name, value) for name, value in now.items() if self.told.get(name) != value]
        self.told = now
        return [*reports, *changed]

    def _words(self) -> list[str]:
        """What the training said last, but for its bar."""
        job = self.queue.at(self.place)
        lines = words(self.queue.log(job)).split("\n") if job else []
        return [line for line in lines if line.strip() and _BAR not in line][-_SHOWN:]

    def _manifest(self) -> dict[str, Any]:
        """The manifest, or nothing where there is none yet or it is just being replaced."""
        try:
            return Run(self.path).manifest
        except (UserError, OSError):
            return {}


def standing(path: Path, job: Job | None, manifest: dict[str, Any]) -> dict[str, Any]:
    """How the training stands: ``state`` (of its job, or "elsewhere" where another process trains),
    ``steps`` planned, and the ``job``."""
    state, said = state_of(path, job)
    return {
        "state": state,
        "job": job.id if job else "",
        "said": said,
        "budget": job.budget if job else None,
        "began": job.started if job else None,
        "steps": manifest.get("steps"),
        "now": round(time.time()) if state == "running" else 0,
    }


def state_of(path: Path, job: Job | None) -> tuple[str, str]:
    """The state of what is done at ``path``, of its ``job`` or "elsewhere" where another process
    does it, and the last words of either."""
    held = "" if job and job.open else writer(path)
    if held:
        return "elsewhere", held
    return (job.state, job.said) if job else ("done", "")


def writer(path: Path) -> str:
    """Who writes to the run at ``path`` now, in words, by what its lock says; "" where nobody
    does."""
    lock = path / LOCK
    return "" if other_holds(lock) is False else holder_of(lock)
