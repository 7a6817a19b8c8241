"""Panels on disk: ``panels.json`` says what they are and ``panels.npz`` holds their arrays, so a
report can be drawn again without its models.

Nothing is unpickled: arrays of numbers alone are stored, under names that the JSON refers to.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..core.disk.arrays import read_arrays
from ..core.disk.atomic import write_bytes
from ..core.disk.json_text import parse_json
from ..core.errors import UserError
from ..core.panels import (
    Array,
    HistogramPanel,
    ImagePanel,
    LinePanel,
    PairsPanel,
    Panel,
    ScatterPanel,
)

_ABOUT, _ARRAYS = "panels.json", "panels.npz"
_KINDS: dict[str, type[Panel]] = {
    kind.__name__: kind
    for kind in (HistogramPanel, ImagePanel, LinePanel, PairsPanel, ScatterPanel)
}


def save_panels(folder: Path, panels: list[Panel]) -> None:
    """Write ``panels`` to ``folder``, each file whole or not at all. Raises `UserError` where it
    cannot be written."""
    arrays: dict[str, Array] = {}
    about = [_described(panel, str(index), arrays) for index, panel in enumerate(panels)]
    content = BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    write_bytes(folder / _ARRAYS, content.getvalue())
    write_bytes(
        folder / _ABOUT,
        json.dumps({"arrays": _digest(content.getvalue()), "panels": about}, indent=1).encode(),
    )


def load_panels(folder: Path) -> list[Panel]:
    """The panels of ``folder``, as they were saved. Raises `UserError` if they are missing or
    damaged."""
    try:
        about = parse_json((folder / _ABOUT).read_text(encoding="utf-8"))
        content = (folder / _ARRAYS).read_bytes()
        if about["arrays"] != _digest(content):
            raise ValueError("the arrays are not those that the list was written with")
        arrays = read_arrays(BytesIO(content))
        return [_restored(fields, arrays) for fields in about["panels"]]
    except FileNotFoundError:
        raise UserError(f"{folder} holds no panels; evaluate the model again") from None
    except (ValueError, KeyError, TypeError, OSError, BadZipFile) as error:
        raise UserError(
            f"the panels in {folder} are damaged ({error}); evaluate the model again"
        ) from None


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def _described(panel: Panel, name: str, arrays: dict[str, Array]) -> dict[str, Any]:
    """A panel's fields for JSON; its arrays go to ``arrays`` and leave their names behind."""
    return {
        "kind": type(panel).__name__,
        **{key: _stored(value, f"{name}.{key}", arrays) for key, value in vars(panel).items()},
    }


def _stored(value: Any, name: str, arrays: dict[str, Array]) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise TypeError(f"{name} holds objects; a panel's arrays are numbers")
        arrays[name] = value
        return {"array": name}
    if isinstance(value, dict):
        return {
            "series": [
                [key, _stored(np.asarray(line), f"{name}.{i}", arrays)]
                for i, (key, line) in enumerate(value.items())
            ]
        }
    return list(value) if isinstance(value, tuple) else value


def _restored(fields: dict[str, Any], arrays: Any) -> Panel:
    values = {key: _read(value, arrays) for key, value in fields.items() if key != "kind"}
    return _KINDS[fields["kind"]](**values)


def _read(value: Any, arrays: Any) -> Any:
    if isinstance(value, dict):
        return (
            {key: _read(line, arrays) for key, line in value["series"]}
            if "series" in value
            else arrays[value["array"]]
        )
    return tuple(_read(one, arrays) for one in value) if isinstance(value, list) else value
