"""What `genlearn prepare` has made: examples in a memory map, with all that is known of them beside
it. Names and captions stay on the disk until they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...core.disk.arrays import read_array
from ...core.disk.json_text import parse_json
from ...core.errors import UserError
from ...core.spec import DataSpec, ImageSpec
from ..dataset import Dataset
from ..open.options import Options
from ..prepare.cache import damage, is_marked
from ..prepare.prepare import origin_of
from ..sources.base import Source
from ..texts import Texts
from .array_file import array_at
from .piece_images import CAPTIONS, LABELS, NAMES, ROWS
from .shard import FORMAT, PREPARED, shards_in


@dataclass(frozen=True)
class PreparedSource(Source):
    """A prepared folder."""

    place: Path

    def read(self, split: str | None, options: Options) -> Dataset:
        if trouble := damage(self.place, _known):
            raise UserError(
                f"{self.place} is damaged ({trouble}); remove it, and prepare the data again"
            )
        told = parse_json((self.place / PREPARED).read_text())
        spec = self._spec(told, options)
        return Dataset(
            values=read_array(self.place / ROWS, "r"),
            spec=spec,
            labels=array_at(self.place / LABELS),
            captions=Texts.at(self.place, CAPTIONS),
            notes=tuple(told["notes"]),
            names=Texts.at(self.place, NAMES),
            digest=told["digest"],
            origin=told["origin"] and origin_of(told["origin"]),
        )

    def _spec(self, told: dict[str, Any], options: Options) -> DataSpec:
        """What the examples are like. Raises `UserError` where something else was asked for."""
        spec, asked = DataSpec.from_json(told["spec"]), told["asked"]
        if options.label and options.label != asked.get("label"):
            raise self._otherwise(f"label={options.label!r}", "--label")
        if not isinstance(spec, ImageSpec):
            return spec
        if options.resolution and tuple(options.resolution) != spec.shape[1:]:
            how = f", as {'x'.join(map(str, spec.shape[1:]))}"
            raise self._otherwise(f"resolution={options.resolution}", "--resolution", how)
        return replace(spec, binarise=options.binarise)

    def _otherwise(self, given: str, flag: str, how: str = "") -> UserError:
        return UserError(
            f"{given} was given, and {self.place} was prepared otherwise{how}; leave it out, or"
            f" prepare the data again with {flag}"
        )


def prepared_in(folder: Path) -> PreparedSource | None:
    """What is prepared in ``folder``, if that is a prepared one. Raises `UserError` where it was
    not put together yet."""
    if is_marked(folder) and _known(folder):
        return PreparedSource(folder)
    if shards := shards_in(folder):
        numbers = ", ".join(str(shard.number) for shard in shards)
        raise UserError(
            f"{folder} holds shard {numbers} of {shards[0].count}, not put together yet; when all"
            f" are there: genlearn prepare {folder} --merge"
        )
    return None


def _known(folder: Path) -> bool:
    """Whether what is told of ``folder`` is in our words."""
    try:
        return bool(parse_json((folder / PREPARED).read_text())["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False
