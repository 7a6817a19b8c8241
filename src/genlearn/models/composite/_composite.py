"""Models made of models: what they share of being fitted, saved and loaded. Each part is a model of
its own, complete with its settings and data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from torch import Tensor, nn

from ...core.errors import UserError
from ...core.estimator_types import Composite, seconds
from ...core.model_spec import parse_model_spec
from ...core.params import param, params_of
from ...core.registry import find
from ...core.spec import DataSpec
from ...data.text.text_encoder import MINILM
from ...engine.runs.run import from_manifest, to_manifest
from ...nets.buffers import Document, tensor_to_json
from ..base import Estimator

_INHERITED = (
    "seed",
    "device",
    "size",
    "devices",
    "precision",
    "compile",
    "fsdp",
    "activation_checkpointing",
    "batch_size",
    "condition",
    "text_encoder",
    "template",
)
NO_DIFFUSION = "is no diffusion model: take flow, edm or ddpm"
Part = TypeVar("Part")


@dataclass(kw_only=True, eq=False, repr=False)
class CompositeModel(Composite, Estimator):
    """A model made of ``parts_``, by name."""

    condition: Literal["auto", "text", "label", "none"] = param(
        "auto",
        "what parts are learned with (auto: captions, else classes, where the data has them)",
    )
    text_encoder: str = param(
        MINILM,
        "language model that reads captions: minilm, a folder, or an id of the Hugging Face hub",
    )
    template: str = param(
        "{}",
        "what a class is called where captions are to be made of classes, as in: a photo of a {}",
    )

    @property
    def uses_labels(self) -> bool:
        return self.condition != "none"

    def create_part(
        self,
        text: str,
        what: str,
        share: float,
        kind: type[Part] | Any,
        otherwise: str,
        **more: Any,
    ) -> Part:
        """The model that ``text`` asks for, not fitted: with the settings of the whole, ``more``,
        and its ``share`` of the training.

        Raises `UserError` that tells ``what`` it was for, and what is ``otherwise`` the matter with
        a model of another ``kind``.
        """
        name, given = parse_model_spec(text, what)
        known = params_of(find(name))
        own = {key: getattr(self, key) for key in _INHERITED if getattr(self, key) is not None}
        length = {} if {"steps", "budget"} & given.keys() else self._training_length(share)
        model = find(name)(
            **{key: value for key, value in (own | length | more | given).items() if key in known}
        )
        part: Part = require_kind(model, text, what, kind, otherwise)
        return part

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        about = {
            name: {**to_manifest(part), "spec": part.spec_.to_json(), "count": part.n_samples_}
            for name, part in self.parts_.items()
        }
        return {
            **{name: part.networks_ for name, part in self.parts_.items()},
            "about": Document(about, "value"),
        }

    def assemble(self) -> None:
        self.networks_ = nn.ModuleDict(self.build(self.spec_))

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        self.parts_ = {}
        for name, about in tensor_to_json(weights["about.value"]).items():
            own = {
                key.removeprefix(f"{name}."): value
                for key, value in weights.items()
                if key.startswith(f"{name}.")
            }
            self.parts_[name] = from_manifest(about)
            self.parts_[name].restore(DataSpec.from_json(about["spec"]), own, about["count"])
        super().restore(spec, weights, n_samples)

    def _training_length(self, share: float) -> dict[str, Any]:
        if self.budget is not None:
            return {"budget": f"{seconds(self.budget) * share:.2f}s"}
        return {} if self.steps is None else {"steps": max(1, round(self.steps * share))}


def require_kind(model: Any, text: str, what: str, kind: type[Part] | Any, otherwise: str) -> Part:
    """``model``, if it is of this ``kind``. Raises `UserError` where it is not."""
    if not isinstance(model, kind):
        raise UserError(f"{what} was asked for by {text!r}, which {otherwise}")
    return model
