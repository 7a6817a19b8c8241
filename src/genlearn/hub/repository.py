"""Out to the hub, and back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.disk.atomic import write_bytes
from ..core.disk.json_text import parse_json
from ..core.errors import UserError, first_line
from ..core.image_grid import encoded, image_grid
from ..core.registry import name_of
from ..core.spec import ImageSpec
from ..engine.runs.loading import load
from ..engine.runs.run import Run
from ..foreign.huggingface import library
from .card import UNSTATED, model_card

FILES = ("manifest.json", "weights.safetensors")
_REPORT = Path("evaluation", "report.json")  # where `genlearn evaluate` writes
_SHOWN = 36
Tell = Callable[[str], None]


def push(
    run: str | Path,
    repository: str,
    *,
    license: str,
    data_license: str = UNSTATED,
    report: str | Path | None = None,
    model: str | None = None,
    private: bool = False,
    tell: Tell = lambda line: None,
) -> str:
    """Upload the model of ``run``, with its card and some samples, to ``repository`` (owner/name);
    its address. ``report``: a report.json (default: that of `genlearn evaluate`, if there is one),
    where it is called ``model``.

    Nothing that says where on this machine the data lay is uploaded. Raises `UserError` where the
    hub refuses.
    """
    hub = library("huggingface_hub", "'genlearn[hub]'")
    loaded = load(run, tell)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        write_release(loaded, folder)
        manifest = Run(folder).manifest
        manifest["data"]["fingerprint"] = Run(Path(run)).manifest["data"]["fingerprint"]
        for key, value in manifest["hyper"].items():
            if isinstance(value, str) and Path(value).is_absolute():
                tell(f"the manifest says {key}={value}, which names a place on this machine")
        figures = _read_report(Path(run), report)
        if figures is None:
            tell("no figures are on its card; measure some by `genlearn evaluate`")
        card = model_card(repository, manifest, figures, license, data_license, model)
        write_bytes(folder / "README.md", card.encode())
        try:
            api = hub.HfApi()
            where = str(api.create_repo(repository, private=private, exist_ok=True))
            api.upload_folder(
                repo_id=repository,
                folder_path=str(folder),
                allow_patterns=[*FILES, "README.md", "samples.png"],
                commit_message=f"genlearn {name_of(type(loaded))}",
            )
        except Exception as error:
            raise UserError(f"{repository} was not uploaded: {first_line(error)}") from error
    return where


def write_release(model: Any, folder: Path) -> None:
    """The model as a folder of its manifest, weights and, of images, some samples."""
    model.save(folder)
    if isinstance(model.spec_, ImageSpec):
        write_bytes(
            folder / "samples.png", encoded(image_grid(model.sample(_SHOWN, seed=0), model.spec_))
        )


def pull(repository: str, out: str | Path, tell: Tell = lambda line: None) -> Any:
    """The model of ``repository``, fetched into the new folder ``out``. Only its manifest and
    weights are fetched, which execute nothing. Raises `UserError` where they cannot be had, or are
    no model."""
    hub, folder = library("huggingface_hub", "'genlearn[hub]'"), Path(out)
    if folder.exists():
        raise UserError(f"{out} is there already; give a folder that is not")
    with tempfile.TemporaryDirectory() as place:
        try:
            hub.snapshot_download(repository, local_dir=place, allow_patterns=list(FILES))
        except Exception as error:
            raise UserError(f"{repository} could not be fetched: {first_line(error)}") from error
        if missing := [name for name in FILES if not (Path(place) / name).exists()]:
            raise UserError(f"{repository} holds no {missing[0]}, and so is no model of genlearn")
        model = load(place, tell)
        model.save(folder)
    return model


def _read_report(run: Path, report: str | Path | None) -> dict[str, Any] | None:
    path = run / _REPORT if report is None else Path(report)
    if report is None and not path.exists():
        return None
    try:
        return dict(parse_json(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is no report ({first_line(error)}); give a report.json") from None
