"""Captions that a model learned with, and prompts that it draws from.

Each different caption is embedded once, by a language model that is not trained (`data.encoder`), and known by its number in training. A prompt is
embedded when it is asked for; the model keeps what its language model made of one sentence, and so notices if it is given another one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ..core.capabilities import Examples
from ..core.errors import UserError
from ..core.hyper import hyper
from ..core.spec import DataSpec
from ..data import Dataset
from ..data.embedded import Bank, embed, numbered
from ..data.encoder import MINILM, free, text_encoder
from ..nets.reading import Text
from ._classes import Classes, Conditioned
from ._kept import Kept

_PROBE = "The quick brown fox jumps over the lazy dog."  # by which a language model is known again
_SAME = 0.02  # of its length, by which what was computed on other hardware may differ


@dataclass(kw_only=True, eq=False, repr=False)
class Read(Conditioned):
    """A model that captions are read for, or that is made of models that they are read for."""

    text_encoder: str = hyper(MINILM, "language model that reads captions: minilm, a folder, or an id of the Hugging Face hub")
    template: str = hyper("{}", "what a class is called where captions are to be made of classes, as in: a photo of a {}")


@dataclass(kw_only=True, eq=False, repr=False)
class Captions(Read, Classes):
    """A model that learns from captions where there are any."""

    token_numbers_ = 0  # in a token, where captions are learned

    def learns_captions(self, spec: DataSpec) -> bool:
        """Whether this model, as set up, learns from the captions of such data."""
        return self.condition == "text" or (self.condition == "auto" and spec.captions)

    @property
    def reads_(self) -> bool:
        return self.condition_ == "text"

    def learns_classes(self, spec: DataSpec) -> bool:
        return not self.learns_captions(spec) and super().learns_classes(spec)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for captions and classes that are not there, and a language model that is not."""
        super().check_data(spec)
        if not self.learns_captions(spec):
            return
        if not spec.captions and not spec.classes:
            raise UserError("condition='text' was given, but the data has neither captions nor classes; give metadata.csv with file_name and text")
        if "{}" not in self.template:
            raise UserError(f"template={self.template!r} was given; it holds {{}} in the place of a class, as in: a photo of a {{}}")
        text_encoder(self.text_encoder)

    def settle(self, spec: DataSpec) -> None:
        """``condition_`` is what the networks are told beside the noise: text, label or none."""
        super().settle(spec)
        self.condition_ = "text" if self.learns_captions(spec) else "label" if self.classes_in_ else "none"

    def prepare(self, data: Dataset, tell: Callable[[str], None]) -> Dataset:
        """``data`` with the number of its caption as the label of each example; the captions are embedded."""
        if self.condition_ != "text":
            return data
        captions, numbers = numbered(self._captions_of(data))
        self._bank, self._known = embed(captions, text_encoder(self.text_encoder), tell), self._probe()
        free()
        self.token_numbers_ = self._bank.tokens.shape[1]
        return replace(data, labels=numbers)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {"probe": Kept(torch.zeros(self.token_numbers_))} if self.condition_ == "text" else {}

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        self.recall(weights)
        super().restore(spec, weights, n_samples)

    def recall(self, weights: dict[str, Tensor]) -> None:
        """Note what the networks of ``weights`` were built for; the language model need not be there."""
        self.token_numbers_ = len(weights.get("probe.value", ()))

    def measure(self, data: Examples) -> None:
        """What the language model makes of one sentence."""
        if self.condition_ == "text":
            cast(Kept, self.networks_["probe"]).value.copy_(self._known)
            self.move(self.device_)

    def move(self, device: torch.device) -> None:
        """Keep the captions that are learned from on ``device``."""
        if self.condition_ == "text":
            self._bank = self._bank.to(device)

    def read(self, numbers: Tensor) -> Text:
        """The captions ``numbers`` (B,) of the data that is learned from."""
        return Text(*self._bank.rows(numbers))

    def prompts(self, prompt: str | Sequence[str] | None, what: str = "prompt") -> Bank | None:
        """``prompt``, embedded. Raises `UserError` where the model learned no captions, and for another language model than it learned with."""
        if prompt is None:
            return None
        check_is_fitted(self)
        if self.condition_ != "text":
            raise UserError(f"{what}={prompt!r} was given, but this model learned no captions; fit it on data that has them")
        asked = [prompt] if isinstance(prompt, str) else list(prompt)
        if not asked or not all(isinstance(text, str) for text in asked):
            raise UserError(f"{what}={prompt!r} was given; it is a text, or one or more of them")
        self._check_probe()
        bank = embed(asked, text_encoder(self.text_encoder), lambda note: warnings.warn(note, UserWarning, stacklevel=5))
        return bank.to(self.device_)

    def _probe(self) -> Tensor:
        """What the language model makes of the sentence by which it is known again."""
        return embed([_PROBE], text_encoder(self.text_encoder), lambda note: None).tokens.float().mean(0)

    def _check_probe(self) -> None:
        kept, found = cast(Kept, self.networks_["probe"]).value.cpu(), self._probe()
        if kept.shape != found.shape or float((kept - found).norm()) > _SAME * float(kept.norm()):
            raise UserError(f"{self.text_encoder} is not the language model that this model learned with: it reads otherwise; give that one")

    def _captions_of(self, data: Dataset) -> list[str]:
        if data.captions is not None:
            return data.captions
        assert data.labels is not None  # by `check_data`
        return [self.template.format(data.spec.classes[label]) for label in data.labels]
