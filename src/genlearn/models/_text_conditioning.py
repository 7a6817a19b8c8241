"""Captions that a model learned with, and prompts that it draws from.

Each different caption is embedded once, by a language model that is not trained
(`data.text.text_encoder`), and known by its number in training. A prompt is embedded when it is
asked for; the model keeps what its language model made of one sentence, and so notices if it is
given another one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ..core.capabilities import DatasetProtocol
from ..core.errors import UserError
from ..core.params import param
from ..core.spec import DataSpec
from ..data import Dataset
from ..data.text.caption_embeddings import TokenStore, embed_captions, unique_captions
from ..data.text.text_encoder import MINILM, free_text_encoders, text_encoder
from ..nets.buffers import Buffer
from ..nets.layers.text_conditioning import TextEncoding
from ._class_conditioning import ClassConditional

# by which a language model is known again
_PROBE_SENTENCE = "The quick brown fox jumps over the lazy dog."
_PROBE_TOLERANCE = 0.02  # of its length, by which what was computed on other hardware may differ
Prompts = TokenStore


@dataclass(kw_only=True, eq=False, repr=False)
class TextConditional(ClassConditional):
    """A model that learns from captions where there are any, else from classes."""

    condition: Literal["auto", "text", "label", "none"] = param(  # type: ignore[assignment]
        "auto",
        "what examples are learned with, so that it can be asked for (auto: their caption, else"
        " their class, where the data has them)",
    )
    text_encoder: str = param(
        MINILM,
        "language model that reads captions: minilm, a folder, or an id of the Hugging Face hub",
    )
    template: str = param(
        "{}",
        "what a class is called where captions are to be made of classes, as in: a photo of a {}",
    )

    token_dim_ = 0  # numbers in a token, where captions are learned

    def learns_captions(self, spec: DataSpec) -> bool:
        """Whether this model, as set up, learns from the captions of such data."""
        return self.condition == "text" or (self.condition == "auto" and spec.captions)

    @property
    def text_conditioned_(self) -> bool:
        return self.condition_ == "text"

    def learns_classes(self, spec: DataSpec) -> bool:
        return not self.learns_captions(spec) and super().learns_classes(spec)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for captions and classes that are not there, and a language model that
        is not."""
        super().check_data(spec)
        if not self.learns_captions(spec):
            return
        if not spec.captions and not spec.classes:
            raise UserError(
                "condition='text' was given, but the data has neither captions nor classes; give"
                " metadata.csv with file_name and text"
            )
        if "{}" not in self.template:
            raise UserError(
                f"template={self.template!r} was given; it holds {{}} in the place of a class, as"
                " in: a photo of a {}"
            )
        text_encoder(self.text_encoder)

    def check_guidance(self, name: str, value: float, spec: DataSpec) -> None:
        """Raise `UserError` where the guidance ``value`` has nothing to act on."""
        if value != 1 and not self.learns_classes(spec) and not self.learns_captions(spec):
            raise UserError(
                f"{name}={value} was given, but neither classes nor captions are learned for it to"
                " act on; take it away"
            )

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``condition_`` is what the networks are told beside the noise: text, label or none."""
        super().resolve_hyperparameters(spec)
        self.condition_ = (
            "text" if self.learns_captions(spec) else "label" if self.classes_in_ else "none"
        )

    def prepare_data(self, data: Dataset, tell: Callable[[str], None]) -> Dataset:
        """``data`` with the number of its caption as the label of each example; the captions are
        embedded."""
        if self.condition_ != "text":
            return data
        captions, numbers = unique_captions(self._captions_of(data))
        self._token_store = embed_captions(captions, text_encoder(self.text_encoder), tell)
        self._probe_embedding = self._embed_probe()
        free_text_encoders()
        self.token_dim_ = self._token_store.tokens.shape[1]
        return replace(data, labels=numbers)

    def prepare_validation(self, data: Dataset, tell: Callable[[str], None]) -> Dataset:
        """As `prepare_data`; its captions are embedded beside those that are learned from."""
        if self.condition_ != "text":
            return data
        captions, numbers = unique_captions(self._captions_of(data))
        embedded = embed_captions(captions, text_encoder(self.text_encoder), tell)
        free_text_encoders()
        first = len(self._token_store)
        self._token_store = self._token_store.beside(embedded)
        return replace(data, labels=numbers + first)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {"probe": Buffer(torch.zeros(self.token_dim_))} if self.condition_ == "text" else {}

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        self.restore_condition(weights)
        super().restore(spec, weights, n_samples)

    def restore_condition(self, weights: dict[str, Tensor]) -> None:
        """Note what the networks of ``weights`` were built for; the language model need not be
        there."""
        self.token_dim_ = len(weights.get("probe.value", ()))

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """What the language model makes of one sentence."""
        if self.condition_ == "text":
            cast(Buffer, self.networks_["probe"]).value.copy_(self._probe_embedding)
            self.move_captions(self.device_)

    def adapted_weights(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """As they are. Raises `UserError` where they learned with another language model."""
        if self.condition_ == "text" and "probe.value" in weights:
            self._check_probe(weights["probe.value"])
        return weights

    def move_captions(self, device: torch.device) -> None:
        """Keep the captions that are learned from on ``device``."""
        if self.condition_ == "text":
            self._token_store = self._token_store.to(device)

    def caption_encodings(self, numbers: Tensor) -> TextEncoding:
        """The captions ``numbers`` (B,) of the data that is learned from."""
        return TextEncoding(*self._token_store.rows(numbers))

    def encode_prompts(
        self, prompt: str | Sequence[str] | None, what: str = "prompt"
    ) -> Prompts | None:
        """``prompt``, embedded. Raises `UserError` where no captions were learned, and for another
        language model than it learned with."""
        if prompt is None:
            return None
        check_is_fitted(self)
        if self.condition_ != "text":
            raise UserError(
                f"{what}={prompt!r} was given, but this model learned no captions; fit it on data"
                " that has them"
            )
        asked = [prompt] if isinstance(prompt, str) else list(prompt)
        if not asked or not all(isinstance(text, str) for text in asked):
            raise UserError(f"{what}={prompt!r} was given; it is a text, or one or more of them")
        self._check_probe(cast(Buffer, self.networks_["probe"]).value)
        store = embed_captions(
            asked,
            text_encoder(self.text_encoder),
            lambda note: warnings.warn(note, UserWarning, stacklevel=5),
        )
        return store.to(self.device_)

    def prompt_encodings(self, prompts: Prompts | None, n: int, start: int) -> TextEncoding | None:
        """The prompt of each of ``n`` samples number ``start`` and on, in turn."""
        if prompts is None:
            return None
        return TextEncoding(
            *prompts.rows(torch.arange(start, start + n, device=self.device_) % len(prompts))
        )

    def _embed_probe(self) -> Tensor:
        """What the language model makes of the sentence by which it is known again."""
        return (
            embed_captions([_PROBE_SENTENCE], text_encoder(self.text_encoder), lambda note: None)
            .tokens.float()
            .mean(0)
        )

    def _check_probe(self, value: Tensor) -> None:
        kept, found = value.cpu(), self._embed_probe()
        if kept.shape != found.shape or float((kept - found).norm()) > _PROBE_TOLERANCE * float(
            kept.norm()
        ):
            raise UserError(
                f"{self.text_encoder} is not the language model that this model learned with: it"
                " reads otherwise; give that one"
            )

    def _captions_of(self, data: Dataset) -> list[str]:
        if data.captions is not None:
            return list(data.captions)
        assert data.labels is not None  # by `check_data`
        return [self.template.format(data.spec.classes[label]) for label in data.labels]
