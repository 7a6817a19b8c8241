"""A run is a folder that describes itself.

manifest.json         model, hyper-parameters, data spec, steps, versions; how the steps were
                      planned, where by time; how a finished training was continued; what it
                      began as; by what it was watched; rollbacks, and why
weights.safetensors   the averaged weights, which are what is sampled
state/00000500/       what resuming at step 500 needs
metrics.jsonl         one line for each report of the loop
samples/              one fixed noise over time
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...core.capabilities import DatasetProtocol
from ...core.errors import UserError, nearest
from ...core.estimator_types import GenerativeModel
from ...core.params import params_of
from ...core.registry import find, name_of
from ...core.spec import DataSpec
from ..atomic_io import (
    read_about,
    read_document,
    read_tensors,
    wrap_os_errors,
    write_document,
    write_tensors,
)
from ..device import to_device
from ..duration.plan import Plan
from .checkpoint import checkpoints, step_of

WHERE = {"device"}  # where a run computes, not what: the same run may go on elsewhere


@dataclass(frozen=True)
class Run:
    """The folder at ``path``."""

    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """Raises `UserError` where ``path`` is not a run, or its manifest is damaged."""
        if not self.exists():
            raise UserError(
                f"{self.path} is not a run: it holds no manifest.json; name a folder that `genlearn"
                f" fit` wrote{_others(self.path)}"
            )
        return read_document(self.path / "manifest.json")

    @property
    def weights(self) -> Path:
        return self.path / "weights.safetensors"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def states(self) -> Path:
        return self.path / "state"

    def exists(self) -> bool:
        return (self.path / "manifest.json").is_file()

    @property
    def complete(self) -> bool:
        """Whether all steps were taken, and the weights are those after the last."""
        if not self.exists() or not self.weights.exists():
            return False
        there, steps = checkpoints(self.states), self.manifest["steps"]
        return self.learned_steps == steps and (not there or step_of(there[-1]) == steps)

    @property
    def learned_steps(self) -> int:
        """After how many steps its weights were written."""
        return int(read_about(self.weights).get("step", -1))

    def describe(
        self, model: GenerativeModel, data: DatasetProtocol, steps: int, source: str
    ) -> dict[str, Any]:
        """The manifest of ``model`` trained on ``data`` for ``steps``."""
        return {
            **to_manifest(model),
            "steps": steps,
            "data": {
                "source": source,
                "asked": data.asked,
                "count": len(data),
                "fingerprint": data.fingerprint,
                "spec": data.spec.to_json(),
            },
            "versions": _versions(),
        }

    def create(self, manifest: dict[str, Any]) -> None:
        """Make the folder; an older run at the same place loses its state, metrics and samples.
        Raises `UserError` where other files are."""
        if (
            not self.exists()
            and self.path.is_dir()
            and any(not file.name.startswith(".") for file in self.path.iterdir())
        ):
            raise UserError(
                f"{self.path} is no run and holds other files, which a run would mix with; choose"
                " another --out"
            )
        with wrap_os_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            for folder in (self.states, self.samples, self.path / "tensorboard"):
                shutil.rmtree(folder, ignore_errors=True)
            (self.path / "metrics.jsonl").unlink(missing_ok=True)
            self.weights.unlink(missing_ok=True)
        write_document(self.path / "manifest.json", manifest)

    def require_same(
        self, model: GenerativeModel, data: DatasetProtocol, free: Sequence[str] = ()
    ) -> None:
        """Raise `UserError` that names the differences where the run here is of another model,
        other data, or other hyper-parameters than those that are ``free``."""
        there, here = self.manifest, json.loads(json.dumps(self.describe(model, data, 0, "")))
        differences = (
            [f"model {there['model']} there, {here['model']} here"]
            if there["model"] != here["model"]
            else []
        )
        differences += [
            f"{name} {there['hyper'].get(name)} there, {value} here"
            for name, value in here["hyper"].items()
            if name not in {*WHERE, *free}
            and there["hyper"].get(name) != value
            and there["model"] == here["model"]
        ]
        if (
            there["data"]["fingerprint"] != here["data"]["fingerprint"]
            or there["data"]["spec"] != here["data"]["spec"]
        ):
            differences.append(
                f"data {there['data']['source']} ({there['data']['count']} examples) there, other"
                " data here"
            )
        if differences:
            raise UserError(
                f"{self.path} holds another run: {'; '.join(differences)}. Choose another --out, or"
                " --fresh to replace it"
            )

    def planned(self, plan: Plan) -> None:
        """Note how long the training is to be."""
        write_document(self.path / "manifest.json", {**self.manifest, **plan.to_json()})

    def went_back(self, rollback: dict[str, Any]) -> None:
        """Say in the manifest that training went back, which it does once; a killed process may do
        it again."""
        write_document(self.path / "manifest.json", {**self.manifest, "rollbacks": [rollback]})

    def save_weights(self, model: GenerativeModel, step: int) -> None:
        write_tensors(self.weights, model.networks_.state_dict(), step=str(step))


def load(path: str | Path) -> Any:
    """The model of the run (or saved model) at ``path``, ready for use. Raises `UserError` where it
    is not one, or damaged."""
    run = Run(Path(path))
    manifest = run.manifest
    try:
        model = from_manifest(manifest)
        spec = DataSpec.from_json(manifest["data"]["spec"])
        model.restore(spec, read_tensors(run.weights)[0], manifest["data"]["count"])
        model.n_steps_ = manifest["steps"]
    except (KeyError, TypeError, RuntimeError) as error:
        raise UserError(
            f"{run.path} does not fit this version of genlearn ({str(error).splitlines()[0]}); fit"
            " again with --fresh"
        ) from error
    to_device(model.networks_, spec, model.device)
    return model


def save(model: Any, path: str | Path) -> None:
    """Write a fitted ``model`` to the folder ``path`` as a run without state. Raises `UserError`
    where it would replace one with state."""
    run = Run(Path(path))
    if any(
        checkpoints(one.states) for one in (run, *(Run(folder) for folder in run.path.glob("*/")))
    ):
        raise UserError(
            f"{path} is a training run with checkpoints, which saving would replace; choose another"
            " folder"
        )
    data = {
        "source": "",
        "asked": {},
        "count": model.n_samples_,
        "fingerprint": "",
        "spec": model.spec_.to_json(),
    }
    run.create(
        {**to_manifest(model), "steps": model.n_steps_, "data": data, "versions": _versions()}
    )
    run.save_weights(model, model.n_steps_)


def to_manifest(model: GenerativeModel) -> dict[str, Any]:
    """The name and hyper-parameters of ``model``, as JSON holds them."""
    return {
        "model": name_of(type(model)),
        "hyper": {name: getattr(model, name) for name in params_of(model)},
    }


def from_manifest(about: dict[str, Any]) -> Any:
    """The model that was `to_manifest`, not fitted."""
    return find(about["model"])(**{name: _tuples(value) for name, value in about["hyper"].items()})


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("genlearn", "torch")},
    }


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _others(path: Path) -> str:
    runs = [
        str(p.parent)
        for p in sorted(
            [
                *path.parent.glob("*/manifest.json"),
                *path.parent.glob("runs/*/manifest.json"),
                *path.glob("runs/*/manifest.json"),
            ]
        )
    ]
    return f"; {nearest(str(path), runs)}" if runs else ""
