"""All of it by one process: one shard, put together at once."""

from __future__ import annotations

from pathlib import Path

from ..open.options import Options
from .merge import NotSettled, merge_shards
from .shard import prepare_shard


def prepare_whole(source: str, out: Path, split: str | None, options: Options) -> None:
    """Prepare ``source`` in ``out``, or what is missing of it. What the images of all pieces are
    brought to is known when all were seen: those that were brought to anything else are prepared
    again. Raises `UserError`."""
    prepare_shard(source, out, 1, 1, split, options)
    try:
        merge_shards(out, options.tell)
    except NotSettled:
        prepare_shard(source, out, 1, 1, split, options)
        merge_shards(out, options.tell)
