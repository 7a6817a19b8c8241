"""Models made of models: what they share of being fitted, saved and loaded. Each part is a model of its own, complete with its settings and data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ..core.asked import asked
from ..core.hyper import hyper, hypers
from ..core.registry import find, name_of
from ..core.spec import DataSpec
from ..core.training import Composer, seconds
from ..data.encoder import MINILM
from ._kept import Kept
from .base import Model

_PASSED_ON = ("seed", "device", "size", "devices", "precision", "batch_size", "condition", "text_encoder", "template")


@dataclass(kw_only=True, eq=False, repr=False)
class Combined(Composer, Model):
    """A model made of ``parts_``, by name."""

    condition: Literal["auto", "text", "label", "none"] = hyper(
        "auto", "what examples are learned with, so that it can be asked for (auto: their caption, else their class, where the data has them)"
    )
    text_encoder: str = hyper(MINILM, "language model that reads captions: minilm, a folder, or an id of the Hugging Face hub")
    template: str = hyper("{}", "what a class is called where captions are to be made of classes, as in: a photo of a {}")

    @property
    def uses_labels(self) -> bool:
        return self.condition != "none"

    def made(self, text: str, what: str, share: float, **more: Any) -> Any:
        """The model that ``text`` asks for, not fitted: with the settings of the whole, ``more``, and its ``share`` of the training."""
        name, given = asked(text, what)
        known = hypers(find(name))
        own = {key: getattr(self, key) for key in _PASSED_ON if getattr(self, key) is not None}
        length = {} if {"steps", "budget"} & given.keys() else self._length(share)
        return find(name)(**{key: value for key, value in (own | length | more | given).items() if key in known})

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        about = {
            name: {"model": name_of(type(part)), "hyper": part.get_params(), "spec": part.spec_.to_json(), "count": part.n_samples_}
            for name, part in self.parts_.items()
        }
        text = Kept(torch.tensor(list(json.dumps(about).encode()), dtype=torch.uint8))
        return {**{name: part.networks_ for name, part in self.parts_.items()}, "about": text}

    def gather(self) -> None:
        self.networks_ = nn.ModuleDict(self.build(self.spec_))

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        self.parts_ = {}
        for name, about in json.loads(bytes(weights["about.value"].tolist())).items():
            part = find(about["model"])(**{key: tuple(value) if isinstance(value, list) else value for key, value in about["hyper"].items()})
            own = {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
            part.restore(DataSpec.from_json(about["spec"]), own, about["count"])
            self.parts_[name] = part
        super().restore(spec, weights, n_samples)

    def _length(self, share: float) -> dict[str, Any]:
        if self.budget is not None:
            return {"budget": f"{seconds(self.budget) * share:.2f}s"}
        return {} if self.steps is None else {"steps": max(1, round(self.steps * share))}
