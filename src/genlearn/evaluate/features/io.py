"""Extractors on disk: tensors and JSON, so that a comparison that continues measures in the same
spaces. Nothing is executed on loading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from ...core.disk.atomic import atomic_folder
from ...core.disk.checked import read_document, read_tensors, write_document, write_tensors
from ...core.errors import UserError
from ...core.spec import DataSpec
from .base import Extractor
from .learned_network import LearnedExtractor
from .random_conv import RandomConvolutions
from .tabular_features import RandomFourierFeatures, TabularFeatures

_KINDS: dict[str, type[Extractor]] = {
    kind.__name__: kind
    for kind in (LearnedExtractor, RandomConvolutions, TabularFeatures, RandomFourierFeatures)
}


def save_extractors(path: Path | str, extractors: Sequence[Extractor]) -> None:
    """Write ``features.safetensors`` and ``features.json`` into the folder ``path``, both or
    neither."""
    tensors = {
        f"{place}/{key}": tensor.clone()
        for place, one in enumerate(extractors)
        for key, tensor in one.state().items()
    }
    with atomic_folder(Path(path)) as folder:
        write_tensors(folder / "features.safetensors", tensors)
        write_document(
            folder / "features.json", {"extractors": [_described(one) for one in extractors]}
        )


def load_extractors(path: Path | str, spec: DataSpec) -> list[Extractor]:
    """The extractors in the folder ``path``, for data of ``spec``. Raises `UserError` if files are
    missing, damaged or of another version."""
    folder = Path(path)
    try:
        described = read_document(folder / "features.json")["extractors"]
        tensors, _ = read_tensors(folder / "features.safetensors")
    except UserError as error:
        what = str(error).split(";")[0]
        raise UserError(f"{what}; delete the folder {folder} to learn features anew") from None
    return [
        _restored(entry, _of(tensors, place), spec, folder) for place, entry in enumerate(described)
    ]


def _described(one: Extractor) -> dict[str, Any]:
    return {"kind": type(one).__name__, **one.to_json(), "settings": one.settings()}


def _of(tensors: dict[str, Tensor], place: int) -> dict[str, Tensor]:
    start = f"{place}/"
    return {
        key.removeprefix(start): tensor for key, tensor in tensors.items() if key.startswith(start)
    }


def _restored(
    entry: dict[str, Any], state: dict[str, Tensor], spec: DataSpec, folder: Path
) -> Extractor:
    kind = _kind(entry["kind"], folder)
    one = kind.restore(spec, entry["about"], entry["dim"], entry["settings"], state)
    if one.digest != entry["digest"]:
        raise UserError(
            f"the feature space {entry['name']!r} in {folder} has changed since it was saved;"
            " delete the folder to choose spaces anew"
        )
    return one


def _kind(name: str, folder: Path) -> type[Extractor]:
    from .external import ExternalExtractor

    kinds: dict[str, type[Extractor]] = {**_KINDS, "ExternalExtractor": ExternalExtractor}
    if name not in kinds:
        raise UserError(
            f"{folder} holds a feature space of an unknown kind, {name!r}; delete the folder to"
            " choose spaces anew"
        )
    return kinds[name]
