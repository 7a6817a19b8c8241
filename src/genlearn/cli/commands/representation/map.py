"""`genlearn map RUN DATA`: examples in the plane, by their codes."""

from __future__ import annotations

from typing import Any

import click
import numpy as np

from ....core.disk.atomic import write_bytes
from ....core.seeding import random_rows
from ...common import seed_option
from ...options import count
from ...outputs import check_table, write_table
from ...say import say
from .shared import CodedData, beside, coded_data, table_option


@click.command()
@coded_data
@click.option(
    "--method",
    default="tsne",
    show_default=True,
    type=click.Choice(["tsne", "pca", "umap"]),
    help="How codes come to the plane; umap takes umap-learn.",
)
@click.option(
    "--examples",
    type=count(2),
    help="How many to map, drawn at random. [default: 5,000 by tsne, else 50,000]",
)
@seed_option
@table_option("map.csv", "; a page to look at (.html) beside it")
def map(coded: CodedData, method: Any, examples: int | None, seed: int, out: str) -> None:
    """The examples of DATA in the plane, those with like codes by RUN together: as a table of
    points, and as a page that can be zoomed, with thumbnails, names and classes."""
    from ....representation.mapping import METHODS, MOST, map_codes
    from ....representation.names import about
    from ....representation.page import map_page

    check_table(out)
    page = beside(out, ".html")
    most = MOST[method] if examples is None else examples
    rows = np.sort(random_rows(seed, len(coded.data), most, "map"))
    representation, data = coded.representation, coded.data.take(rows)
    codes = coded.codes_of(data)
    points = map_codes(codes, method, seed)
    number = {} if data.names or len(rows) == len(coded.data) else {"index": rows}
    table = about(data).assign(**number, x=points[:, 0], y=points[:, 1])
    write_table(table, out)
    how = "as they are" if codes.shape[1] <= 2 else f"by {METHODS[method]}"
    of = f"{len(rows):,} of {len(coded.data):,} examples of {coded.source}, {how}"
    html, note = map_page(f"Map of {coded.source}", f"{of}: like ones lie together.", data, points)
    write_bytes(page, html.encode())
    say(f"{out}: {of}; to look at: {page}{f' ({note})' if note else ''}")
    say(f"by {representation}")
