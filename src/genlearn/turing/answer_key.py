"""The answers inside the page, hashed, so that reading its source does not tell them.

The page needs them for feedback and for the result, and there is no server to ask. So each trial
has a hash of what it is, under a salt of the page and the trial's number, iterated SHA-256; the
script tries the few things that a trial can be until one fits. Whoever wants to know can run that
script too: this keeps honest people honest, and no more can be done in a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from ..core.errors import UserError
from .trials import Trials, truths

ROUNDS = 500
_SHORT = 12  # bytes of a hash that are kept


def answer_hash(salt: str, trial: int, truth: int) -> str:
    """The hash of trial number ``trial`` being ``truth``, an index into `truths`."""
    digest = hashlib.sha256(f"{salt}:{trial}:{truth}".encode()).digest()
    for _ in range(ROUNDS):
        digest = hashlib.sha256(digest).digest()
    return digest[:_SHORT].hex()


def hashed(trials: Trials, salt: str) -> list[str]:
    """The hash of each trial's truth."""
    known = truths(trials.kind, len(trials.sources))
    return [
        answer_hash(salt, index, known.index((trial.source, trial.answer)))
        for index, trial in enumerate(trials.trials)
    ]


def opened(
    hashes: Sequence[str], salt: str, known: Sequence[tuple[int, int | None]]
) -> list[tuple[int, Any]]:
    """The (source, right answer) behind each hash. Raises `UserError` where none fits."""
    found = []
    for index, one in enumerate(hashes):
        fits = [truth for i, truth in enumerate(known) if answer_hash(salt, index, i) == one]
        if not fits:
            raise UserError(f"the answer of trial {index + 1} does not fit the page: it was edited")
        found.append(fits[0])
    return found
