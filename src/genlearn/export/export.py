"""A folder of parts: each written, read again and compared."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..core.capabilities import Exports, ExportsAutoencoder, ExportsPipeline, Graph
from ..core.disk.atomic import write_bytes
from ..core.disk.checked import write_document
from ..core.errors import UserError
from ..core.estimator_types import Composite, GradientTrained
from ..core.spec import DataSpec, ImageSpec, TableSpec
from .autoencoder import write_autoencoder
from .compare import TOLERANCE, difference
from .formats import FORMATS, Format
from .library_folder import DOCUMENT
from .pipeline import write_pipeline

DIFFUSERS = "diffusers"  # the form that is a folder of that library
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
    onnx, torch, or a folder of the diffusers library; the path of export.json.

    Raises `UserError` for a model without parts, a part that it has not, a library that is not
    there, and a file that does not give what the model gives within 1e-4.
    """
    if form not in (*FORMATS, DIFFUSERS):
        known = ", ".join((*FORMATS, DIFFUSERS))
        raise UserError(f"the format {form!r} was asked for; there are {known}")
    folder = Path(out)
    write = _write_diffusers if form == DIFFUSERS else _write_parts
    write(model, folder, form, parts, tell)
    return folder / DOCUMENT


def _write_parts(model: Any, folder: Path, form: str, parts: Sequence[str], tell: Tell) -> None:
    if not isinstance(model, Exports):
        raise UserError(
            f"{type(model).__name__} has no part that runs by itself; export a model with an"
            " encoder, a decoder, a generator or a denoiser"
        )
    alone, kind = _alone(model), FORMATS[form]()
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
    write_document(folder / DOCUMENT, {**_about(alone, form), "parts": written})


def _write_diffusers(model: Any, folder: Path, form: str, parts: Sequence[str], tell: Tell) -> None:
    if not isinstance(model, ExportsPipeline | ExportsAutoencoder):
        raise UserError(
            f"{type(model).__name__} is no model of the diffusers library; export flow, ddpm or"
            " edm, fitted with network='unet2d', vae with network='autoencoder_kl', or latent of"
            " both"
        )
    if parts:
        raise UserError(f"the parts {', '.join(parts)} were asked for; {form} takes the whole")
    alone = _alone(model)
    if isinstance(alone, ExportsAutoencoder):
        document = write_autoencoder(alone, folder, _about(alone, form))
        tell(f"{folder}: equal within {document['largest difference']:.1e}, codes and images")
        return
    tell(f"{folder}: drawing by diffusers what the model draws ...")
    document = write_pipeline(alone, folder, _about(alone, form))
    for key, value in document["left out"].items():
        tell(f"{folder}: {key}={value} is left out")
    tell(f"{folder}: equal within {document['largest difference']:.1e} from the same noise")


def _about(model: Any, form: str) -> dict[str, Any]:
    """What export.json says of the model."""
    return {
        "model": type(model).__name__,
        "genlearn": version("genlearn"),
        "format": form,
        "units": units(model.spec_),
        "classes": list(model.spec_.classes),
    }


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
    if isinstance(alone, Composite):
        alone.parts_ = {name: _alone(part) for name, part in model.parts_.items()}
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
    error = difference(kind.run(content, graph, inputs), wanted)
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


def _kind_of(value: Tensor) -> dict[str, Any]:
    return {"type": str(value.dtype).removeprefix("torch."), "shape": ["batch", *value.shape[1:]]}
