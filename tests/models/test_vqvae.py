"""Vector quantisation against its equations: nearest vectors, gradients that pass straight through,
words in and out."""

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table, small

from genlearn.core.seeding import seeded
from genlearn.nets.layers.codebook import Codebook


@pytest.fixture(scope="module")
def images():
    return blobs(400, 16, 16)


@pytest.fixture(scope="module")
def model(images):
    return small("vqvae", steps=300, codebook_size=64, lr=1e-2).fit(images)


def test_the_nearest_vector_is_the_nearest():
    with seeded(0):
        book, z = Codebook(20, 3), torch.randn(50, 3)
    distances = torch.cdist(z, book.vectors.detach())
    assert torch.equal(book.nearest(z), distances.argmin(1))


def test_unused_vectors_go_where_the_encoder_is():
    with seeded(0):
        book, z = Codebook(20, 3), 100 + torch.randn(500, 3)
        book.restart_unused(z, book.nearest(z), longest=1)
        assert (book.vectors > 50).sum() >= 3 * 19  # all that nothing was nearest to
        kept = book.vectors.detach().clone()
        book.restart_unused(kept, book.nearest(kept), longest=1)
    assert torch.equal(book.vectors, kept)  # each is its own nearest, so none is moved
    assert not book.idle.any()


def test_the_loss_is_that_of_the_paper(model, images):
    model.on_step_start(1.0)
    x = model.spec_.to_internal(images[:8])
    z, e = model.encode_tensor(x), model._vectors(model._indices(x))
    expected = (model.decode_tensor(z) - x).square().mean() + (1 + model.commitment_cost) * (
        z - e
    ).square().mean()
    torch.testing.assert_close(model.loss(x), expected)


def test_gradients_reach_the_encoder_as_if_nothing_had_been_chosen(model, images):
    model.on_step_start(1.0)
    x, decoder = model.spec_.to_internal(images[:8]), model.networks_["decoder"]
    free = model.set_params(commitment_cost=0.0)
    with torch.enable_grad():
        weights = list(model.networks_["encoder"].parameters())
        found = torch.autograd.grad(free.loss(x), weights)
        z = model.encode_tensor(x)
        e = model._vectors(model._indices(x)).requires_grad_()
        (handed,) = torch.autograd.grad((decoder(e) - x).square().mean(), e)
        expected = torch.autograd.grad(z, weights, grad_outputs=handed)
    model.set_params(commitment_cost=0.25)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-6)


def test_words_are_a_code(model, images):
    words = model.encode_indices(images)
    assert words.shape == (400, 4, 4)
    assert words.min() >= 0
    assert words.max() < 64
    np.testing.assert_array_equal(model.decode_indices(words), model.reconstruct(images))
    assert model.bits_ == 16 * 6


def test_it_learns_and_uses_its_codebook(model, images):
    error = np.square(model.reconstruct(images) / 255.0 - images / 255.0).mean()
    assert error < 0.2 * np.var(images / 255.0)
    assert len(np.unique(model.encode_indices(images))) > 20


def test_a_place_is_drawn_by_how_often_its_words_occur(model, images):
    prior = model.networks_["prior"].value
    words = model.encode_indices(images).reshape(400, -1)
    np.testing.assert_allclose(
        prior[3].numpy(), np.bincount(words[:, 3], minlength=64) / 400, atol=1e-6
    )


@pytest.mark.parametrize(
    "words",
    [
        np.zeros((1, 4, 5), int),
        np.full((1, 4, 4), 64),
        np.zeros((1, 4, 4)),
        np.zeros((0, 4, 4), int),
    ],
)
def test_words_that_are_none_are_refused(model, words):
    with pytest.raises(ValueError, match=r"indices of shape .* whole numbers below 64"):
        model.decode_indices(words)


def test_tables_have_words_too():
    table = gaussian_table()
    model = small("vqvae").fit(table)
    assert model.encode_indices(table).shape == (len(table), 3)


def test_convolutions_of_a_table_are_refused():
    with pytest.raises(ValueError, match="needs images"):
        small("vqvae", network="grid").fit(gaussian_table())
