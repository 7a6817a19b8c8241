"""When the penalties of a style-based GAN are taken."""

import pytest
from helpers import blobs, small

import genlearn.models.gans.stylegan as stylegan


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_each_penalty_has_its_turn_however_many_steps_the_discriminator_takes(k, monkeypatch):
    taken = {"r1_penalty": 0, "path_lengths": 0}

    def counted(name):
        penalty = getattr(stylegan, name)

        def call(*arguments):
            taken[name] += 1
            return penalty(*arguments)

        return call

    for name in taken:
        monkeypatch.setattr(stylegan, name, counted(name))
    small(
        "stylegan",
        steps=16,
        penalty_interval=4,
        path_length_weight=2.0,
        path_length_interval=4,
        discriminator_steps=k,
    ).fit(blobs(40))
    assert taken == {"r1_penalty": 4 * k, "path_lengths": 4}


def test_paths_are_measured_where_images_are_large_or_it_is_asked_for(monkeypatch):
    calls = []
    monkeypatch.setattr(
        stylegan, "path_lengths", lambda x, w: calls.append(1) or w.square().sum((1, 2))
    )
    for images, how, times in [
        (blobs(8), {}, 0),
        (blobs(8), {"path_length_weight": 1.0}, 1),
        (blobs(8, 64, 64), {}, 1),
        (blobs(8, 64, 64), {"path_length_weight": 0.0}, 0),
    ]:
        calls.clear()
        small("stylegan", steps=2, batch_size=4, **how).fit(images)
        assert len(calls) == times, how
