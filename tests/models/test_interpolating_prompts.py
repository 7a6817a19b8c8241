"""From one prompt to another: both ends are what the prompts give, and the way between does not
jump."""

import numpy as np
import pytest
from helpers import small
from toy_text_encoder import captioned, language_model

A, B = "a dark disc", "a bright disc"


@pytest.fixture(scope="module", params=["flow", "latent", "cascade"])
def model(request, tmp_path_factory):
    words = language_model(tmp_path_factory.mktemp("words"))
    return small(
        request.param,
        condition="text",
        text_encoder=words,
        steps=300 if request.param == "latent" else 60,
    ).fit(captioned(100))


def test_the_ends_are_what_the_prompts_give(model):
    line = model.interpolate_prompts(A, B, 5, seed=3, guidance=2.0).astype(float)
    assert len(line) == 5
    for end, text in ((0, A), (-1, B)):
        np.testing.assert_allclose(
            line[end], model.sample(1, seed=3, prompt=text, guidance=2.0)[0], atol=1
        )


def test_the_way_between_is_even(model):
    line = model.interpolate_prompts(A, B, 9, seed=0, guidance=2.0).astype(float)
    steps, whole = np.abs(np.diff(line, axis=0)).mean((1, 2)), np.abs(line[0] - line[-1]).mean()
    assert whole > 0
    assert steps.max() < 0.6 * whole + 1


def test_it_takes_two(model):
    with pytest.raises(ValueError, match="at least 2"):
        model.interpolate_prompts(A, B, 1)


def test_it_takes_captions(fitted):
    with pytest.raises(ValueError, match="learned no captions"):
        fitted("flow", "grey").interpolate_prompts(A, B)
