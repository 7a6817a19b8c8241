"""Sets of the `datasets` library: fetched from the Hugging Face hub by ``owner/name``, saved on
disk by it, or already in memory.

Without a network `datasets` retries for twenty seconds before it gives up. One quick request tells
beforehand; where it fails, only what was fetched earlier is looked for. Images stay encoded, so
that preparing decodes them and can name the bad ones.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ...core.errors import UserError
from ...foreign.huggingface import library
from ..dataset import Dataset
from ..open.options import Options
from ..prepare.cache import key_of, root
from .base import Source, brief, meaning
from .table_files import read_table

if TYPE_CHECKING:
    import datasets

T = TypeVar("T")

_PATIENCE_SECONDS = 5
_EXTRA = "'genlearn[hub]'"  # what is to be installed for it


@dataclass(frozen=True)
class HuggingFaceSource(Source):
    """Sets of `datasets` by split; a single one is named ''."""

    sets: dict[str, datasets.Dataset] = field(repr=False)
    place: str

    def splits(self) -> list[str]:
        return sorted(
            (name for name in self.sets if name), key=lambda name: (meaning(name) != "train", name)
        )

    def read(self, split: str | None, options: Options) -> Dataset:
        import datasets

        chosen = (
            self.sets[split] if split else datasets.concatenate_datasets(list(self.sets.values()))
        )
        for name, feature in chosen.features.items():
            if isinstance(feature, datasets.Image):
                chosen = chosen.cast_column(name, datasets.Image(decode=False))
        return read_table(
            _table(chosen), self.place, Path(), (), options, key=key_of((chosen._fingerprint,))
        )

    @staticmethod
    def of(source: Any, place: str = "the given dataset") -> HuggingFaceSource:
        """A `datasets.Dataset` or `DatasetDict`."""
        return HuggingFaceSource(dict(source) if isinstance(source, dict) else {"": source}, place)

    @staticmethod
    def on_disk(path: Path) -> HuggingFaceSource:
        """What ``save_to_disk`` wrote to the folder ``path``."""
        datasets = library("datasets", _EXTRA)

        try:
            return HuggingFaceSource.of(datasets.load_from_disk(str(path)), str(path))
        except (OSError, ValueError, KeyError) as error:
            raise UserError(
                f"{path} looks like a saved dataset but cannot be read ({brief(error)}); save it"
                " again"
            ) from None


@dataclass(frozen=True)
class HubSource(Source):
    """A set on the hub. ``name``: what the user called it."""

    hub_id: str
    name: str

    def splits(self) -> list[str]:
        datasets = library("datasets", _EXTRA)

        return sorted(
            self._fetch(lambda cache: datasets.get_dataset_split_names(self.hub_id)),
            key=lambda name: (meaning(name) != "train", name),
        )

    def read(self, split: str | None, options: Options) -> Dataset:
        datasets = library("datasets", _EXTRA)
        options.tell(f"fetching {self.hub_id} from the Hugging Face hub (once)")
        loaded = self._fetch(
            lambda cache: datasets.load_dataset(self.hub_id, split=split, cache_dir=cache)
        )
        return HuggingFaceSource.of(loaded, self.hub_id).read("", options)

    def _fetch(self, get: Callable[[str | None], T]) -> T:
        """``get`` from the hub, or without a network from what was fetched earlier: by us, or by
        other programs (None)."""
        with _network() as reachable:
            try:
                return get(str(root() / "hub"))
            except Exception as error:
                if not reachable:
                    return self._fetched_earlier(get)
                raise UserError(self._sorry(brief(error))) from None

    def _fetched_earlier(self, get: Callable[[str | None], T]) -> T:
        try:
            return get(None)
        except Exception:
            raise UserError(self._sorry("there is no network")) from None

    def _sorry(self, reason: str) -> str:
        own = (
            f"put its files in {_data_home()}/{self.name}"
            if "/" not in self.name
            else "check the name, or give a folder that exists"
        )
        return (
            f"{self.name!r} is not here and could not be fetched from the hub as {self.hub_id!r}"
            f" ({reason}); {own}"
        )


def _data_home() -> str:
    return os.environ.get("GENLEARN_DATA") or "$GENLEARN_DATA"


def _table(chosen: datasets.Dataset) -> Any:
    """The rows as arrow's own dataset, with the schema that names the classes."""
    from pyarrow import dataset as arrow

    return arrow.dataset(chosen.with_format("arrow")[:].cast(chosen.features.arrow_schema))


@contextmanager
def _network() -> Iterator[bool]:
    """Whether the hub can be reached. Where it cannot, `datasets` does not try inside the block."""
    import datasets.config
    import huggingface_hub.constants

    before = huggingface_hub.constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
    reachable = not any(before) and _answers(huggingface_hub.constants.ENDPOINT)
    huggingface_hub.constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = not reachable
    try:
        yield reachable
    finally:
        huggingface_hub.constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=_PATIENCE_SECONDS).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
