"""Addresses, and the braces by which one text names many.

``data-{000..099}.tar`` is a hundred names, ``{a,b}`` two, as shells and webdataset have it. Only
protocols that lead away from this machine are addresses: what a list names that lies elsewhere must
not be able to read files here, so neither ``file:`` nor fsspec's chains (``zip::...``) are among
them.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from ...core.errors import UserError

PROTOCOLS = frozenset(
    (
        *("http", "https", "s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "hf"),
        *("ftp", "sftp", "ssh", "hdfs", "webhdfs", "memory"),
    )
)
_MOST = 1_000_000
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://\S")
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


def is_address(given: Any) -> bool:
    """Whether ``given`` is a text that begins as an address does."""
    match = _ADDRESS.match(given) if isinstance(given, str) else None
    return bool(match and match[1].lower() in PROTOCOLS)


def check_address(text: str) -> str:
    """``text``. Raises `UserError` where it is no address, or a chain of them."""
    if not is_address(text) or "::" in text:
        raise UserError(
            f"{text[:200]!r} is no address that is read; one begins with https://, s3://, gs://..."
            " and holds no ::"
        )
    return text


def expanded(text: str) -> list[str]:
    """All that ``text`` names by its braces, in order. Raises `UserError` for braces that name
    nothing, or too much."""
    pieces = _BRACES.split(text)
    choices = [_choices(piece, text) if i % 2 else [piece] for i, piece in enumerate(pieces)]
    count = 1
    for one in choices:
        count *= len(one)
    if count > _MOST:
        raise UserError(f"{text} names {count:,} files; give at most {_MOST:,}")
    return ["".join(parts) for parts in itertools.product(*choices)]


def _choices(inside: str, text: str) -> list[str]:
    if match := _RANGE.fullmatch(inside):
        first, last = int(match[1]), int(match[2])
        if last - first >= _MOST:
            raise UserError(f"{text} names {last - first:,} files; give at most {_MOST:,}")
        if first <= last:
            return [str(number).zfill(len(match[1])) for number in range(first, last + 1)]
    elif "," in inside:
        return inside.split(",")
    raise UserError(f"{{{inside}}} in {text} names nothing; write {{000..099}} or {{a,b}}")
