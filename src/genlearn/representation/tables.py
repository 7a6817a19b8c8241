"""Codes as tables: the name and the class of each example, where it has them, and its numbers z0,
z1, ... (`data.code_spec.code_names`)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ..core.capabilities import Array
from ..data.code_spec import code_names
from ..data.dataset import Dataset
from .names import CLASS, NAME, about

_CODE = re.compile(r"z(\d+)")


def code_table(data: Dataset, codes: Array) -> pd.DataFrame:
    """A row for each example of ``data``: what is known about it, and its code (d,)."""
    numbers = pd.DataFrame(codes, columns=code_names(codes.shape[1]))
    return about(data).join(numbers)


def codes_in(table: pd.DataFrame) -> tuple[Array, list[str]]:
    """The codes (n, d) of a ``table``, and the names of its other columns: z0, z1, ... in the order
    of their numbers; where none is called so, all but name and class."""
    found = {str(name): _CODE.fullmatch(str(name)) for name in table}
    numbered = {int(match[1]): name for name, match in found.items() if match}
    codes = [numbered[number] for number in sorted(numbered)]
    codes = codes or [name for name in found if name not in (NAME, CLASS)]
    read = table.set_axis(list(found), axis=1)
    return np.asarray(read[codes]), [name for name in found if name not in codes]
