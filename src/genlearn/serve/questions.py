"""What a model can be asked over HTTP: the questions that it has the ability for, each checked
before it waits, and answered for many at once.

Samples that are asked for without a seed are the next of one stream, whose seed and numbers are
told, so that `genlearn sample --seed S --start N` draws them again; those with a seed are asked
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ..core.capabilities import Array, Encodes, Samples, Scores
from ..core.errors import UserError
from ..core.options import check_options, options_of
from ..core.spec import DataSpec, ImageSpec, TableSpec
from ..data import open_data
from .batcher import Work
from .received import as_levels, check_scalar, numbers, rows_of_table

_OWN = ("n", "seed", "start")  # of a request for samples, beside the model's options
_UNSENT = ("init", "strength")  # options that are examples, or belong to them
_GUIDANCE = 1000.0


@dataclass(frozen=True)
class Asked:
    """A request that was checked: with which others it goes (``kind``), how many examples it has,
    what ``work`` is given of it, and what else is told with the answer."""

    kind: Hashable
    count: int
    given: Any
    work: Work
    spec: DataSpec | None  # of what is answered, None for plain numbers
    notes: tuple[str, ...] = ()  # what was left out of what was sent


@dataclass
class Questions:
    """What the fitted ``model`` can be asked; ``most`` examples and ``steps`` in a request."""

    model: Any
    most: int
    seed: int = 0
    steps: int = 1000  # of a sampler
    _next: int = field(default=0, init=False)  # number of the next sample of the stream

    @property
    def names(self) -> list[str]:
        """Of what it can be asked."""
        able = {"sample": Samples, "encode": Encodes, "decode": Encodes, "score": Scores}
        return [name for name, ability in able.items() if isinstance(self.model, ability)]

    @property
    def options(self) -> dict[str, Any]:
        """What samples can be asked for beside their number, by name."""
        known = options_of(self.model.sampling_options)
        return {name: option for name, option in known.items() if name not in _UNSENT}

    def sample(self, document: dict[str, Any]) -> Asked:
        """A request for samples. Raises `UserError` for what the model does not take."""
        n = _whole("n", document.get("n", 1), 1)
        self._check_count(n)
        given = {name: value for name, value in document.items() if name not in _OWN}
        self._check_options(given)
        check_options(given, self.model.sampling_options, type(self.model).__name__)
        start = _whole("start", document.get("start", 0), 0)
        if document.get("seed") is not None:
            seed = _whole("seed", document["seed"], 0)
            drawn = partial(self._drawn, n, seed, start, given)
            return Asked(object(), n, n, lambda asked: [drawn()], self.model.spec_)
        if start:
            raise UserError(f"start={start} was given without a seed; give the seed of the stream")
        texts, rest = given.pop("prompt", None), tuple(sorted(given.items()))

        def work(asked: Sequence[tuple[int, str | None]]) -> Sequence[Any]:
            return self._stream(asked, dict(rest))

        return Asked(("sample", texts is None, rest), n, (n, texts), work, self.model.spec_)

    def encode(self, examples: Any) -> Asked:
        """A request for codes."""
        return self._of_examples("encode", examples, self.model.encode, None)

    def score(self, examples: Any) -> Asked:
        """A request for log p(x), in nats."""
        return self._of_examples("score", examples, self.model.score_samples, None)

    def decode(self, codes: Any) -> Asked:
        """A request for the examples of codes."""
        z = np.asarray(numbers(codes), dtype=np.float32)
        width = self.model.latent_dim_
        if z.ndim != 2 or z.shape[1] != width or not len(z) or not np.isfinite(z).all():
            raise UserError(
                f"codes of shape {z.shape} were given; they are (n, {width}) finite numbers"
            )
        self._check_count(len(z))
        return self._answered("decode", z, self.model.decode, self.model.spec_)

    def _of_examples(
        self, name: str, examples: Any, answer: Callable[[Array], Any], spec: DataSpec | None
    ) -> Asked:
        known = self.model.spec_
        # a text would be a place on this disk
        if not isinstance(examples, list) and not (
            isinstance(examples, np.ndarray) and examples.ndim
        ):
            raise UserError("examples that are no list were given; they are a list")
        self._check_count(len(examples))
        if isinstance(known, TableSpec) and isinstance(examples, list):
            examples = rows_of_table(examples, known.columns)
        elif isinstance(examples, list):
            examples = numbers(examples)
            if isinstance(known, ImageSpec):
                examples = as_levels(examples, known)
        data = open_data(examples, like=known)
        return self._answered(name, data.values, answer, spec, data.notes)

    def _answered(
        self,
        name: str,
        values: Array,
        answer: Callable[[Array], Any],
        spec: DataSpec | None,
        notes: tuple[str, ...] = (),
    ) -> Asked:
        def work(asked: Sequence[Array]) -> Sequence[Any]:
            return _split(answer(np.concatenate(asked)), [len(part) for part in asked])

        return Asked(name, len(values), values, work, spec, notes)

    def _stream(self, asked: Sequence[tuple[int, str | None]], given: dict[str, Any]) -> list[Any]:
        """The next numbers of the stream, for each request in turn."""
        counts = [n for n, _ in asked]
        total, start = sum(counts), self._next
        self._next += total
        texts = [text for n, text in asked for _ in range(n) if text is not None]
        if texts:  # sample number i has prompt i of the list, which goes round
            given = given | {"prompt": [texts[(i - start) % total] for i in range(total)]}
        drawn = _split(self.model.sample(total, seed=self.seed, start=start, **given), counts)
        starts = np.cumsum([start, *counts[:-1]]).tolist()
        return [
            (part, {"seed": self.seed, "start": first})
            for part, first in zip(drawn, starts, strict=True)
        ]

    def _drawn(self, n: int, seed: int, start: int, given: dict[str, Any]) -> Any:
        drawn = self.model.sample(n, seed=seed, start=start, **given)
        return drawn, {"seed": seed, "start": start}

    def _check_count(self, n: int) -> None:
        if not 1 <= n <= self.most:
            raise UserError(f"{n} examples were asked for; a request has 1 to {self.most:,}")

    def _check_options(self, given: dict[str, Any]) -> None:
        """Raise `UserError` for what is of a kind that no option has, or would take for ever."""
        for name, value in given.items():
            if name in _UNSENT:
                raise UserError(f"{name} was given; it cannot be sent, only sampled with in Python")
            check_scalar(name, value)
            if name == "label" and not isinstance(value, (str, type(None))):
                _whole(name, value, 0)
        for name, most in (("steps", self.steps), ("guidance", _GUIDANCE)):
            if isinstance(given.get(name), (int, float)) and given[name] > most:
                raise UserError(f"{name}={given[name]} was given; here it is at most {most:,}")


def _split(values: Any, counts: Sequence[int]) -> list[Any]:
    """``values`` in parts of so many."""
    rows = values.iloc if isinstance(values, pd.DataFrame) else values
    ends = np.cumsum(counts).tolist()
    return [rows[end - n : end] for n, end in zip(counts, ends, strict=True)]


def _whole(name: str, value: Any, low: int) -> int:
    if type(value) is not int or not low <= value < 2**63:
        raise UserError(f"{name}={value!r} was given; it is a whole number, at least {low}")
    return value
