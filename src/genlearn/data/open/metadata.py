"""What is written beside images, put together: tables first, then files of the same stem. Of two
that say different things of one image the first counts, which is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from posixpath import basename, dirname
from typing import Any

from ...core.errors import UserError, nearest
from ..beside.captions import CAPTIONS, caption_texts
from ..beside.matching import NameIndex
from ..beside.sidecars import read_sidecars
from ..beside.tables import Row, is_table, normal, read_table, says_nothing
from ..dataset import Array
from ..folders.names import some
from . import labels
from .file_tree import FileTree

_CLASSES = "classes.txt"


@dataclass(frozen=True)
class SidecarMetadata:
    """Labels and captions of images, in their order. ``read``: names of the files that they come
    from. ``unlabelled``: these say that there are no classes."""

    labels: Array | None = field(default=None, repr=False)
    classes: tuple[str, ...] = ()
    captions: list[str] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    read: frozenset[str] = frozenset()
    unlabelled: bool = False


def describe(tree: FileTree, images: list[str], label: str | None) -> SidecarMetadata:
    """What the files beside ``images`` say of them. ``label``: the column of classes. Raises
    `UserError` where there is no such column, and where tables name files and none of them is
    there."""
    facts = _Facts()
    _add_tables(facts, tree)
    sidecars = read_sidecars(tree, images)
    for image, row, name in sidecars.rows:
        facts.add(image, row, name)
    bare = [name for name in images if name not in facts.rows] if facts.rows else []
    columns = sorted(facts.columns)
    label = _label_column(columns, label)
    caption = next((key for key in CAPTIONS if key in columns and key != label), None)
    captions, caption_notes = (
        caption_texts(facts.column(caption, images)) if caption else (None, ())
    )
    encoded, label_notes = (
        _labels(facts, tree, facts.column(label, images)) if label else (None, ())
    )
    unread = [column or "(no name)" for column in columns if column not in (label, caption)]
    if bare and len(bare) < len(images):
        facts.lines.append(f"nothing is said of {len(bare)} images: {some(bare)}")
    notes = (*facts.notes(), *sidecars.notes, *caption_notes, *label_notes)
    notes = (*notes, f"columns beside the images not read: {some(unread)}") if unread else notes
    return SidecarMetadata(
        encoded[0] if encoded else None,
        encoded[1] if encoded else (),
        captions,
        notes,
        frozenset(facts.read),
        facts.unlabelled,
    )


@dataclass
class _Facts:
    """Rows by image, and how they came about."""

    rows: dict[str, Row] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    unlabelled: bool = False

    def add(self, image: str, row: Row, source: str) -> None:
        known = self.rows.setdefault(image, {})
        said = {key: value for key, value in row.items() if not says_nothing(value)}
        if any(known.get(key, value) != value for key, value in said.items()):
            self.twice.append(image)
        self.rows[image] = said | known
        self.columns |= row.keys()
        self.read.add(source)

    def column(self, name: str, images: list[str]) -> list[Any]:
        """What is said under ``name`` of each image, None where nothing is."""
        return [self.rows.get(image, {}).get(name) for image in images]

    def notes(self) -> tuple[str, ...]:
        if not self.twice:
            return tuple(self.lines)
        images = dict.fromkeys(self.twice)
        line = f"{len(images)} images are described more than once, the first counts: "
        return (*self.lines, line + some(images))


def _add_tables(facts: _Facts, tree: FileTree) -> None:
    index = None
    for table in [name for name in tree.sizes if is_table(name)]:
        text, guessed = tree.text(table)
        found = read_table(text, table)
        if found is None:
            continue
        rows, notes = found
        facts.read.add(table)
        facts.unlabelled |= not rows and table.endswith(".json")
        facts.lines += [f"{table}: {guessed}"] if guessed else []
        facts.lines += [*notes] if rows or facts.unlabelled else [f"{table} has no rows"]
        index = index or NameIndex(tree.images)
        _match(facts, index, table, rows, tree)


def _match(
    facts: _Facts, index: NameIndex, table: str, rows: Sequence[tuple[str, Row]], tree: FileTree
) -> None:
    missing, guessed = [], []
    for written, row in rows:
        image, guess = index.find(dirname(table), written)
        if image is None:
            missing.append(written)
            continue
        facts.add(image, row, table)
        guessed += [written] if guess else []
    if rows and len(missing) == len(rows):
        raise UserError(
            f"none of the {len(rows)} files named in {table} is there: it has {missing[0]!r} where"
            f" the images are called {tree.images[0]!r}; correct the names, or move {table} away"
        )
    if missing:
        facts.lines.append(
            f"{len(missing)} files named in {basename(table)} do not exist: {some(missing)}"
        )
    if guessed:
        facts.lines.append(
            f"{len(guessed)} files named in {basename(table)} differ in case or % from the images:"
            f" {some(guessed)}"
        )


def _label_column(columns: Iterable[str], label: str | None) -> str | None:
    known = set(columns)
    if label is not None and normal(label) not in known:
        raise UserError(
            f"label={label!r} was given; there is no such column beside the images;"
            f" {nearest(label, known)}"
        )
    return normal(label) if label else next((n for n in labels.COLUMNS if n in known), None)


def _label(value: Any) -> Any:
    """A label as a number or text; the place of the one where it is one-hot, else None."""
    if isinstance(value, list):
        return value.index(1) if value.count(1) == 1 and value.count(0) == len(value) - 1 else None
    return None if isinstance(value, dict) else value


def _labels(
    facts: _Facts, tree: FileTree, values: list[Any]
) -> tuple[tuple[Array, tuple[str, ...]] | None, tuple[str, ...]]:
    values, names = list(map(_label, values)), []
    listed = next((name for name in tree.sizes if basename(name).lower() == _CLASSES), None)
    if listed is not None:
        names = [line.strip() for line in tree.text(listed)[0].split("\n") if line.strip()]
        facts.read.add(listed)
    if names and all(isinstance(value, str) and value.isdecimal() for value in values):
        values = [int(value) for value in values]
    return labels.encode(values, names), labels.remarks(values, names)
