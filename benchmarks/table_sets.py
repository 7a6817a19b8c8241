"""Tables with a target, split as published where they are, and at random (seed 0) otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

_ADULT = """age workclass fnlwgt education education_num marital occupation relationship race sex
gain loss hours country income""".split()  # noqa: SIM905


@dataclass(frozen=True)
class TableSet:
    """Rows to learn from, and held-out ones; ``target`` is the column that usefulness is about."""

    train: pd.DataFrame
    test: pd.DataFrame
    target: str


def adult() -> TableSet:
    """Adult, split as published: 32,561 and 16,281 rows, 15 columns; "?" is a missing value."""
    train, test = (
        pd.read_csv(
            _folder() / f"adult-{part}.csv",
            header=None,
            names=_ADULT,
            skipinitialspace=True,
            na_values="?",
            comment="|",
        ).dropna(subset="age")
        for part in ("train", "test")
    )
    test["income"] = test.income.str.rstrip(".")
    return TableSet(train, test.astype(train.dtypes), "income")


def at_random(name: str, target: str, train: int | None = None) -> TableSet:
    """A file of $GENLEARN_DATA/tables, three quarters of it or ``train`` rows to learn from."""
    return _split(pd.read_csv(_folder() / f"{name}.csv"), target, train)


def of_sklearn(name: str) -> TableSet:
    """A small set that comes with scikit-learn; its target is a column like the others here."""
    from sklearn import datasets

    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    frame = frame.rename(columns={"target": "outcome"})
    if name != "diabetes":
        frame = frame.assign(outcome="class " + frame.outcome.astype(str))
    return _split(frame, "outcome", None)


def _split(frame: pd.DataFrame, target: str, train: int | None) -> TableSet:
    mixed = frame.sample(frac=1, random_state=0).reset_index(drop=True)
    count = train or int(0.75 * len(mixed))
    return TableSet(mixed[:count], mixed[count:].reset_index(drop=True), target)


def _folder() -> Path:
    return Path(os.environ["GENLEARN_DATA"]) / "tables"


SETS: dict[str, Callable[[], TableSet]] = {
    "adult": adult,
    "diamonds": partial(at_random, "diamonds", "price", 40_000),
    "penguins": partial(at_random, "penguins", "species"),
    "titanic": partial(at_random, "titanic", "survived"),
    "iris": partial(of_sklearn, "iris"),
    "wine": partial(of_sklearn, "wine"),
    "breast_cancer": partial(of_sklearn, "breast_cancer"),
    "diabetes": partial(of_sklearn, "diabetes"),
}
