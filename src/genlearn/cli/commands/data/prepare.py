"""`genlearn prepare`: data decoded once into a folder, by one machine or many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ....core.errors import UserError
from ...data_io import ProgressLine
from ...options import data_options
from ...protect import INPUT
from ...say import say, tell


class ShardOf(click.ParamType[Any]):
    """2/8: the second of eight."""

    name = "i/n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number, slash, count = str(value).partition("/")
        if slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count):
            return int(number), int(count)
        raise UserError(
            f"--shard {value} was given; it is a number of all, from 1, such as 1/2 on one machine"
            " and 2/2 on another"
        )


@click.command()
@click.argument("data", type=INPUT, metavar="DATA|FOLDER")
@click.option("--out", help="Folder for what is prepared; one for all shards.")
@click.option("--shard", type=ShardOf(), help="Prepare a part alone: 1/2, and 2/2 elsewhere.")
@click.option("--merge", is_flag=True, help="Put the shards in FOLDER together.")
@data_options
def prepare(
    data: str,
    out: str | None,
    shard: tuple[int, int] | None,
    merge: bool,
    resolution: Any,
    split: str | None,
    **written: Any,
) -> None:
    """Decode DATA once into a folder that every command reads as DATA: by one process, or by
    --shard on as many machines as there are, and then --merge, which gives the same.

    The same command again goes on where a killed one was.
    """
    from ....data.open.options import make_options
    from ....data.shards.merge import merge_shards
    from ....data.shards.shard import prepare_shard
    from ....data.shards.whole import prepare_whole

    if merge:
        given = {"--out": out, "--shard": shard, "--resolution": resolution, "--split": split}
        _check_merge(data, {flag: one for flag, one in given.items() if one})
        merge_shards(Path(data), tell)
        return
    if out is None:
        raise UserError("no --out was given; name a folder for what is prepared")
    with ProgressLine(f"preparing {data}") as bar:
        label = written.pop("label")
        options = make_options(resolution, label, "none", tell, bar, **written)
        if shard is None:
            prepare_whole(data, Path(out), split, options)
        else:
            done = prepare_shard(data, Path(out), *shard, split, options)
            say(f"{done.folder}: done; when all {shard[1]} are: genlearn prepare {out} --merge")


def _check_merge(folder: str, given: dict[str, Any]) -> None:
    if given:
        raise UserError(
            f"{' and '.join(given)} was given; --merge takes the folder of the shards alone, and"
            " makes what they are"
        )
    if not Path(folder).is_dir():
        raise UserError(f"{folder} is no folder; --merge takes the one that holds the shards")
