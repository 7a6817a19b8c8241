"""`genlearn neighbours RUN DATA`: which examples are alike, by their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ....core.spec import ImageSpec
from ...options import count
from ...outputs import check_table, write_table
from ...protect import INPUT
from ...say import say
from .shared import CodedData, beside, coded_data, table_option, write_sheet

if TYPE_CHECKING:
    from ....representation.search import Found

_TOLD = 5  # of the first query


@click.command()
@coded_data
@click.option(
    "--query",
    type=INPUT,
    help="What to look for: a file, a folder, or SET:INDEX. [default: each example of DATA]",
)
@click.option("-k", default=10, show_default=True, type=count(), help="Neighbours of each.")
@table_option("neighbours.csv", "; with --query on images, a contact sheet (.png) beside it")
def neighbours(coded: CodedData, query: str | None, k: int, out: str) -> None:
    """The examples of DATA with the nearest codes by RUN, to each other or to a --query. The codes
    are kept with RUN, so that they are computed once."""
    from ....representation.search import search, search_own

    check_table(out)
    sheet = beside(out, ".png")
    if query is None:
        found = search_own(coded.data, coded.codes, k)
    else:
        asked, codes = coded.others(query)
        found = search(coded.data, coded.codes, asked, codes, k)
    write_table(found.table, out)
    say(f"{out}: {len(found.queries):,} queries, the {k} nearest of {len(coded.data):,} each")
    say(f"by {coded.representation}")
    if query is not None and isinstance(coded.data.spec, ImageSpec):
        write_sheet(found.sheet(), sheet, "the queries, framed, and what was found")
    _tell(found)


def _tell(found: Found) -> None:
    """The first answers, and how far neighbours share their class."""
    first = found.table.head(min(_TOLD, found.k))
    for row in first.to_dict("records"):
        of = f", {row['neighbour_class']}" if "neighbour_class" in row else ""
        say(f"{row['query']}: {row['rank']}. {row['neighbour']}{of}, at {row['distance']:.4g}")
    if found.same_class is not None:
        say(
            f"{100 * found.same_class:.1f} % of neighbours are of the class of their query; by"
            f" chance {100 * found.chance:.1f} %"
        )
    if itself := found.equal:
        say(f"{itself:,} of the queries are among the examples themselves, or copies of them are")
