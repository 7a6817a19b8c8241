"""What is written beside images: ``metadata.csv`` or ``metadata.jsonl`` with ``file_name``, and
sidecar files of the same stem.

Sidecars (``0001.txt`` with a caption, ``0001.cls`` with a class, ``0001.json`` with either) are
what webdataset archives and fine-tuning folders use.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import basename, splitext
from typing import Any

from ...core.errors import UserError, nearest
from ..dataset import Array
from . import labels
from .file_tree import FileTree, suffix

CAPTIONS = ("text", "caption", "captions", "prompt", "description")
DESCRIPTIONS = ("metadata.csv", "metadata.jsonl", "classes.txt")
_TABLES = DESCRIPTIONS[:2]
_SIDECARS = (".txt", ".caption", ".cls", ".json")

Row = dict[str, Any]


@dataclass(frozen=True)
class SidecarMetadata:
    """Labels and captions of images, in their order."""

    labels: Array | None = field(default=None, repr=False)
    classes: tuple[str, ...] = ()
    captions: list[str] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


def describe(tree: FileTree, images: list[str], label: str | None) -> SidecarMetadata:
    """What the files beside ``images`` say of them. ``label``: the column of classes. Raises
    `UserError` where there is no such column."""
    rows, notes = _rows(tree, images)
    columns = {key for row in rows.values() for key in row}
    label = _label_column(columns, label)
    described = (
        _labels([rows.get(name, {}).get(label) for name in images]) if label else SidecarMetadata()
    )
    caption = next((key for key in CAPTIONS if key in columns and key != label), None)
    captions = [str(rows.get(name, {}).get(caption) or "") for name in images] if caption else None
    if caption and (silent := captions.count("") if captions else 0):
        notes = (*notes, f"{silent} of {len(images)} images have no caption")
    return SidecarMetadata(
        described.labels, described.classes, captions, (*notes, *described.notes)
    )


def _label_column(columns: Iterable[str], label: str | None) -> str | None:
    if label is not None and label not in set(columns):
        raise UserError(
            f"label={label!r} was given; there is no such column beside the images;"
            f" {nearest(label, columns)}"
        )
    return label or next((name for name in labels.COLUMNS if name in set(columns)), None)


def _labels(values: list[Any]) -> SidecarMetadata:
    encoded = labels.encode(values if all(v is not None for v in values) else [None])
    if encoded is None:
        return SidecarMetadata(notes=(labels.LEFT_OUT,))
    return SidecarMetadata(*encoded)


def _rows(tree: FileTree, images: list[str]) -> tuple[dict[str, Row], tuple[str, ...]]:
    """The described facts of each image by its name."""
    tables = [name for name, _, _ in tree.files if basename(name).lower() in _TABLES]
    found = {name: row for table in tables for name, row in _read_table(tree, table)}
    missing = len(found.keys() - set(tree.images)) if found else 0
    notes = (
        (f"{missing} files named in {PurePosixPath(tables[0]).name} do not exist",)
        if missing
        else ()
    )
    return (found if tables else _sidecars(tree, images)), notes


def _read_table(tree: FileTree, table: str) -> Iterable[tuple[str, Row]]:
    folder, text = PurePosixPath(table).parent, tree.text(table)
    for row in (
        _parse_lines(text, table)
        if table.lower().endswith("jsonl")
        else csv.DictReader(io.StringIO(text, newline=""))
    ):
        if not row.get("file_name"):
            raise UserError(
                f"{tree.place}/{table} has a line without file_name; its columns must be file_name,"
                " and text or label"
            )
        yield str(folder / str(row.pop("file_name"))), row


def _parse_lines(text: str, table: str) -> Iterable[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            if line.strip():
                yield dict(json.loads(line))
        except (ValueError, TypeError):
            raise UserError(
                f"line {number} of {table} is not a JSON object; each line must be one"
            ) from None


def _sidecars(tree: FileTree, images: list[str]) -> dict[str, Row]:
    """Facts from files that share an image's stem."""
    beside = [name for name, _, _ in tree.files if suffix(name) in _SIDECARS]
    by_stem = {splitext(name)[0]: name for name in images} if beside else {}
    rows: dict[str, Row] = {}
    for name in beside:
        if splitext(name)[0] in by_stem:
            rows.setdefault(by_stem[splitext(name)[0]], {}).update(
                _read_sidecar(tree.text(name), suffix(name))
            )
    return rows


def _read_sidecar(text: str, kind: str) -> Row:
    if kind == ".json":
        try:
            content = json.loads(text)
        except ValueError:
            return {}
        return (
            {key: value for key, value in content.items() if isinstance(value, (str, int))}
            if isinstance(content, dict)
            else {}
        )
    return {"label" if kind == ".cls" else "text": text.strip()}
