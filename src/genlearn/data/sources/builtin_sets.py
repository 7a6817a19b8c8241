"""Sets known by name: a folder under $GENLEARN_DATA, scikit-learn's digits, scenes that are drawn,
or a set on the Hugging Face hub."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from ...core.errors import UserError, nearest
from ..prepare.value_range import ValueRange
from .arrays import ArraySource
from .base import Source

HUB_IDS = {
    "mnist": "ylecun/mnist",
    "fashion_mnist": "zalando-datasets/fashion_mnist",
    "cifar10": "uoft-cs/cifar10",
    "cifar100": "uoft-cs/cifar100",
    "svhn": "ufldl-stanford/svhn",
}


def find_named(name: str) -> Source:
    """The set called ``name``. Raises `UserError` that says where to put the files where there is
    none."""
    from ..open.path_dispatch import at_path

    home = os.environ.get("GENLEARN_DATA")
    if home and _is_plain(name) and (Path(home) / name).exists():
        return at_path(Path(home) / name)
    if name == "digits":
        return _digits()
    if name == "scenes":
        from .toy_captions import Captioned

        return Captioned()
    if name in HUB_IDS or _is_hub_id(name):
        from .huggingface import HubSource

        return HubSource(HUB_IDS.get(name, name), name)
    raise UserError(_not_found(name, Path(home) if home else None))


def _digits() -> Source:
    import sklearn.datasets

    digits = sklearn.datasets.load_digits()
    return ArraySource(
        {"": digits.images.astype("uint8")}, {"": digits.target}, extent=ValueRange(0, 16, 17)
    )


def _is_plain(name: str) -> bool:
    return bool(name) and Path(name).name == name


def _is_hub_id(name: str) -> bool:
    """Whether ``name`` reads ``owner/name`` and is no mistyped path: a path's first part would be
    there."""
    owner, slash, rest = name.partition("/")
    return (
        bool(slash and owner.strip(".~") and rest)
        and "/" not in rest
        and "\\" not in name
        and not Path(owner).exists()
    )


def _not_found(name: str, home: Path | None) -> str:
    """One line on what was looked for, where, and what there is instead."""
    path = Path(name)
    beside = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    if not _is_plain(name):
        hint = _close(path.name, beside) or (
            f"{path.parent} has no such entry"
            if beside
            else f"{path.parent} does not exist or is empty"
        )
        return f"{name!r} is neither a file nor a folder; {hint}"
    own = (
        [folder.name for folder in home.iterdir() if folder.is_dir()]
        if home and home.is_dir()
        else []
    )
    sets = sorted({*own, *HUB_IDS, "digits", "scenes"})
    hint = _close(name, [*sets, *beside]) or f"named sets are {', '.join(sets)}"
    return (
        f"{name!r} is neither a file, a folder nor a named set (one would be in"
        f" {home or '$GENLEARN_DATA'}/{name}); {hint}"
    )


def _close(name: str, known: list[str]) -> str:
    return nearest(name, known) if get_close_matches(name, known, n=1) else ""
