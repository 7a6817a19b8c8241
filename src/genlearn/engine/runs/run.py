"""A run is a folder that describes itself.

manifest.json         model, hyper-parameters, data spec, steps, versions; how the steps were
                      planned, where by time; how a finished training was continued; what it
                      began as; by what it was watched; rollbacks, and why
weights.safetensors   the averaged weights, which are what is sampled
state/00000500/       what resuming at step 500 needs
metrics.jsonl         one line for each report of the loop, only ever appended to
samples/              one fixed noise over time
index/                codes of data, kept to be searched
.lock                 who writes to it now (`core/disk/locks`)
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...core.capabilities import DatasetProtocol
from ...core.disk.atomic import LOCK, wrap_os_errors
from ...core.disk.checked import read_about, read_document, write_document, write_tensors
from ...core.disk.durable import remove, sync_folder
from ...core.disk.locks import Lock, remove_empty
from ...core.errors import UserError, nearest
from ...core.estimator_types import GenerativeModel
from ...core.params import params_of
from ...core.registry import find, name_of
from ..duration.plan import Plan
from .checkpoint import checkpoints, step_of
from .manifest import checked

# where and how a run computes, not what: it may go on otherwise
WHERE = {"device", "devices", "compile", "fsdp", "activation_checkpointing"}


@dataclass(frozen=True)
class Run:
    """The folder at ``path``; who writes to it holds its ``lock``."""

    path: Path
    lock: Lock | None = field(default=None, compare=False, repr=False)

    @property
    def manifest(self) -> dict[str, Any]:
        """Raises `UserError` where ``path`` is not a run, or its manifest is damaged."""
        if not self.exists():
            raise UserError(
                f"{self.path} is not a run: it holds no manifest.json; name a folder that `genlearn"
                f" fit` wrote{_others(self.path)}"
            )
        file = self.path / "manifest.json"
        return checked(read_document(file), file)

    @property
    def weights(self) -> Path:
        return self.path / "weights.safetensors"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def states(self) -> Path:
        return self.path / "state"

    @property
    def index(self) -> Path:
        return self.path / "index"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

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
                "part_of": data.part_of,
                "spec": data.spec.to_json(),
            },
            "versions": versions(),
        }

    def create(self, manifest: dict[str, Any], tell: Callable[[str], None]) -> None:
        """Make the folder; an older run at the same place loses its state, metrics, samples and
        parts. Of a link the link goes, which is told, and not what it leads to. Raises `UserError`
        where other files are."""
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
            parts = [part.path for part in self._parts()]
            own = (self.states, self.samples, self.index, self.metrics, self.weights)
            for place in (*parts, *own, self.path / "tensorboard"):
                if place.is_symlink():
                    tell(f"{place} was a link to {os.readlink(place)}: what is there stays")
                remove(place)
            sync_folder(self.path)
        write_document(self.path / "manifest.json", manifest)

    def _parts(self) -> list[Run]:
        """The runs of the parts of the model here, where it is made of models."""
        try:
            names = self.manifest.get("parts", [])
        except UserError:  # damaged, and about to be replaced
            return []
        runs = [Run(self.path / name) for name in names if Path(name).name == name]
        return [run for run in runs if run.exists()]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Inside, the run is written to. Raises `UserError`, and leaves nothing behind, where it
        was removed since its training began."""
        self._check_there()
        yield
        self._check_there()

    def _check_there(self) -> None:
        if self.exists() and (self.lock is None or self.lock.renewed()):
            return
        if not self.exists() and not (self.path / LOCK).exists():  # nobody began anew here
            for place in (self.states, self.samples, self.metrics, self.weights):
                remove(place)
            remove_empty([self.path])
        raise UserError(
            f"{self.path} was removed or replaced while its training ran, which ends here; fit"
            " again to start anew"
        )

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
        self.note(plan.to_json())

    def went_back(self, rollback: dict[str, Any]) -> None:
        """Say in the manifest that training went back, which it does once; a killed process may do
        it again."""
        self.note({"rollbacks": [rollback]})

    def note(self, facts: dict[str, Any]) -> None:
        """Add ``facts`` to the manifest."""
        with self.writing():
            write_document(self.path / "manifest.json", {**self.manifest, **facts})

    def save_weights(self, model: GenerativeModel, step: int) -> None:
        """Write the weights of ``model``, which they are after ``step`` steps."""
        with self.writing():
            write_tensors(self.weights, model.networks_.state_dict(), step=str(step))


def to_manifest(model: GenerativeModel) -> dict[str, Any]:
    """The name and hyper-parameters of ``model``, as JSON holds them."""
    return {
        "model": name_of(type(model)),
        "hyper": {name: getattr(model, name) for name in params_of(model)},
    }


def from_manifest(about: dict[str, Any]) -> Any:
    """The model that was `to_manifest`, not fitted."""
    return find(about["model"])(**{name: _tuples(value) for name, value in about["hyper"].items()})


def versions() -> dict[str, str]:
    """Of what made a run."""
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("genlearn", "torch")},
    }


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _others(path: Path) -> str:
    patterns = ((path.parent, "*"), (path.parent, "runs/*"), (path, "runs/*"))
    runs = [
        str(file.parent)
        for place, pattern in patterns
        for file in place.glob(f"{pattern}/manifest.json")
        if file.is_file()
    ]
    return f"; {nearest(str(path), runs)}" if runs else ""
