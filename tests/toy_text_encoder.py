"""Small language models of random weights, as the transformers library saves them, and captioned
pictures."""

from dataclasses import replace

import numpy as np
import torch
from helpers import blobs
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

import genlearn as gl
from genlearn.core.seeding import seeded
from genlearn.foreign.huggingface import transformers as library

WORDS = [
    "<pad>",
    "<unk>",
    "a",
    "dark",
    "bright",
    "disc",
    "small",
    "large",
    "very",
    "on",
    "the",
    "left",
    "right",
]


def language_model(folder, kind="bert", seed=0, width=24):
    """A model of ``kind`` in ``folder``, whose path is returned."""
    with library("") as transformers:
        return _made(transformers, folder, kind, seed, width)


def _made(transformers, folder, kind, seed, width):
    words = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, "<unk>"))
    words.pre_tokenizer = WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", unk_token="<unk>", model_max_length=200
    ).save_pretrained(folder)
    size = {"vocab_size": len(WORDS), "pad_token_id": 0}
    layers = {
        "hidden_size": width,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 256,
    }
    with seeded(seed):
        if kind == "t5":
            made = transformers.T5EncoderModel(
                transformers.T5Config(
                    **size, d_model=width, d_kv=8, d_ff=32, num_layers=1, num_heads=2
                )
            )
        elif kind == "clip":
            made = transformers.CLIPTextModel(
                transformers.CLIPTextConfig(**size, **layers, eos_token_id=1, bos_token_id=1)
            )
        else:
            made = transformers.BertModel(transformers.BertConfig(**size, **layers))
        for parameter in made.parameters():
            parameter.data += 0.3 * torch.randn_like(parameter)
    made.save_pretrained(folder)
    return str(folder)


def captioned(n=200, side=12):
    """Discs, half of them dark, and what they are."""
    dark = np.arange(n) % 2 == 0
    values = np.where(dark[:, None, None], blobs(n, side, side) // 3, blobs(n, side, side))
    data = gl.open_data(values.astype(np.uint8))
    captions = [f"a {'dark' if one else 'bright'} disc" for one in dark]
    return replace(data, captions=captions, spec=replace(data.spec, captions=True))
