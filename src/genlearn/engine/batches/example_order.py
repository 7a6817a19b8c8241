"""In which order examples are learned from: passes over all of them, each in an order of its own
that its seed and number name, so that any step can be entered at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...core.seeding import seed_for

Rows = NDArray[np.int64]


@dataclass
class ExampleOrder:
    """Steps out of ``count`` examples; of each, process ``rank`` of ``processes`` takes its equal
    share."""

    count: int
    seed: int
    rank: int = 0
    processes: int = 1
    _passes: dict[int, Rows] = field(default_factory=dict, repr=False)

    def indices(self, before: int, size: int) -> Rows:
        """The examples of this process in a step of ``size``, where ``before`` were learned from
        before it: (size / processes,).

        Those of all processes together, in their order, are the step's, however many there are.
        """
        share = size // self.processes
        first = before + self.rank * share
        places = np.arange(first, first + share)
        return np.concatenate(
            [
                self._pass(number)[places[places // self.count == number] % self.count]
                for number in np.unique(places // self.count)
            ]
        )

    def _pass(self, number: int) -> Rows:
        if number not in self._passes:
            rng = np.random.default_rng(seed_for(self.seed, "epoch", number))
            order = rng.permutation(self.count)
            before = {n: rows for n, rows in self._passes.items() if n == number - 1}
            self._passes = {**before, number: order}
        return self._passes[number]
