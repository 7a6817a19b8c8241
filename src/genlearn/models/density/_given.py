"""What rows are drawn under: conditions on columns, a level of one column, or no value missing."""

from __future__ import annotations

from dataclasses import replace

import torch

from ...core.errors import UserError, nearest
from ...core.spec import DataSpec, TableSpec
from ...data.vector_spec import column_names
from ...nets.autoregressive.tokens import Cells
from ._limits import limits
from ._rows import Given, Rows
from ._where import conditions


def given_where(n: int, where: str | None, spec: DataSpec, rows: Rows) -> Given:
    """What ``where`` makes known of ``n`` rows. Raises `UserError` for conditions that nothing
    meets."""
    given = rows.unknown(n)
    if where is None:
        return given
    names, likely = column_names(spec), {}
    for i, intervals in limits(conditions(where, names), spec, rows.margins).items():
        allowed = intervals.to(given.u.device)
        if len(allowed) == 1 and allowed[0, 0] == allowed[0, 1]:
            given.u[:, i], given.known[:, i] = allowed[0, 0], True
            continue
        given.cells[i] = rows.tokens.cells(i, allowed)
        likely[i] = float(given.cells[i].width)
        if not likely[i]:
            raise UserError(
                f"where={where!r} was given, and no value of column {names[i]!r} is like that"
            )
    tokens = torch.where(given.known, rows.tokens(given.u), given.tokens)
    rarest_first = tuple(sorted(likely, key=lambda i: likely[i]))
    return replace(given, tokens=tokens, limited=rarest_first)


def balanced(given: Given, column: str, start: int, spec: DataSpec, rows: Rows) -> Given:
    """``given``, with the level of ``column`` known too: rows number ``start`` and on have those
    that are allowed in turn. Missing is one of them where a condition names it.

    Raises `UserError` for a column that there is not, or that has no levels.
    """
    i = _levelled(column, spec)
    cells = there(spec, rows)[i] if i not in given.limited else given.cells[i]
    whole = cells.share > 0.5  # what rounding leaves of other levels is none
    middle = ((cells.low + cells.high) / 2)[whole]
    turn = torch.arange(start, start + len(given.u), device=given.u.device) % len(middle)
    u, known, tokens = given.u.clone(), given.known.clone(), given.tokens.clone()
    u[:, i], known[:, i], tokens[:, i] = middle[turn], True, cells.token[whole][turn]
    limited = tuple(other for other in given.limited if other != i)
    return replace(given, tokens=tokens, u=u, known=known, limited=limited)


def _levelled(name: str, spec: DataSpec) -> int:
    """The number of a column of levels. Raises `UserError` where it is none."""
    fields = spec.fields if isinstance(spec, TableSpec) else ()
    levelled = [field.name for field in fields if field.levelled]
    if name in levelled:
        return column_names(spec).index(name)
    choice = (
        f"; {nearest(str(name), levelled)}" if levelled else "; no column of the data has levels"
    )
    if name not in column_names(spec):
        raise UserError(f"balance={name!r} was given, and no column is called so{choice}")
    kind = next((field.kind for field in fields if field.name == name), "number")
    raise UserError(
        f"balance={name!r} was given, and that column has no levels, but {kind} values{choice}"
    )


def there(spec: DataSpec, rows: Rows) -> list[Cells]:
    """What may be drawn of each column where it is not to be missing."""
    columns = len(rows.tokens.edges)
    gone = [c.missing for c in spec.fields] if isinstance(spec, TableSpec) else [0.0] * columns
    ends = rows.tokens.edges.new_tensor([[[share, 1.0]] for share in gone])
    return [rows.tokens.cells(i, ends[i]) for i in range(columns)]
