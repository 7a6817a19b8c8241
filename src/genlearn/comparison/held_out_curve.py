"""Whether a model of a comparison had time enough: what the curve of its held-out loss says.

Over a training the averaged weights fall along something like a power law of the steps, so what a
doubling brings shrinks from one to the next by a factor q. The last part of the curve is left out:
there the falling rate, and not the time, brings the loss down. From the doublings before, T/8 to
T/4 to T/2, what those beyond T would bring is extrapolated; time is called enough where one brings
less than a fiftieth of all that training has brought so far. It is a rule of thumb, and says how
many times the budget in powers of two, or only that at least so much is missing.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.runs.learning_curve import has_risen, noise_of
from ..evaluate.training_log import metrics_of_run

_ENOUGH = 0.02  # of what training has brought, that a doubling brings where time was enough
_SLOWEST, _FASTEST = 0.9, 0.3  # q, within which it is believed
_MOST = 3  # doublings that are extrapolated
Curve = list[tuple[float, float]]
Steps = NDArray[np.float64]


def curve_of(run: Path) -> Curve:
    """Steps and held-out losses of ``run``; of a model made of models, those of its last part."""
    lines = metrics_of_run(run)
    own = [(line["step"], line["validation"]) for line in lines if "validation" in line]
    names = [key for line in lines for key in line["losses"] if key.endswith(" validation")]
    if own or not names:
        return own
    part = names[-1].removesuffix(" validation")
    steps = [line["step"] for line in lines if part in line["losses"]]
    before = max((line["step"] for line in lines if line["step"] < steps[0]), default=0)
    marks = [(line["step"], line["losses"].get(names[-1])) for line in lines]
    return [(step - before, loss) for step, loss in marks if loss is not None]


def remark(curve: Curve, kept: bool = False) -> str | None:
    """What ``curve`` says, in a sentence; None where that is nothing. ``kept``: the weights are
    those of the best mark."""
    best = _overfitted(curve)
    if best is not None and kept:
        return (
            f"its held-out loss was best after {best:.0%} of its training, whose weights are kept:"
            " more examples would help, more time would not"
        )
    if best is not None:
        return (
            f"overfitting: its held-out loss was best after {best:.0%} of the training; fit"
            " --validation 0.05 --patience 5 keeps the weights of the best"
        )
    more = more_time(curve)
    return f"still improving: {more}" if more else None


def more_time(curve: Curve) -> str:
    """How many times the budget is worth it; "" where the time was enough, or nobody knows."""
    if not _told(curve) or _overfitted(curve) is not None:
        return ""
    steps, losses = np.array(curve, dtype=float).T
    if losses[0] - losses.min() <= noise_of(losses[0]):
        return ""
    doublings, sure = missing(steps, losses)
    return f"{'about' if sure else 'at least'} {2**doublings} x the budget" if doublings else ""


def _told(curve: Curve) -> bool:
    """Whether there are marks enough to say anything."""
    return len(curve) >= 4 and bool(np.isfinite(curve).all())


def _overfitted(curve: Curve) -> float | None:
    """The share of the training after which the loss was best, where it has risen since."""
    if not _told(curve):
        return None
    steps, losses = np.array(curve, dtype=float).T
    best = int(losses.argmin())
    risen = has_risen(losses[0], losses[best], losses[-1])
    return float(steps[best] / steps[-1]) if risen else None


def missing(steps: Steps, losses: Steps) -> tuple[int, bool]:
    """How many doublings of the training are still worth it, and whether that is all that are."""
    end, brought = steps[-1], float(losses[0] - losses.min())
    eighth, quarter, half = np.interp(np.log([end / 8, end / 4, end / 2]), np.log(steps), losses)
    before, last = float(eighth - quarter), float(quarter - half)
    if steps[0] > end / 8 or before <= 0:  # too few marks to see how it slows down
        return (1, False) if last > 2 * _ENOUGH * brought else (0, True)
    q = min(_SLOWEST, max(_FASTEST, last / before))
    following = last / brought * q**2  # what T to 2 T brings
    if following < _ENOUGH:
        return 0, True
    doublings = 1 + math.floor(math.log(_ENOUGH / following) / math.log(q))
    return min(doublings, _MOST), doublings <= _MOST
