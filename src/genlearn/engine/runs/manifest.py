"""What a manifest may say: the types and ranges of its fields.

A digest tells damage from what was written; it does not tell who wrote it. So a manifest is checked
like anything that is typed at the command line. Fields that are not named here are let be: a later
version may write more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

from ...core.errors import UserError

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class DataFacts(TypedDict):
    """What was learned from; ``part_of``: the fingerprint of the data that it is a random part
    of."""

    source: str
    count: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    fingerprint: str
    part_of: NotRequired[str]
    spec: dict[str, Any]
    asked: NotRequired[dict[str, Any]]


class Watched(TypedDict):
    """The examples that a training is watched by."""

    count: Count
    fingerprint: str
    patience: Annotated[int, msgspec.Meta(ge=1)] | None


class Begun(TypedDict):
    """The run that another began as."""

    run: str
    steps: Count
    data: str


class Continued(TypedDict):
    """By how much a finished training went on."""

    step: Count
    more: str
    changed: NotRequired[dict[str, Any]]
    parts: NotRequired[dict[str, Count]]
    done: NotRequired[bool]


class Revised(msgspec.Struct, array_like=True):
    """`Revision` as JSON holds it; the last was not there from the beginning."""

    step: Count
    steps: Count
    threads: Annotated[int, msgspec.Meta(ge=0, le=4096)]
    restart: bool
    batch: Count = 0


Manifest = TypedDict(
    "Manifest",
    {
        "model": str,
        "hyper": dict[str, Any],
        "steps": Count,
        "data": DataFacts,
        "plan": NotRequired[Annotated[list[Revised], msgspec.Meta(min_length=1)]],
        "parts": NotRequired[list[str]],
        "rollbacks": NotRequired[list[dict[str, Any]]],
        "continued": NotRequired[list[Continued]],
        "from": NotRequired[Begun],
        "validation": NotRequired[Watched],
    },
)


def learned_from(data: DataFacts) -> set[str]:
    """Fingerprints of the data that was learned from, whole or in part; none where that is not
    known."""
    return {data["fingerprint"], data.get("part_of", "")} - {""}


def checked(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """``document``, the manifest at ``path``. Raises `UserError` where it cannot be one."""
    try:
        msgspec.convert(document, Manifest)
    except msgspec.ValidationError as error:
        raise UserError(
            f"{path} is no manifest of this version of genlearn ({error}); restore it from a copy,"
            " or fit again with --fresh"
        ) from None
    return document
