"""JSON that others wrote."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes, **how: Any) -> Any:
    """What ``text`` holds; ``how`` as in `json.loads`. Raises ValueError for what is no JSON, and
    for what nests too deeply to be read."""
    try:
        return json.loads(text, **how)
    except RecursionError:
        raise ValueError("it nests too deeply") from None
