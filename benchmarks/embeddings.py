"""What frozen language buys: captions read by a pre-trained model, against words that are learned
from scratch; and two ways to say "any caption".

    OMP_NUM_THREADS=1 python benchmarks/embeddings.py 4

The same flow learns captioned scenes for equal core minutes, asked for pairs seen and held out, and
in words that no caption of the training has (scarlet for red, disc for circle). From scratch: each
word is a random vector, frozen, and what the network makes of it is linear in it, which is as good
as a table of learned words, since there are fewer words than numbers. "Any" is said by a learned
token, or by the empty string's own embedding.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from common import report
from quality import trained
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from torch import Tensor

from genlearn.core.capabilities import Samples
from genlearn.core.registry import find
from genlearn.core.seeding import seeded
from genlearn.data import open_data
from genlearn.data.text.text_encoder import MINILM, text_encoder
from genlearn.evaluate.probes.prompt_following import prompt_adherence
from genlearn.foreign.huggingface import library
from genlearn.nets.layers.text_conditioning import TextEncoding
from genlearn.prob.diffusion.denoiser import LearnedDenoiser

ASKED, NUMBERS, GUIDANCE = 1000, 384, (1.0, 3.0)
SAME = {
    "red": "scarlet",
    "green": "emerald",
    "blue": "azure",
    "yellow": "golden",
    "purple": "violet",
    "black": "ebony",
    "circle": "disc",
    "square": "box",
    "triangle": "pyramid",
    "cross": "plus sign",
    "small": "tiny",
    "large": "huge",
}


def words_only(captions: list[str], folder: str) -> str:
    """A language model in ``folder`` that knows the words of ``captions``, as random vectors, and
    nothing of how they go together."""
    transformers = library("transformers", "")
    known = ["<pad>", "<unk>", *sorted({word for text in captions for word in text.split()})]
    words = Tokenizer(WordLevel({word: number for number, word in enumerate(known)}, "<unk>"))
    words.pre_tokenizer = WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", unk_token="<unk>", model_max_length=64
    ).save_pretrained(folder)
    size = {
        "hidden_size": NUMBERS,
        "num_hidden_layers": 0,
        "num_attention_heads": 1,
        "initializer_range": 1.0,
        "max_position_embeddings": 64,
    }
    with seeded(0):
        transformers.BertModel(
            transformers.BertConfig(vocab_size=len(known), pad_token_id=0, **size)
        ).save_pretrained(folder)
    return folder


class EmptyString(find("flow")):  # type: ignore[misc]
    """A flow to which "any caption" is said by the embedding of the empty string."""

    def dropped_condition(self, y: Tensor | None) -> Any:
        text = super().dropped_condition(y)
        empty = self._empty_string(len(text.mask))
        width = max(text.mask.shape[1], empty.mask.shape[1])
        wide = [
            TextEncoding(_padded(one.tokens, width), _padded(one.mask, width))
            for one in (text, empty)
        ]
        asked = text.mask.any(1)
        return TextEncoding(
            torch.where(asked[:, None, None], *(one.tokens for one in wide)),
            torch.where(asked[:, None], *(one.mask for one in wide)),
        )

    def learned_denoiser(self, network: Any) -> LearnedDenoiser:
        def told(x: Tensor, level: Tensor, given: Any) -> Tensor:
            return network(x, level, self._empty_string(len(x)) if given is None else given)

        return replace(super().learned_denoiser(network), network=told)

    def _empty_string(self, n: int) -> TextEncoding:
        return TextEncoding(
            self._empty.expand(n, -1, -1), torch.ones(n, len(self._empty), dtype=torch.bool)
        )

    @cached_property
    def _empty(self) -> Tensor:
        return torch.from_numpy(text_encoder(MINILM).embed([""]).tokens[0]).float()


def _padded(x: Tensor, width: int) -> Tensor:
    more = torch.zeros(len(x), width - x.shape[1], *x.shape[2:], dtype=x.dtype)
    return torch.cat([x, more], 1)


class OtherWords(Samples):
    """A model that is asked in other words than it learned with."""

    def __init__(self, model: Any) -> None:
        self.model, self.spec_ = model, model.spec_

    def sample(self, n: int = 1, *, prompt: Any = None, **how: Any) -> Any:
        others = (
            [re.sub(r"\w+", lambda m: _other(m[0]), text) for text in prompt] if prompt else None
        )
        return self.model.sample(n, prompt=others, **how)


def _other(word: str) -> str:
    one = (
        word.removesuffix("es")
        if word in ("crosses",)
        else word.removesuffix("s")
        if word.removesuffix("s") in SAME
        else word
    )
    return SAME.get(one, one) + ("s" if one != word else "")


def main(minutes: float) -> None:
    torch.set_num_threads(1)
    data, rows, steps = open_data("scenes"), [], None
    assert data.captions is not None
    with tempfile.TemporaryDirectory() as folder:
        scratch, flow = words_only(data.captions, folder), find("flow")
        for what, cls, encoder in (
            ("frozen", flow, MINILM),
            ("frozen, any = empty string", EmptyString, MINILM),
            ("from scratch", flow, scratch),
        ):
            hyper = {"condition": "text", "text_encoder": encoder, "sampling_steps": 12}
            start = time.process_time()
            model = (
                trained("flow", data, minutes, hyper)[0]
                if steps is None
                else cls(steps=steps, **hyper).fit(data)
            )
            steps, spent = model.n_steps_, time.process_time() - start
            for guidance in GUIDANCE:
                found, other = (
                    prompt_adherence(one, ASKED, guidance=guidance)
                    for one in (model, OtherWords(model))
                )
                rows.append(
                    {
                        "captions": what,
                        "core minutes": spent / 60,
                        "steps": steps,
                        "guidance": guidance,
                    }
                )
                rows[-1] |= {
                    "seen": found["seen"]["all"],
                    "held out": found["held out"]["all"],
                    "other words": other["seen"]["all"],
                }
                rows[-1] |= {
                    f"other words, {key}": other["seen"][key] for key in ("colour", "shape", "size")
                }
                print(rows[-1], flush=True)
    report("embeddings", rows)


if __name__ == "__main__":
    main(float(sys.argv[1]))
