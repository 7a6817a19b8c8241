"""Codes of data that are kept with the run, and found again.

RUN/index/KEY/codes.npy     codes (n, d), float32, to be mapped
RUN/index/KEY/about.json    what they are, and a digest of them

KEY is made of all that they depend on: the data, the weights, the hyper-parameters, what of the
model stands for an example. So other data, or a run that has learned on, never finds old codes, and
those of other weights are removed when new ones are written. A folder appears whole or not at all,
one process at a time builds it, and one that was damaged is built again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..core.capabilities import Array
from ..core.disk.arrays import read_array
from ..core.disk.atomic import atomic_folder, locked, wrap_os_errors
from ..core.disk.checked import DIGEST, read_about, read_document, write_document
from ..core.disk.durable import UNFINISHED, remove
from ..core.errors import UserError
from ..data.dataset import Dataset, digest, scratch
from ..data.prepare.cache import key_of
from ..engine.runs.run import WHERE, Run
from .represent import Progress, Representation, encoded_blocks, silent

_CODES, _ABOUT = "codes.npy", "about.json"
Tell = Callable[[str], None]


def kept_codes(
    run: Run,
    representation: Representation,
    data: Dataset,
    progress: Progress = silent,
    tell: Tell = lambda line: None,
) -> Array:
    """The codes (n, d) of ``data`` by the model of ``run``, a memory map of those kept with it;
    computed and kept where they are not there yet. ``tell`` hears where they cannot be."""
    about = _about(run, representation, data)
    place = run.index / key_of(sorted(about.items()))
    if (found := _read(place, about)) is not None:
        return found
    if not os.access(run.path, os.W_OK):
        tell(f"{run.path} cannot be written to: the codes are not kept, and computed each time")
        return _computed(encoded_blocks(representation, data, progress), len(data))
    with wrap_os_errors(place), locked(place):
        if (found := _read(place, about)) is None:
            for unfinished in run.index.glob(f".{place.name}.*{UNFINISHED}"):
                remove(unfinished)  # of a process that was killed, since this one has the lock
            _write(place, about, encoded_blocks(representation, data, progress), len(data))
            _remove_others(run.index, about["weights"])
            found = _read(place, about)
    if found is None:
        raise UserError(f"the codes in {place} were changed as they were written; try again")
    return found


def _about(run: Run, representation: Representation, data: Dataset) -> dict[str, str]:
    manifest = run.manifest
    hyper = {name: value for name, value in manifest["hyper"].items() if name not in WHERE}
    return {
        "data": data.fingerprint,
        "weights": str(read_about(run.weights).get(DIGEST)),
        "hyper-parameters": str(sorted(hyper.items())),
        "genlearn": str(manifest["versions"].get("genlearn")),
        "representation": representation.name,
    }


def _read(place: Path, about: dict[str, str]) -> Array | None:
    """The codes at ``place``; None where there are none, or damaged ones."""
    try:
        written = read_document(place / _ABOUT)
        codes: Array = read_array(place / _CODES, "r")
        whole = written == {**about, "codes": digest(codes)}
    except (UserError, OSError, ValueError):
        return None
    return codes if whole else None


def _write(place: Path, about: dict[str, str], parts: Iterator[Array], n: int) -> None:
    with atomic_folder(place) as folder:
        with (folder / _CODES).open("wb") as file:
            for number, part in enumerate(parts):
                if not number:
                    header: dict[str, Any] = {
                        "descr": np.lib.format.dtype_to_descr(part.dtype),
                        "fortran_order": False,
                        "shape": (n, part.shape[1]),
                    }
                    np.lib.format.write_array_header_1_0(file, header)
                file.write(np.ascontiguousarray(part).tobytes())
        codes = read_array(folder / _CODES, "r")
        write_document(folder / _ABOUT, {**about, "codes": digest(codes)})


def _computed(parts: Iterator[Array], n: int) -> Array:
    first = next(parts)
    codes = scratch((n, first.shape[1]), first.dtype)
    codes[: len(first)], done = first, len(first)
    for part in parts:
        codes[done : done + len(part)], done = part, done + len(part)
    return codes


def _remove_others(folder: Path, weights: str) -> None:
    """Remove what was kept of other weights."""
    for place in folder.glob("*/"):
        try:
            stale = read_document(place / _ABOUT)["weights"] != weights
        except (UserError, KeyError):
            stale = True
        if stale and not place.name.startswith("."):
            remove(place)
