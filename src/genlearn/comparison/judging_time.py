"""Judging: what is left out where its time would not hold it.

Every model is judged by its samples. Scoring one example by a diffusion model, or searching for its
code, may take thousands of passes; where even the fewest examples that would mean something take
half of the time for all models, that is left out for this one, and said. Panels are drawn in
the order of the page while there is time.
"""

from __future__ import annotations

from ..evaluate.probes.profiling import FEWEST

_DEAR = 0.5  # share of the judging time that the fewest examples of a kind may take, of one model
_LEAST = 2.0  # seconds for the panels of a model
# kinds of examples that can be left out (`SampleSizes`), and what they are for
_OPTIONAL = {"scored": "its log p(x) was", "mapped": "its codes were"}
Prices = dict[str, dict[str, float]]  # by model and kind, seconds for an example


def too_dear(prices: Prices, seconds: float) -> Prices:
    """By model the kinds that are left out of ``seconds`` of judging, and what they would take."""
    found = {
        name: {
            kind: FEWEST[kind] * each
            for kind, each in of.items()
            if kind in _OPTIONAL and FEWEST[kind] * each > _DEAR * seconds
        }
        for name, of in prices.items()
    }
    return {name: kinds for name, kinds in found.items() if kinds}


def notes_on(left_out: dict[str, float], seconds: float) -> list[str]:
    """What a reader should know of it."""
    return [
        f"{_OPTIONAL[kind]} not measured, which would take about {took:.0f} s of the"
        f" {seconds:.0f} s for judging all models; a longer --evaluation or --budget allows it"
        for kind, took in left_out.items()
    ]


def without(prices: Prices, left_out: Prices) -> Prices:
    """``prices`` of what is not left out."""
    return {
        name: {kind: each for kind, each in of.items() if kind not in left_out.get(name, {})}
        for name, of in prices.items()
    }


def for_panels(left: float, measuring: float, waiting: int) -> float:
    """Seconds for the panels of the next model, where ``waiting`` models are left, this one
    included, in ``left`` seconds, and measuring these will take ``measuring``."""
    return max(_LEAST, (left - measuring) / waiting)
