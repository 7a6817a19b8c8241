"""`genlearn probe RUN DATA`: how few labels codes need."""

from __future__ import annotations

import click

from ....core.disk.atomic import write_bytes
from ....core.spec import TableSpec
from ...common import seed_option
from ...options import count
from ...outputs import check_table, write_table
from ...say import say, tell
from .shared import CodedData, beside, coded_data, table_option


@click.command()
@coded_data
@click.option(
    "--draws",
    default=10,
    show_default=True,
    type=count(2),
    help="How often the labelled examples are drawn, where not all are taken.",
)
@seed_option
@table_option("probe.csv", "; a chart (.html) beside it")
def probe(coded: CodedData, draws: int, seed: int, out: str) -> None:
    """How well a linear classifier tells the classes of DATA apart by codes of RUN, after learning
    from few labels and from many; beside it classifiers that see the data as it is, and principal
    components. Judged by the test split of DATA, or by a part of it held out."""
    from ....representation.splits import labelled_split
    from ....representation.views.probe_view import probe_lines, probe_page, probe_table, probed

    check_table(out)
    page = beside(out, ".html")
    parts = labelled_split(coded.data, coded.test, seed)
    _tell_what_it_knows(coded)
    coded.known = parts.train  # what is judged by must not tell which layer is the best
    representation = coded.representation
    codes, test_codes = (coded.codes_of(part) for part in (parts.train, parts.test))
    curves = probed(representation.name, parts, codes, test_codes, draws, seed)
    table = probe_table(curves)
    write_table(table, out)
    write_bytes(page, probe_page(f"Labels for {coded.source}", curves).encode())
    say(f"{out}: accuracy on {len(parts.test):,} examples, {parts.how}; as a chart: {page}")
    say(f"by {representation}; up to {len(parts.train):,} labels; [95 % over {draws} draws]")
    for line in probe_lines(table):
        say(line)


def _tell_what_it_knows(coded: CodedData) -> None:
    """That the codes may hold the very column that is to be found, where they do."""
    spec, label = coded.model.spec_, coded.reading.get("label")
    if isinstance(spec, TableSpec) and label in spec.columns:
        tell(
            f"column {label!r} is one that {coded.run} learned: its codes are told the classes;"
            f" fit on a table without it, or with --label {label}"
        )
