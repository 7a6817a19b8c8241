"""Files that share an image's stem: ``0001.txt`` and ``0001.caption`` with a caption, ``0001.cls``
with a class, ``0001.json`` with either, as webdataset archives and fine-tuning folders have them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from posixpath import splitext

from ...core.disk.json_text import parse_json
from ...core.errors import UserError
from ..folders.names import some
from ..open.file_tree import FileTree, suffix
from .matching import same
from .tables import Row, is_table, normal

_KINDS = (".txt", ".caption", ".cls", ".json")
_BYTES = 1 << 20  # of one: a caption is far shorter


@dataclass
class Sidecars:
    """(image, what is said of it, the file that says it), in alphabetical order of the files."""

    rows: list[tuple[str, Row, str]] = field(default_factory=list)
    troubles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each kind of trouble."""
        return tuple(
            f"{len(names)} texts {trouble}: {some(names)}"
            for trouble, names in self.troubles.items()
        )


def read_sidecars(tree: FileTree, images: list[str]) -> Sidecars:
    """What the files of ``tree`` say that share the stem of one of ``images``."""
    found = Sidecars()
    beside = [name for name in tree.sizes if suffix(name) in _KINDS and not is_table(name)]
    by_stem: dict[str, list[str]] = defaultdict(list)
    for image in images if beside else []:
        by_stem[same(splitext(image)[0])].append(image)
    for name in sorted(beside):
        named = by_stem.get(same(splitext(name)[0]), [])
        if named and (row := _read(tree, name, found)) is not None:
            found.rows += [(image, dict(row), name) for image in named]
    return found


def _read(tree: FileTree, name: str, found: Sidecars) -> Row | None:
    """What one file says, or None where that is not to be had, which ``found`` hears of."""
    if tree.sizes[name] > _BYTES:
        found.troubles["too large for captions, not read"].append(name)
        return None
    try:
        text, guessed = tree.text(name)
        row = _row(text, suffix(name))
    except (UserError, ValueError):
        found.troubles["that cannot be read"].append(name)
        return None
    if guessed:
        found.troubles[guessed].append(name)
    return row


def _row(text: str, kind: str) -> Row:
    if kind == ".json":
        content = parse_json(text)
        if not isinstance(content, dict):
            raise ValueError("not an object")
        return {normal(key): value for key, value in content.items()}
    return {"label" if kind == ".cls" else "text": text.strip()}
