"""What a game of two looked like."""

from __future__ import annotations

import numpy as np

from ...core.panels import LinePanel, Panel
from ...engine.runs.training_history import TrainingHistory


def game_panels(history: TrainingHistory, equilibrium: float) -> list[Panel]:
    """Curves of a ``history`` of value and probabilities; ``equilibrium``: the value where samples
    cannot be told from data."""
    steps, value, real, fake = history.curves().T
    ends, half, rest = steps[[0, -1]], [0.5, 0.5], [equilibrium] * 2
    probabilities = {
        "data": np.c_[steps, real],
        "samples": np.c_[steps, fake],
        "cannot tell": np.c_[ends, half],
    }
    values = {"V": np.c_[steps, value], "cannot tell": np.c_[ends, rest]}
    meaning = (
        "How sure the discriminator was that data and samples are data, during training; both"
        " come near 1/2 where it cannot tell."
    )
    value_meaning = (
        "V(D, G), which the discriminator raises and the generator lowers;"
        f" {equilibrium:.3g} where samples cannot be told from data."
    )
    return [
        LinePanel(title="The game", meaning=meaning, x="step", y="D", series=probabilities),
        LinePanel(title="Its value", meaning=value_meaning, x="step", y="V", series=values),
    ]
