"""Where the data lies that a run has learned from, and how the run reads it."""

from __future__ import annotations

from pathlib import Path

from ...core.errors import UserError
from ...data import Dataset, open_data
from ...data.open.opening import as_before
from .datasets import DataSource
from .library import Library
from .runs import RunFolder


def origin_of(library: Library, run: RunFolder) -> DataSource | None:
    """What ``run`` learned from, where that is among the data of the studio: by the name that the
    run knows it by, else by the name of its file or folder, if only one is called so."""
    text, sources = str(run.data["source"]), library.sources().values()
    for source in sources:
        if text in (source.text, str(source.path)):
            return source
    called = [one for one in sources if one.path is not None and one.path.name == Path(text).name]
    return called[0] if text and len(called) == 1 else None


def need_origin(library: Library, run: RunFolder) -> DataSource:
    """As `origin_of`. Raises `UserError` where it is not there any more."""
    source = origin_of(library, run)
    if source is None:
        raise UserError(
            f"{run.name} learned from {run.data['source'] or 'data without a name'}, which is not"
            " in the studio's folders; start the studio with --data and the folder it lies in"
        )
    return source


def open_origin(library: Library, run: RunFolder, split: str | None = None) -> Dataset:
    """The examples that ``run`` learned from, as it reads them, or those of another ``split`` of
    its data. Raises `UserError` where they are not there any more."""
    place = place_of_origin(library, run)
    options = as_before(place, {**run.data, "source": place})
    asked = split or run.data.get("asked", {}).get("split")
    return open_data(place, like=run.spec, split=asked, **options)


def place_of_origin(library: Library, run: RunFolder) -> str:
    """Where what ``run`` learned from lies, or the name of a set, as `open_data` takes it. Raises
    as `need_origin`."""
    source = need_origin(library, run)
    return str(source.path or source.text)
