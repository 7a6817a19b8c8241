"""Changes of a file's content, each drawn from a generator: of bytes, of numbers written as text,
and of the values in a JSON document, which keep it well formed.

The dictionary of values is that of boundary testing: ends of integer ranges, what is no number,
what nests deeply, what a reader may take for a path or a command.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

_NUMBER = re.compile(rb"-?\d+(\.\d+)?")
_NUMBERS = (
    b"0", b"-1", b"1e999", b"nan", b"2147483648", b"18446744073709551616", b"-0.0", b"1" * 400,
    b"0x10", b"1,5", b"1.5.5",
)  # fmt: skip
_TEXTS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\r", b"\n\n", b"\\",
    b"/", b"../../x", b"=1+1", b"\x1b[31m", "é\u2028".encode(), b"%s", b"{", b"[" * 2000,
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, 10**30, 1e308, float("inf"), float("nan"), "", "x", "\0",
    "../../x", [], [[]], {}, {"a": 1}, [0] * 1000, [10**6] * 3,
)  # fmt: skip
_LONGEST = 64  # bytes that a change of bytes touches


def mutated(content: bytes, rng: random.Random) -> bytes:
    """``content`` after one to four changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice(_OF_BYTES)(content, rng)
    return content


def mutated_document(document: Any, rng: random.Random) -> Any:
    """A copy of a JSON ``document`` in which one to three values are others, gone or new."""
    document = json.loads(json.dumps(document))
    places = _places(document)
    for holder, key in rng.sample(places, min(len(places), rng.choice((1, 1, 2, 3)))):
        change = rng.random()
        if change < 0.15 and isinstance(holder, dict):
            del holder[key]
        elif change < 0.25 and isinstance(holder, dict):
            holder[rng.choice(("x", "", "kind", "model", "a" * 300))] = rng.choice(_VALUES)
        elif change < 0.3:
            holder[key] = _nested(rng.choice((3, 200)))
        else:
            holder[key] = rng.choice(_VALUES)
    return document


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) of a document."""
    keys = value if isinstance(value, dict) else range(len(value)) if _is_list(value) else ()
    return [place for key in keys for place in ((value, key), *_places(value[key]))]


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def _flip(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content or b"\0")
    for _ in range(rng.choice((1, 1, 3, 16))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _span(content: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(content) + 1)
    return start, min(len(content), start + rng.randrange(1, _LONGEST))


def _delete(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    return content[:start] + content[end:]


def _repeat(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    return content[:end] + content[start:end] * rng.choice((1, 2, 50)) + content[end:]


def _overwrite(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    fill = rng.choice((b"\0", b"\xff", None))
    new = rng.randbytes(end - start) if fill is None else fill * (end - start)
    return content[:start] + new + content[end:]


def _insert(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + rng.choice(_TEXTS + _NUMBERS) + content[start:]


def _append(content: bytes, rng: random.Random) -> bytes:
    return content + rng.choice((b"\0" * 100, content[:200], rng.randbytes(50)))


def _number(content: bytes, rng: random.Random) -> bytes:
    found = [*_NUMBER.finditer(content)]
    if not found:
        return _flip(content, rng)
    at = rng.choice(found)
    return content[: at.start()] + rng.choice(_NUMBERS) + content[at.end() :]


def _lines(content: bytes, rng: random.Random) -> bytes:
    """Two lines change places, or one goes."""
    lines = content.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]
    return b"\n".join(lines[1:] if rng.random() < 0.3 else lines)


_OF_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _cut, _delete, _repeat, _overwrite, _insert, _append, _number, _lines,
)  # fmt: skip
