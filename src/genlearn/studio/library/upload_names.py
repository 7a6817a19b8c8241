"""What files and sets that come from a browser are called here.

A name that was sent is a wish: what is kept of it are letters that every disk takes, without a way
out of its folder. The folder that was chosen is the set, and gives it its name; of those below, the
last one is a class and is kept, and one above it that is called as splits are.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from ...data.folders.names import hidden
from ...data.open.file_tree import SUFFIXES
from ...data.sources.base import is_split

_LONGEST = 120  # bytes of a name
_COMPOUND = (".tar.gz", ".tar.bz2", ".tar.xz")
_DATA = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".npy", ".npz")
_ARCHIVES = (".zip", ".tar", ".tgz", *_COMPOUND)
_BESIDE = (".txt", ".caption", ".cls")  # captions and classes of images
ACCEPTED = (*sorted(SUFFIXES), *_DATA, *_ARCHIVES, *_BESIDE)
_IDX = re.compile(r"[.-]idx\d-ubyte(\.gz)?$", re.IGNORECASE)
_NOWHERE = re.compile(r'[<>:"|?*\\/]')  # of no name on some disk
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # of Windows


def place_of(sent: str) -> tuple[str, ...] | None:
    """Where a file that was ``sent`` under this name is kept: folders, if any, and its name; None
    where it is nothing that data is read from."""
    parts = [part for part in re.split(r"[\\/]", sent) if part.strip() not in ("", ".", "..")]
    if not parts or any(hidden(part.strip()) for part in parts):
        return None
    *folders, name = map(clean, parts)
    if hidden(name) or not suffix_of(name):
        return None
    below = folders[1:]  # the first is the folder that was chosen
    split = [folder for folder in below[:-1] if is_split(folder)][:1]
    return (*split, *below[-1:], name)


def suffix_of(name: str) -> str:
    """The suffix by which data is read, "" where there is none such."""
    low = name.lower()
    if idx := _IDX.search(low):
        return idx[0]
    known = (end for end in (*_COMPOUND, *ACCEPTED) if low.endswith(end) and low != end)
    return next(known, "")


def clean(part: str, longest: int = _LONGEST) -> str:
    """A name that every disk takes, of at most so many bytes; its suffix stays."""
    text = unicodedata.normalize("NFC", part)
    text = "".join(one if one.isprintable() else "_" for one in text)
    text = _NOWHERE.sub("_", text).strip(" .") or "_"
    text = f"_{text}" if _DEVICES.match(text) else text
    suffix = text[len(text) - len(suffix_of(text)) :]
    stem = text.removesuffix(suffix).encode()[: longest - len(suffix.encode())]
    return (stem.decode(errors="ignore").rstrip(" .") or "_") + suffix


def set_name(wished: str, sent: list[str]) -> str:
    """What a set is called: as it was wished, or by the folder or the only file that was sent."""
    first = [part for part in re.split(r"[\\/]", sent[0]) if part.strip(" .")] if sent else []
    if not wished.strip() and first and (len(first) > 1 or len(sent) == 1):
        name = clean(first[0])
        wished = name.removesuffix(suffix_of(name))
    return clean(wished.strip() or "upload", 60)


@dataclass
class Names:
    """Names that are taken, by folder; equal ones, but for capitals, are numbered."""

    _folders: dict[tuple[str, ...], str] = field(default_factory=dict)
    _taken: set[tuple[str, ...]] = field(default_factory=set)
    _last: dict[tuple[str, ...], int] = field(default_factory=dict)

    def free(self, place: tuple[str, ...]) -> tuple[str, ...]:
        """``place`` or, where it is taken, one that is free."""
        *folders, name = place
        at: tuple[str, ...] = ()
        for folder in folders:  # "Cats" and "cats" are one, as on some disks
            key = (*at, folder.casefold())
            if key not in self._folders:
                self._folders[key] = self._numbered(at, folder)
            at = (*at, self._folders[key])
        return (*at, self._numbered(at, name))

    def _numbered(self, at: tuple[str, ...], name: str) -> str:
        stem = name[: len(name) - len(suffix_of(name))]
        end, free, key = name.removeprefix(stem), name, (*at, name.casefold())
        while (*at, free.casefold()) in self._taken:
            self._last[key] = self._last.get(key, 1) + 1
            free = f"{stem}-{self._last[key]}{end}"
        self._taken.add((*at, free.casefold()))
        return free
