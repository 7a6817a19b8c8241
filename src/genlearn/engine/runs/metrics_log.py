"""metrics.jsonl: what a training reports, a line of JSON each, only ever appended to.

A line ``{"back": step}`` says that training went on from there: what stands above it beyond that
step no longer counts. Lines that are none of both, cut short by a killed process or a failing disk,
are passed over.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...core.disk.atomic import wrap_os_errors
from ...core.disk.json_text import parse_json
from ..callbacks import NullCallback, Progress

_NUMBERS = ("lr", "images_per_second", "seconds")


class JsonlLogger(NullCallback):
    """Appends reports to a file of JSON lines, which is never rewritten. Where what stands there
    beyond ``step`` was lost, with a killed process or in trouble, a line says so: ``{"back":
    step}``."""

    def __init__(self, path: Path, step: int) -> None:
        self.path = path
        before = path.read_bytes() if path.exists() else b""
        self.file = path.open("a", encoding="utf-8")
        if before and not before.endswith(b"\n"):
            self.file.write("\n")
        if any(line["step"] > step for line in _counting(before)):
            self.back(step)

    def back(self, step: int) -> None:
        self._write({"back": step})

    def report(self, progress: Progress) -> None:
        self._write({key: value for key, value in asdict(progress).items() if value is not None})

    def close(self) -> None:
        self.file.close()

    def _write(self, line: dict[str, Any]) -> None:
        with wrap_os_errors(self.path):
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()


def read_lines(run: Path) -> list[dict[str, Any]]:
    """The reports of a run that count, in order; none where it has not reported yet."""
    file = run / "metrics.jsonl"
    return _counting(file.read_bytes()) if file.is_file() else []


def _counting(content: bytes) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for text in content.split(b"\n"):
        line = _read(text)
        if line is None:
            continue
        # a report of a step takes the place of an earlier one, and of those after that
        last = line["back"] if "back" in line else line["step"] - 1
        while lines and lines[-1]["step"] > last:
            lines.pop()
        lines += [] if "back" in line else [line]
    return lines


def _read(text: bytes) -> dict[str, Any] | None:
    """A report or a way back; None for anything else."""
    try:
        line = parse_json(text)
    except ValueError:
        return None
    if not isinstance(line, dict):
        return None
    if set(line) == {"back"}:
        return line if _is_count(line["back"]) else None
    losses = line.get("losses")
    whole = (
        _is_count(line.get("step"))
        and all(_is_number(line.get(key)) for key in _NUMBERS)
        and isinstance(losses, dict)
        and all(map(_is_number, losses.values()))
        and ("validation" not in line or _is_number(line["validation"]))
    )
    return line if whole else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
