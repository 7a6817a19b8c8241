"""The folder of a comparison, which lets a killed one continue where it was.

comparison.json   data, settings, candidates, and the training time of each
runs/NAME/        the run of each candidate
tuning/NAME/      the trials of its hyper-parameters
judged/NAME/      its figures and panels
reference_set/    feature extractors, floor and ceiling
report.json, report.html
errors.log        tracebacks of what failed, by candidate and time

The page of a single run, whose training lies elsewhere, has evaluation.json instead of the first
three.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.disk.atomic import locked, sole_writer, wrap_os_errors
from ..core.disk.checked import read_document, write_document
from ..core.disk.durable import remove
from ..core.disk.locks import Lock
from ..core.errors import UserError
from ..data.split import Split
from .candidates import Candidate
from .config import ComparisonConfig

_COMPARISON, _EVALUATION = "comparison.json", "evaluation.json"
_MEASURED = ("judged", "reference_set", "report.json", "report.html", "errors.log")
_TRAINED = ("runs", "tuning")


@dataclass(frozen=True)
class Workspace:
    """The folder at ``path``; with ``elsewhere``, runs that lie outside it by name, it is one of an
    evaluation."""

    path: Path
    elsewhere: dict[str, Path] = field(default_factory=dict)

    @staticmethod
    def planned(
        settings: ComparisonConfig, source: str, split: Split, candidates: list[Candidate]
    ) -> dict[str, Any]:
        """What stands in the plan at the start; the training times and the amounts of evaluation
        are filled in later."""
        data = {
            "source": source,
            "fingerprint": split.train.fingerprint,
            "held_out": split.held_out.fingerprint,
            "spec": _plain(split),
        }
        return {
            "settings": settings.to_json(),
            "data": data,
            "candidates": [candidate.to_json() for candidate in candidates],
            "seconds": {},
            "amounts": {},
            "left_out": {},
            "spent": {},
            "tuned": {},
            "failed": {},
        }

    @property
    def plan(self) -> dict[str, Any]:
        return read_document(self.document)

    @property
    def document(self) -> Path:
        return self.path / (_EVALUATION if self.elsewhere else _COMPARISON)

    def run(self, name: str) -> Path:
        return self.elsewhere.get(name, self.path / "runs" / name)

    def judged(self, name: str) -> Path:
        return self.path / "judged" / name

    @property
    def reference_set(self) -> Path:
        return self.path / "reference_set"

    @property
    def tuning(self) -> Path:
        return self.path / "tuning"

    @property
    def errors(self) -> Path:
        return self.path / "errors.log"

    def exists(self) -> bool:
        return self.document.is_file()

    def alone(self) -> AbstractContextManager[Lock]:
        """Inside, no other comparison or evaluation writes to the folder. Raises `UserError` where
        one does."""
        return sole_writer(self.path, "reference_set")

    def beside_others(self) -> AbstractContextManager[Lock]:
        """Inside, only processes write to the folder that say so as well. Raises `UserError` where
        another does."""
        return sole_writer(self.path, shared=True)

    def open(self, plan: dict[str, Any], fresh: bool) -> bool:
        """Make the folder for ``plan``, or take up the comparison that stands here; whether there
        was one.

        Raises `UserError` where it differs from ``plan``, and where other files are.
        """
        if self.exists() and not fresh:
            if differences := self.differences(plan):
                raise UserError(
                    f"{self.path} holds another comparison: {'; '.join(differences)}. Choose"
                    " another --out, or --fresh to replace it"
                )
            return True
        if (
            not self.exists()
            and self.path.is_dir()
            and any(not file.name.startswith(".") for file in self.path.iterdir())
        ):
            raise UserError(
                f"{self.path} holds other files, which this would mix with; choose another --out"
            )
        with wrap_os_errors(self.path):
            self._clear()
        self.write(plan)
        return False

    def write(self, plan: dict[str, Any]) -> None:
        """Start anew with ``plan``."""
        write_document(self.document, plan)

    def update(self, key: str, **values: Any) -> dict[str, Any]:
        """Add ``values`` to what the plan notes under ``key``; the plan as it stands then.

        It is read, changed and put in place whole, so that no writer loses what another noted.
        """
        with locked(self.document):
            plan = self.plan
            plan[key] = {**plan.get(key, {}), **values}
            self.write(plan)
        return plan

    def forget_failures(self) -> None:
        """Candidates that failed may be tried again."""
        with locked(self.document):
            self.write({**self.plan, "failed": {}})

    def differences(self, plan: dict[str, Any]) -> list[str]:
        """In what the comparison that stands here differs from ``plan``, in words."""
        there, here = self.plan, plan["settings"]
        known = [
            key
            for key in here
            if key != "evaluation" or there["settings"]["budget"] == here["budget"]
        ]
        differences = [
            f"{key} {there['settings'].get(key)} there, {here[key]} here"
            for key in known
            if there["settings"].get(key) != here[key]
        ]
        if there["data"] != plan["data"] and there["settings"]["seed"] == here["seed"]:
            differences.append("other data, or data prepared in another way")
        if there["candidates"] != plan["candidates"]:
            differences.append(f"candidates {_names(there)} there, {_names(plan)} here")
        return differences

    def _clear(self) -> None:
        """The document goes last: what is cut short is told from other people's files."""
        for name in (*_MEASURED, *(() if self.elsewhere else _TRAINED)):
            path = self.path / name
            remove(path)  # of a link, the link
        self.document.unlink(missing_ok=True)


def _plain(split: Split) -> dict[str, Any]:
    """The spec as it comes back from JSON."""
    spec: dict[str, Any] = json.loads(json.dumps(split.train.spec.to_json()))
    return spec


def _names(plan: dict[str, Any]) -> str:
    return ", ".join(candidate["name"] for candidate in plan["candidates"])
