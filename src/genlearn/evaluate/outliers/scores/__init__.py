"""The outlier scores, one file each, with a ``SCORE`` that says what it needs and what it tells. A
package adds one through the entry points "genlearn.outlier_scores"."""

from __future__ import annotations

from functools import partial
from typing import Any

from ....core.errors import UserError
from ....core.registry import Registry, name_of, objects_in
from ..outlier_score import OutlierScore

SCORES: Registry[OutlierScore] = Registry("outlier score", partial(objects_in, __name__, "SCORE"))


def scores_of(model: Any) -> dict[str, OutlierScore]:
    """Those that ``model`` has, by name, the one to take first."""
    found = [(name, score) for name, score in SCORES.all().items() if score.suits(model)]
    return dict(sorted(found, key=lambda pair: (pair[1].order, pair[0])))


def chosen_scores(model: Any, asked: tuple[str, ...]) -> dict[str, OutlierScore]:
    """The scores ``asked`` for by name: "auto" for the first that ``model`` has, "all" for all of
    them. Raises `UserError` for what it has not."""
    there = scores_of(model)
    if not there:
        raise UserError(
            f"{name_of(type(model))} has no outlier score, which takes codes, log p(x) or a"
            " denoiser; `genlearn models` says what has them"
        )
    named = {"auto": [next(iter(there))], "all": list(there)}
    names = dict.fromkeys(name for word in asked for name in named.get(word, [word]))
    for name in names:
        SCORES.find(name)
        if name not in there:
            raise UserError(
                f"--score {name} was given, which {name_of(type(model))} does not have; choose"
                f" {' or '.join(there)}"
            )
    return {name: there[name] for name in names}


__all__ = ["SCORES", "OutlierScore", "chosen_scores", "scores_of"]
