"""When the penalties of a style-based GAN are taken."""

import pytest
from helpers import blobs, small

import genlearn.models.stylegan as stylegan


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_each_penalty_has_its_turn_however_many_steps_the_discriminator_takes(k, monkeypatch):
    taken = {"zero_centred": 0, "path_lengths": 0}

    def counted(name):
        penalty = getattr(stylegan, name)

        def call(*arguments):
            taken[name] += 1
            return penalty(*arguments)

        return call

    for name in taken:
        monkeypatch.setattr(stylegan, name, counted(name))
    small("stylegan", steps=16, lazy=4, path_lazy=4, discriminator_steps=k).fit(blobs(40))
    assert taken == {"zero_centred": 4 * k, "path_lengths": 4}
