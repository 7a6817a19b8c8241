"""Who could take part in a comparison: what it would choose by itself, and all that suit."""

from __future__ import annotations

from dataclasses import dataclass

from ...comparison.candidates import ALL, candidates_for
from ...comparison.config import ComparisonConfig
from ...core.capabilities import Samples
from ...core.errors import UserError
from ..context import Studio
from ..library.datasets import DataSource
from ..training.cards import ModelCard, cards
from ..training.known import known_spec


@dataclass(frozen=True)
class Choice:
    """Models to choose from; ``usual`` are the names of those that are taken by default, none
    where the data was not looked at yet; ``left_out`` why others are not among them."""

    cards: list[ModelCard]
    usual: list[str]
    left_out: list[str]
    problem: str = ""


def choice(studio: Studio, source: DataSource | None, budget: str) -> Choice:
    """For a comparison on ``source`` within ``budget``; ``problem`` says what is wrong with
    that."""
    every = [card for card in cards() if issubclass(card.model, Samples)]
    spec = known_spec(studio, source) if source else None
    try:
        training = ComparisonConfig.within(budget, None, features=()).training
    except UserError as error:
        return Choice(every, [], [], str(error))
    if spec is None:
        return Choice(every, [], [])
    suiting, left_out = candidates_for([ALL], spec, training)
    usual, _ = candidates_for((), spec, training)
    names = {one.name for one in suiting}
    chosen = [card for card in every if card.name in names]
    return Choice(chosen, [one.name for one in usual], left_out)
