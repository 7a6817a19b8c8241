"""Networks are asked on as many threads as are fastest now, and answer the same."""

import numpy as np
import pytest
import torch
from helpers import blobs, small

from genlearn.core import inference_threads as module
from genlearn.core.inference_threads import inference_threads


@pytest.fixture(autouse=True)
def two_threads(monkeypatch):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    monkeypatch.setattr(module, "_found", {})
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("each", "chosen"), [({1: 2, 2: 1}, 2), ({1: 1, 2: 5}, 1)])
def test_the_faster_number_is_used_inside_and_found_once(each, chosen, monkeypatch):
    tried = []
    monkeypatch.setattr(
        module, "_time", lambda x, w, threads: tried.append(threads) or each[threads]
    )
    for _ in range(3):
        with inference_threads():
            assert torch.get_num_threads() == chosen
        assert torch.get_num_threads() == 2
    assert len(tried) == 2 * (module._ROUNDS + 1)
    module._found[2] = (0.0, chosen)  # too long ago
    with inference_threads():
        pass
    assert len(tried) == 4 * (module._ROUNDS + 1)


@pytest.mark.parametrize("name", ["autoencoder", "ddpm", "flow", "latent", "r3gan", "vae", "vqvae"])
def test_answers_do_not_depend_on_threads(name, monkeypatch):
    model, answers = small(name).fit(blobs(60, 16, 16, 3)), []
    for threads in (1, 2):
        monkeypatch.setattr(module, "_faster", lambda most, threads=threads: threads)
        codes = model.encode(blobs(4, 16, 16, 3)) if hasattr(model, "encode") else np.zeros(1)
        answers.append((model.sample(20, seed=0).astype(float), codes))
    (one, codes), (two, others) = answers
    assert (one != two).mean() < 1e-3
    assert abs(one - two).max() <= 1
    np.testing.assert_allclose(codes, others, rtol=1e-4, atol=1e-4)


def test_a_real_trial_finds_one_of_them():
    assert module._tried(2) in (1, 2)
