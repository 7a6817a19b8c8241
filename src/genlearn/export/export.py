"""A folder of parts: each written, read again and compared."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..core.capabilities import Exports, Graph
from ..core.errors import UserError
from ..core.estimator_types import GradientTrained
from ..core.spec import DataSpec, ImageSpec, TableSpec
from ..engine.atomic_io import write_bytes, write_document
from .formats import FORMATS, Format

TOLERANCE = 1e-4  # of a number that comes out, absolute or relative
_ROWS, _SEED = 3, 0  # of the new inputs: another batch than was followed
Tell = Callable[[str], None]


def silent(line: str) -> None:
    """A `Tell` that says nothing."""


def export(
    model: Any,
    out: str | Path,
    form: str = "onnx",
    *,
    parts: Sequence[str] = (),
    tell: Tell = silent,
) -> Path:
    """Write ``parts`` of the fitted ``model`` (default: all) to the folder ``out``, as ``form``:
    onnx, or torch; the path of export.json.

    Raises `UserError` for a model without parts, a part that it has not, a library that is not
    there, and a file that does not give what the model gives within 1e-4.
    """
    if not isinstance(model, Exports):
        raise UserError(
            f"{type(model).__name__} has no part that runs by itself; export a model with an"
            " encoder, a decoder, a generator or a denoiser"
        )
    if form not in FORMATS:
        raise UserError(f"the format {form!r} was asked for; there are {', '.join(FORMATS)}")
    alone, folder, kind = _alone(model), Path(out), FORMATS[form]()
    graphs = alone.graphs()
    for name in parts:
        if name not in graphs:
            raise UserError(f"there is no part {name!r}; {', '.join(graphs)} can be exported")
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        name: _written(kind, name, graph, folder, tell)
        for name, graph in graphs.items()
        if name in parts or not parts
    }
    document = folder / "export.json"
    write_document(
        document,
        {
            "model": type(model).__name__,
            "genlearn": version("genlearn"),
            "format": form,
            "units": units(alone.spec_),
            "classes": list(alone.spec_.classes),
            "parts": written,
        },
    )
    return document


def units(spec: DataSpec) -> str:
    """What the numbers inside are."""
    if isinstance(spec, ImageSpec):
        return (
            f"images (batch, {', '.join(map(str, spec.shape))}): channels, height, width, from -1"
            f" ({spec.low:g}) to 1 ({spec.high:g})"
        )
    if isinstance(spec, TableSpec):
        return "rows: the normal numbers that the columns become inside, by genlearn alone"
    return "rows: each column less its mean, in its standard deviations"


def _alone(model: Any) -> Any:
    """A copy of ``model`` on the CPU, in full precision, ready to be asked."""
    alone = copy.copy(model)
    alone.networks_ = copy.deepcopy(model.networks_).cpu().eval()
    if isinstance(alone, GradientTrained):
        alone.precision = "fp32"
    return alone


def _written(kind: Format, name: str, graph: Graph, folder: Path, tell: Tell) -> dict[str, Any]:
    """Write a part; what export.json says of it."""
    path = folder / f"{name}.{kind.suffix}"
    tell(f"{path.name}: following {name} ...")
    inputs, content = _others(graph), kind.encode(graph)
    with torch.no_grad():
        wanted = graph.module(*inputs)
    error = _error(kind.run(content, graph, inputs), wanted)
    if not error <= TOLERANCE:
        raise UserError(
            f"{path.name} would differ from the model by {error:.2g}, and was not written"
        )
    write_bytes(path, content)
    tell(f"{path.name}: equal within {error:.1e} on another batch")
    return {
        "file": path.name,
        "inputs": {key: _kind_of(value) for key, value in graph.inputs.items()},
        "output": {graph.output: _kind_of(wanted)},
        "meaning": graph.meaning,
        "largest difference": error,
    }


def _others(graph: Graph) -> list[Tensor]:
    """New inputs, in another number: noise about the examples, and the same whole numbers."""
    generator, found = torch.Generator().manual_seed(_SEED), []
    for value in graph.inputs.values():
        rows = value[torch.arange(_ROWS) % len(value)]
        noise = torch.randn(rows.shape, generator=generator) if rows.ndim > 1 else 0 * rows
        found.append(rows + 0.3 * noise if rows.is_floating_point() else rows)
    return found


def _error(found: Tensor, wanted: Tensor) -> float:
    """The largest difference, of large numbers relative to them."""
    if found.shape != wanted.shape:
        return float("inf")
    return float(((found - wanted).abs() / wanted.abs().clamp(min=1)).max())


def _kind_of(value: Tensor) -> dict[str, Any]:
    return {"type": str(value.dtype).removeprefix("torch."), "shape": ["batch", *value.shape[1:]]}
