"""Which images make a split, and which a class, by the folders they lie in.

``root/train/cat/1.png`` is image 1 of class cat in split train. A folder that holds nothing but one
folder stands for that one. Folders are splits where all of them are called so, or where two of
different meaning are, in one place (train and test; a single ``train`` among others may be a class
of vehicles); what lies beside them is in no split. ``trainA`` and ``trainB`` are split train of two
classes, A and B, as unpaired image translation has it (Zhu et al. 2017, CycleGAN); splits within
several folders (``bottle/train``, ``cable/train``; Bergmann et al. 2019, MVTec AD) are one each.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..sources.base import is_split, meaning

_DOMAINS = re.compile(r"(?:^|(?<=/))([A-Za-z]+?)[-_]?([AB])/")
_TWO_DOMAINS = {"A", "B"}


@dataclass(frozen=True)
class Layout:
    """The folders in which the splits lie, ``root``, and their names there, ``tops``: none where
    there are no splits."""

    root: str
    tops: tuple[str, ...]

    def split_of(self, name: str) -> str | None:
        """The split of an image, or None where it lies outside all of them."""
        if not name.startswith(self.root):
            return None
        top, slash, _ = name[len(self.root) :].partition("/")
        return top if slash and top in self.tops else None

    def inner(self, name: str) -> str:
        """``name`` within its split."""
        split = self.split_of(name)
        return name if split is None else name[len(self.root) + len(split) + 1 :]


def find_layout(names: Iterable[str]) -> Layout:
    """The splits that ``names`` lie in."""
    children = _children(names)
    if parted := _parted(children):
        return _layout(parted[0], children)
    root = ""
    while tops := children.get(root, set()):
        if all(map(is_split, tops)):
            return _layout(root, children)
        if len(tops) > 1:
            break
        root += f"{next(iter(tops))}/"
    return Layout("", ())


def splits_first(names: list[str]) -> list[str]:
    """``names`` as if every split were one folder above all else: ``trainA/`` is ``train/A/`` where
    A and B are both there, and ``cat/train/`` is ``train/cat/`` where several folders have splits
    of their own."""
    found = [_domain(name) for name in names]
    if {match[2] for match in found if match} == _TWO_DOMAINS:
        names = [
            f"{name[: match.start()]}{match[1]}/{match[2]}/{name[match.end() :]}" if match else name
            for name, match in zip(names, found, strict=True)
        ]
    parted = _parted(_children(names))
    return [_split_first(name, parted) for name in names] if len(parted) > 1 else names


def class_folders(names: list[str]) -> tuple[str, list[str]]:
    """The folder below which ``names`` part, with its ``/``, and the folder of each there, ""
    where one lies in none."""
    root = _common_folder(names)
    return root, [_first_folder(name[len(root) :]) for name in names]


def _children(names: Iterable[str]) -> dict[str, set[str]]:
    """The names of the folders in each folder."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in {name.rpartition("/")[0] for name in names} - {""}:
        root = ""
        for part in folder.split("/"):
            found[root].add(part)
            root += f"{part}/"
    return found


def _parted(children: dict[str, set[str]]) -> list[str]:
    """The folders that hold splits of different meaning, but those within another."""
    found: list[str] = []
    for root in sorted(children):  # a folder comes before what it holds
        if _meanings(children[root]) > 1 and not any(root.startswith(above) for above in found):
            found.append(root)
    return found


def _split_first(name: str, parted: list[str]) -> str:
    root = next((root for root in parted if name.startswith(root)), None)
    if root is None:
        return name
    top, slash, rest = name[len(root) :].partition("/")
    return f"{meaning(top)}/{root}{rest}" if slash and is_split(top) else name


def _meanings(tops: set[str]) -> int:
    return len({meaning(top) for top in tops if is_split(top)})


def _layout(root: str, children: dict[str, set[str]]) -> Layout:
    return Layout(root, tuple(sorted(filter(is_split, children[root]), key=_training_first)))


def _domain(name: str) -> re.Match[str] | None:
    return next((match for match in _DOMAINS.finditer(name) if is_split(match[1])), None)


def _training_first(top: str) -> tuple[bool, str]:
    return meaning(top) != "train", top


def _first_folder(name: str) -> str:
    top, slash, _ = name.partition("/")
    return top if slash else ""


def _common_folder(names: list[str]) -> str:
    if not names:
        return ""
    first, last = min(names).split("/")[:-1], max(names).split("/")[:-1]
    shared = ""
    for a, b in zip(first, last, strict=False):
        if a != b:
            break
        shared += f"{a}/"
    return shared
