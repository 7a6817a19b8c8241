"""Models made of models: what they share of being fitted, saved and loaded. Each part is a model of its own, complete with its settings and data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from torch import Tensor, nn

from ..core.asked import asked
from ..core.errors import UserError
from ..core.hyper import hypers
from ..core.registry import find
from ..core.spec import DataSpec
from ..core.training import Composer, seconds
from ..engine.run import created, described
from ._captions import Read
from ._kept import Kept, read, written

_PASSED_ON = ("seed", "device", "size", "devices", "precision", "batch_size", "condition", "text_encoder", "template")
NO_DIFFUSION = "is no diffusion model: take flow, edm or ddpm"
Part = TypeVar("Part")


@dataclass(kw_only=True, eq=False, repr=False)
class Combined(Composer, Read):
    """A model made of ``parts_``, by name."""

    def made(self, text: str, what: str, share: float, kind: type[Part], otherwise: str, **more: Any) -> Part:
        """The model that ``text`` asks for, not fitted: with the settings of the whole, ``more``, and its ``share`` of the training.

        Raises `UserError` that tells ``what`` it was for, and what is ``otherwise`` the matter with a model of another ``kind``.
        """
        name, given = asked(text, what)
        known = hypers(find(name))
        own = {key: getattr(self, key) for key in _PASSED_ON if getattr(self, key) is not None}
        length = {} if {"steps", "budget"} & given.keys() else self._length(share)
        model = find(name)(**{key: value for key, value in (own | length | more | given).items() if key in known})
        return checked(model, text, what, kind, otherwise)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        about = {name: {**described(part), "spec": part.spec_.to_json(), "count": part.n_samples_} for name, part in self.parts_.items()}
        return {**{name: part.networks_ for name, part in self.parts_.items()}, "about": Kept(written(about))}

    def gather(self) -> None:
        self.networks_ = nn.ModuleDict(self.build(self.spec_))

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        self.parts_ = {}
        for name, about in read(weights["about.value"]).items():
            own = {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
            self.parts_[name] = created(about)
            self.parts_[name].restore(DataSpec.from_json(about["spec"]), own, about["count"])
        super().restore(spec, weights, n_samples)

    def _length(self, share: float) -> dict[str, Any]:
        if self.budget is not None:
            return {"budget": f"{seconds(self.budget) * share:.2f}s"}
        return {} if self.steps is None else {"steps": max(1, round(self.steps * share))}


def checked(model: Any, text: str, what: str, kind: type[Part], otherwise: str) -> Part:
    """``model``, if it is of this ``kind``. Raises `UserError` where it is not."""
    if not isinstance(model, kind):
        raise UserError(f"{what} was asked for by {text!r}, which {otherwise}")
    return model
