"""A field of a form, made of what a hyper-parameter or an option says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Control:
    """``name`` is what is sent, ``label`` what people read, ``about`` says more; ``of``: int,
    float, bool or anything that is written as text; ``usual`` is what is taken where nothing is
    given, as far as that is known; ``choices`` are all that there are, if these are few; ``low``
    and ``high`` the ends of a range."""

    name: str
    label: str
    about: str
    of: type
    usual: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def help(self) -> str:
        return self.about[0].upper() + self.about[1:]

    @property
    def kind(self) -> str:
        """select, number or text."""
        if self.choices:
            return "select"
        return "number" if self.of in (int, float) else "text"

    @property
    def step(self) -> str:
        return "1" if self.of is int else "any"
