"""`genlearn cluster RUN DATA`: groups of examples, by their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ....core.errors import UserError
from ....core.params import LARGEST
from ....core.spec import ImageSpec
from ...common import seed_option
from ...outputs import check_table, write_table
from ...say import say
from .shared import CodedData, beside, coded_data, table_option, write_sheet

if TYPE_CHECKING:
    from ....representation.clusters import Clusters

_TOLD = 20  # clusters


class ClusterCount(click.ParamType[Any]):
    """auto, or a number of clusters."""

    name = "auto|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "auto" or (str(value).isdecimal() and 1 <= int(value) <= LARGEST):
            return value if value == "auto" else int(value)
        raise UserError(f"-k {value} was given; it is a number of clusters from 1, or auto")


@click.command()
@coded_data
@click.option(
    "-k",
    default="auto",
    show_default=True,
    type=ClusterCount(),
    help="Number of clusters. [auto: 2 to 20, by the silhouette]",
)
@seed_option
@table_option("clusters.csv", "; for images, a contact sheet (.png) beside it")
def cluster(coded: CodedData, k: Any, seed: int, out: str) -> None:
    """The examples of DATA in clusters of like codes by RUN (k-means), and of each cluster its
    prototypes, which are nearest to its centre."""
    from ....representation.clusters import cluster_codes
    from ....representation.views.cluster_view import cluster_table, prototype_sheet

    check_table(out)
    sheet = beside(out, ".png")
    found = cluster_codes(coded.codes, k, seed)
    write_table(cluster_table(coded.data, found), out)
    say(f"{out}: {len(coded.data):,} examples in {len(found.centres)} clusters")
    say(f"by {coded.representation}")
    if isinstance(coded.data.spec, ImageSpec):
        write_sheet(prototype_sheet(coded.data, found), sheet, "prototypes, a row for each cluster")
    _tell(coded, found)


def _tell(coded: CodedData, found: Clusters) -> None:
    """How k was chosen, sizes and prototypes, and agreement with classes."""
    from ....representation.names import called

    if found.silhouettes:
        best = max(found.silhouettes.values())
        say(f"the silhouette is {best:.3f}, the highest of k = 2 to {max(found.silhouettes)}")
    names = called(coded.data)
    for number, (size, row) in enumerate(zip(found.sizes, found.prototypes(3), strict=True)):
        if number == _TOLD:
            say(f"... and {len(found.centres) - _TOLD:,} smaller ones")
            break
        say(f"{number:>3}. {size:,}, such as {', '.join(str(names[i]) for i in row)}")
    if coded.data.labels is not None:
        agreement = found.agreement(coded.data.labels)
        told = ", ".join(f"{name} {value:.3f}" for name, value in agreement.items())
        say(f"agreement with the classes: {told} (1 where they are equal)")
