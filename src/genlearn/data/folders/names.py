"""Names of files: which are the system's own; and what they are called
within an archive."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.text import escaped

SHOWN = 3
_SYSTEM = frozenset(
    (
        *("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini"),  # macOS, Windows
        *("$recycle.bin", "recycler", "system volume information", "lost+found", "found.000"),
        *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@tmp"),  # NAS
    )
)


def hidden(part: str) -> bool:
    """Whether a file or folder of this name is the system's own rather than the user's."""
    return part.startswith(".") or part.casefold() in _SYSTEM


def hidden_part(name: str) -> str | None:
    """``name`` up to its first part that is `hidden`, or None where there is none."""
    parts = name.split("/")
    first = next((i for i, part in enumerate(parts) if hidden(part)), None)
    return None if first is None else "/".join(parts[: first + 1])


def member_name(name: str) -> str:
    """The name of an archive's member, relative to the archive: parts joined by ``/`` (some
    archivers of Windows write backslashes), nothing above it. Nothing is written under it."""
    parts = name.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def some(names: Iterable[str], shown: int = SHOWN) -> str:
    """The first few names, in one line."""
    names = [escaped(name).replace("\n", "\\n") for name in names]
    return ", ".join(names[:shown]) + (", ..." if len(names) > shown else "")


def size_of(count: int) -> str:
    """A number of bytes for people."""
    unit, name = next(
        ((unit, name) for unit, name in ((1 << 30, "GB"), (1 << 20, "MB")) if count >= unit),
        (1 << 10, "kB"),
    )
    return f"{count / unit:.1f} {name}"
