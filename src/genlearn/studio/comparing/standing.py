"""How a comparison stands: who trains now and how far, who is judged, who failed.

Its folder is all that is looked at, so that one that was started in a shell is followed as well.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from ...comparison.candidates import Candidate
from ...core.disk.checked import read_document
from ...core.errors import UserError
from ...core.estimator_types import ClosedForm
from ...core.registry import find
from ...engine.runs.metrics_log import read_lines
from ...engine.runs.run import Run
from ..context import Studio
from ..jobs.job import Job
from ..library.comparisons import DOCUMENT
from ..library.places import id_of
from ..live.training import state_of, writer
from ..wording import duration, number

_TAIL = 16 << 10  # bytes of a log of failures that its last lines are in
_FAILURE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (.+)")

_RESTING = {
    "waiting": "It waits for its turn in the queue.",
    "paused": "It is paused; what was done is kept.",
    "pausing": "It is being stopped; what was done is kept.",
    "failed": "It failed.",
}
_DOING = {"training": "training", "judging": "being judged"}


@dataclass(frozen=True)
class Row:
    """A candidate: ``state`` is waiting, training, stopped, trained, judging, judged or failed;
    ``share`` of its training that is done."""

    name: str
    model: str
    state: str = "waiting"
    detail: str = ""
    share: float = 0.0
    run: str = ""


@dataclass(frozen=True)
class Standing:
    """``state`` of its job, or "elsewhere" where another process runs it; ``doing`` says what is
    done now."""

    name: str
    path: Path
    state: str
    job: Job | None
    said: str
    plan: dict[str, Any]
    rows: list[Row] = field(default_factory=list)

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def at_work(self) -> bool:
        """Whether something is done to it now."""
        return self.state in ("running", "pausing", "elsewhere")

    @property
    def reported(self) -> bool:
        """Whether its report is there, and not about to be written anew."""
        return (self.path / "report.html").is_file()

    @property
    def doing(self) -> str:
        """In a sentence."""
        if self.state in _RESTING:
            return _RESTING[self.state]
        if not self.at_work:
            return "It is done." if self.reported else "It was stopped before its end."
        for row in self.rows:
            if row.state in _DOING:
                return f"{row.name} is {_DOING[row.state]}."
        if self.rows and all(row.state in ("judged", "failed") for row in self.rows):
            return "Its report is being written."
        what = "What samples are judged by" if self.rows else "Its data"
        return f"{what} is being prepared."

    @property
    def shape(self) -> str:
        """What the page shows beside texts that change: where it is another, it is shown anew."""
        rows = "".join(f"{row.name}/{row.run}/{row.state == 'failed'} " for row in self.rows)
        return id_of(f"{self.state} {self.reported} {rows}")

    def to_json(self) -> dict[str, Any]:
        """What the page's script changes."""
        rows = [
            {"name": r.name, "state": r.state, "detail": r.detail, "share": r.share}
            for r in self.rows
        ]
        return {"shape": self.shape, "doing": self.doing, "said": self.said, "rows": rows}


def place_of(studio: Studio, id: str) -> str | None:
    """The place of the comparison called ``id``, from the studio's folder: one that is there, or is
    to be."""
    if found := studio.library.comparisons().get(id):
        return found.name
    jobs = (job for job in studio.queue.jobs() if job.kind == "compare")
    return next((job.place for job in jobs if id_of(job.place) == id), None)


def standing_of(studio: Studio, place: str) -> Standing:
    """How the comparison at ``place`` stands now."""
    path, job = studio.settings.folder / place, studio.queue.at(place)
    state, said = state_of(path, job)
    standing = Standing(place, path, state, job, said, _plan(path))
    standing.rows.extend(_rows(standing))
    return standing


def _rows(standing: Standing) -> list[Row]:
    """The candidates, as they were planned."""
    candidates = [Candidate(**about) for about in standing.plan.get("candidates", ())]
    failed = _failures(standing.path / "errors.log")
    rows = [_row(standing, one, failed.get(one.name, "")) for one in candidates]
    if (
        standing.at_work
        and not standing.reported
        and all(row.state in ("trained", "judged", "failed") for row in rows)
    ):
        now = next((i for i, row in enumerate(rows) if row.state == "trained"), None)
        if now is not None:
            rows[now] = replace(rows[now], state="judging")
    return rows


def _row(standing: Standing, candidate: Candidate, failure: str) -> Row:
    name = candidate.name
    path = standing.path / "runs" / name
    run, judged = Run(path), (standing.path / "judged" / name).exists()
    found = id_of(f"{standing.name}/runs/{name}") if run.exists() else ""
    row = partial(Row, name=name, model=candidate.model, run=found)
    last, allowed = _last_report(path), standing.plan["seconds"].get(name)
    if found and _complete(run) and (judged or not failure):
        return row(
            state="judged" if judged else "trained",
            detail=_trained(candidate.model, last),
            share=1.0,
        )
    training = bool(found) and standing.at_work and bool(writer(path))
    if failure and not training:
        return row(state="failed", detail=failure)
    state = "training" if training else "stopped" if found else "waiting"
    return row(state=state, detail=_going(last, allowed), share=_share(last, allowed))


def _complete(run: Run) -> bool:
    try:
        return run.complete
    except (UserError, OSError):  # just being replaced
        return False


def _trained(model: str, last: dict[str, Any]) -> str:
    if not last or issubclass(find(model), ClosedForm):
        return "in one go"
    return f"{number(last['step'])} step{'s' if last['step'] != 1 else ''}"


def _going(last: dict[str, Any], allowed: float | None) -> str:
    """Steps, time and loss so far."""
    if not last:
        return f"for {duration(allowed)}" if allowed else ""
    losses = ", ".join(f"{name} {value:.3g}" for name, value in last["losses"].items())
    return f"step {number(last['step'])} · {losses}"


def _share(last: dict[str, Any], allowed: float | None) -> float:
    if not last:
        return 0.0
    done, of = (last["seconds"], allowed) if allowed else (last["step"], last.get("steps"))
    return round(min(1.0, float(done) / float(of or done or 1)), 3)


def _last_report(run: Path) -> dict[str, Any]:
    """Nothing where there is none yet."""
    return next(reversed(read_lines(run)), {})


def _failures(log: Path) -> dict[str, str]:
    """What failed by name, and the last line of why."""
    found, name = {}, ""
    for line in _tail(log).decode(errors="replace").splitlines():
        if match := _FAILURE.fullmatch(line):
            name = match[1]
        elif name and line.strip():
            found[name] = line.strip()[:300]
    return found


def _tail(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            return file.read()
    except OSError:
        return b""


def _plan(path: Path) -> dict[str, Any]:
    """What comparison.json says; nothing where it is not there yet, or damaged."""
    try:
        plan = read_document(path / DOCUMENT)
        for candidate in [Candidate(**about) for about in plan["candidates"]]:
            find(candidate.model)
        _ = dict(plan["seconds"]), plan["data"]["source"], plan["settings"]["budget"]
        return plan
    except (UserError, OSError, KeyError, TypeError, ValueError):
        return {}
