"""Fine-tuning: a training that begins with what another run learned.

Weights (their average), normaliser and anchor are the other run's, and so are the units of its
data, so that before the first step the model is the one that it begins as. What belongs to classes
is matched by their names: a class that the other run did not know begins as *any* class, where
there is such a row, and anew where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...core.errors import UserError
from ...core.estimator_types import GradientTrained
from ...core.registry import name_of
from ...core.seeding import untouched
from ...core.spec import DataSpec, FeatureMapSpec, TableSpec, VectorSpec
from .loading import load
from .run import WHERE, Run, from_manifest, to_manifest

# where and how long it trains, and what names its randomness: of each run its own
OWN = {"steps", "budget", "seed", "precision"} | WHERE


def spec_from(path: str, spec: DataSpec) -> DataSpec:
    """``spec`` in the units of the run at ``path``. Raises `UserError` that names both sides where
    it learned from data of another kind."""
    there = DataSpec.from_json(Run(Path(path)).manifest["data"]["spec"])
    if isinstance(there, (VectorSpec, FeatureMapSpec)) and type(there) is type(spec):
        spec = replace(spec, mean=there.mean, scale=there.scale)  # type: ignore[call-arg]
    if isinstance(there, TableSpec) and isinstance(spec, TableSpec):
        spec = replace(spec, fields=there.fields, shape=there.shape)
    if replace(spec, classes=there.classes, captions=there.captions) != there:
        raise UserError(
            f"{path} learned from {_kind(there)}, the data here are {_kind(spec)}; fine-tune on"
            " data of the same kind"
        )
    return spec


def about(path: str) -> dict[str, Any]:
    """What the manifest says of where a run began."""
    there = Run(Path(path))
    learned, data = there.learned_steps, there.manifest["data"]["fingerprint"]
    return {"from": {"run": path, "steps": learned, "data": data}}


def check_begun(path: Path, manifest: dict[str, Any], noted: dict[str, Any]) -> None:
    """Raise `UserError` where the run at ``path`` began as another one than is ``noted``."""
    there, here = (one.get("from") for one in (manifest, noted))
    if there != here:
        said = [
            f"{one['run']} at step {one['steps']:,}" if one else "nothing" for one in (there, here)
        ]
        raise UserError(
            f"{path} began as {said[0]}, and {said[1]} was given to begin as; give the same, choose"
            " another --out, or --fresh to replace it"
        )


@dataclass(frozen=True)
class Start:
    """What the run at ``path`` learned."""

    path: str

    def begin(
        self, model: GradientTrained, networks: nn.ModuleDict, tell: Callable[[str], None]
    ) -> str:
        """Let ``networks``, just built for ``model``, be those of the run; a line on what that
        leaves. Raises `UserError` where they do not fit."""
        source = load(self.path, tell)
        if type(source) is not type(model):
            raise UserError(
                f"{self.path} is a run of {name_of(type(source))}, and {name_of(type(model))} is to"
                " begin as it; take the same model"
            )
        there, here = _classes(source), _classes(model)
        weights: dict[str, Tensor] = dict(source.networks_.state_dict())
        notes: list[str] = []
        if there != here:
            weights, notes = _matched(model, networks, weights, there, here)
        # texts, which say what a model is made of, are its own
        own = networks.state_dict().items()
        weights |= {key: value for key, value in own if value.dtype == torch.uint8}
        try:
            networks.load_state_dict(model.adapted_weights(weights))
        except RuntimeError as error:
            raise UserError(_misfit(self.path, source, model, str(error))) from error
        known = "; ".join(notes)
        return f"begins as {self.path}" + (f", which knows other classes: {known}" if known else "")


@dataclass(frozen=True)
class Learned:
    """``weights`` that a model has learned."""

    weights: dict[str, Tensor]

    def begin(
        self, model: GradientTrained, networks: nn.ModuleDict, tell: Callable[[str], None]
    ) -> str:
        """Let ``networks``, just built for ``model``, be as it was; a line on that. Raises
        `UserError` where its hyper-parameters have changed since."""
        try:
            networks.load_state_dict(self.weights)
        except RuntimeError as error:
            raise UserError(
                f"what {name_of(type(model))} has learned does not fit its hyper-parameters of now;"
                f" set them as they were, or fit it anew ({str(error).splitlines()[-1].strip()})"
            ) from error
        return "begins as what it has learned"


def _classes(model: Any) -> tuple[str, ...]:
    return getattr(model, "classes_in_", ())


def _matched(
    model: GradientTrained,
    networks: nn.ModuleDict,
    weights: dict[str, Tensor],
    there: tuple[str, ...],
    here: tuple[str, ...],
) -> tuple[dict[str, Tensor], list[str]]:
    """``weights`` for the classes ``here``, of those ``there``; what became of the classes."""
    new = networks.state_dict()
    anew, tables = [], _class_tables(model, networks)
    for key in tables & weights.keys() & new.keys():
        rows = _rows(weights[key], new[key], there, here)
        anew += [] if rows is not None or new[key].ndim < 2 else [key]
        weights[key] = new[key] if rows is None else rows
    known = [name for name in here if name in there]
    others = [name for name in here if name not in there]
    notes = [f"{', '.join(known)} go on"] if known else []
    notes += [f"{', '.join(others)} begin as any or anew"] if others else []
    notes += [f"{', '.join(sorted(anew))} begin anew"] if anew else []
    return weights, notes or ["none is learned here"]


def _rows(old: Tensor, new: Tensor, there: tuple[str, ...], here: tuple[str, ...]) -> Tensor | None:
    """A table of the classes ``here``, with a last row for any class; None where it is none."""
    tall = old.ndim > 1 and len(old) == len(there) + 1 and len(new) == len(here) + 1
    if not tall or (new.shape[1:] != old.shape[1:] and new.shape[1] != 1):
        return None
    return torch.stack([old[there.index(c) if c in there else -1] for c in here] + [old[-1]])


def _class_tables(model: GradientTrained, networks: nn.ModuleDict) -> set[str]:
    """The names of tensors whose shape the number of classes decides: told by building networks for
    one class more."""
    spec = replace(model.spec_, classes=(*model.spec_.classes, "one more"))
    probe = from_manifest(to_manifest(model))
    probe.n_samples_, probe.spec_ = model.n_samples_, spec
    probe.resolve_hyperparameters(spec)
    with untouched():
        more = nn.ModuleDict(probe.build(spec)).state_dict()
    return {
        key
        for key, value in networks.state_dict().items()
        if key in more and more[key].shape != value.shape
    }


def _misfit(path: str, source: Any, model: Any, error: str) -> str:
    there, here = to_manifest(source)["hyper"], to_manifest(model)["hyper"]
    differ = [
        f"{key} {there[key]} there, {here[key]} here"
        for key in here
        if key not in OWN and there[key] != here[key]
    ]
    first = error.splitlines()[1 if "\n" in error else 0].strip()
    return (
        f"the networks of {path} do not fit ({'; '.join(differ) or first}); give the"
        " hyper-parameters that it has"
    )


def _kind(spec: DataSpec) -> str:
    columns = f" ({', '.join(spec.columns)})" if isinstance(spec, TableSpec) else ""
    return f"{type(spec).__name__} of shape {spec.user_shape}, {spec.dtype}{columns}"
