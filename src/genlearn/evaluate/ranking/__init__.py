"""The scoreboard: tiers, and a verdict in words.

A model is *clearly better* than another if its value is better and neither value lies in the
other's interval. The first tier holds the best model and all that it is not clearly better than;
the second the best of the others and all that this one is not clearly better than; and so on. Who
copies the data, or has codes that hold all of it, earns no tier by that. Likelihoods are tiered
among those of one kind, because a bound may lie below an exact value of the same quality; one that
is alone in its kind has no tier.

The verdict says what to take to sample, for codes and to score, whether samples can be told from
real data, whether they are new, and what no baseline has to fear.
"""

from __future__ import annotations

from .rows import RankedModel, ranking_rows
from .verdict import verdict

__all__ = ["RankedModel", "ranking_rows", "verdict"]
