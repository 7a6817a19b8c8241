"""What rows are drawn under: conditions on columns, or no value missing."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ...core.errors import UserError
from ...core.spec import DataSpec, TableSpec
from ...data.vector_spec import column_names
from ...nets.autoregressive.tokens import Cells
from ._limits import limits
from ._rows import Given, Rows
from ._where import conditions


def given_where(n: int, where: str | None, spec: DataSpec, rows: Rows) -> tuple[Given, Tensor]:
    """What ``where`` makes known of ``n`` rows, and u (n, D) of what it names exactly. Raises
    `UserError` for conditions that nothing meets."""
    given = rows.unknown(n)
    exact = torch.zeros(given.tokens.shape, dtype=torch.float64, device=given.tokens.device)
    if where is None:
        return given, exact
    names, likely = column_names(spec), {}
    for i, intervals in limits(conditions(where, names), spec, rows.margins).items():
        allowed = intervals.to(exact.device)
        if len(allowed) == 1 and allowed[0, 0] == allowed[0, 1]:
            exact[:, i], given.known[:, i] = allowed[0, 0], True
            continue
        given.cells[i] = rows.tokens.cells(i, allowed)
        likely[i] = float(given.cells[i].width)
        if not likely[i]:
            raise UserError(
                f"where={where!r} was given, and no value of column {names[i]!r} is like that"
            )
    tokens = torch.where(given.known, rows.tokens(exact), given.tokens)
    rarest_first = tuple(sorted(likely, key=lambda i: likely[i]))
    return replace(given, tokens=tokens, limited=rarest_first), exact


def there(spec: DataSpec, rows: Rows) -> list[Cells]:
    """What may be drawn of each column where it is not to be missing."""
    columns = len(rows.tokens.edges)
    gone = [c.missing for c in spec.fields] if isinstance(spec, TableSpec) else [0.0] * columns
    ends = rows.tokens.edges.new_tensor([[[share, 1.0]] for share in gone])
    return [rows.tokens.cells(i, ends[i]) for i in range(columns)]
