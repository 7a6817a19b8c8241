"""What is asked for is recognised in real scenes, and by chance only in others."""

import numpy as np
import pytest
from helpers import blobs, small

import genlearn.evaluate.probes.prompt_following as following
from genlearn.core.capabilities import Samples
from genlearn.core.errors import UserError
from genlearn.data import open_data
from genlearn.data.sources.toy_captions import (
    ATTRIBUTES,
    caption,
    draw_attributes,
    draw_scenes,
    scenes,
)


class Oracle(Samples):
    """Draws what a prompt says as a real scene, but for one attribute of some."""

    text_conditioned_ = True

    def __init__(self, wrong=0.0):
        self.spec_ = open_data(scenes(2, 0).values).spec
        every = draw_attributes(40_000, 0, None)
        self.rows, self.wrong = {caption(row): row for row in every}, wrong

    def sample(
        self, n=1, *, seed=None, start=0, label=None, guidance=None, prompt=None, negative=None
    ):
        if prompt is None:
            return scenes(n, 5).values
        rows = np.stack([self.rows[text] for text in prompt])
        rows[: int(self.wrong * n), 2] = (rows[: int(self.wrong * n), 2] + 1) % len(
            ATTRIBUTES["colour"]
        )
        return draw_scenes(rows, np.random.default_rng(3), 32)


@pytest.fixture(scope="module", autouse=True)
def _quick():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "_TRAIN_SCENES", 5000)
        patch.setattr(following, "_STEPS", 220)
        patch.setattr(following, "_BATCH", 48)
        yield


def test_scenes_that_are_drawn_as_asked_are_right_and_others_by_chance():
    found = following.prompt_adherence(Oracle(), 400)
    for what in ("seen", "held out", "real, seen", "real, held out"):
        assert found[what]["all"] > 0.9, what
    chance = found["asked for nothing"]
    for name, values in ATTRIBUTES.items():
        assert chance[name] == pytest.approx(1 / len(values), abs=0.09)
    assert chance["all"] < 0.05


def test_each_attribute_is_judged_by_itself():
    found = following.prompt_adherence(Oracle(wrong=0.25), 400)["seen"]
    assert found["colour"] == pytest.approx(0.75, abs=0.04)
    assert found["shape"] > 0.93
    assert found["all"] == pytest.approx(0.75, abs=0.08)
    assert found["mean"] == pytest.approx(np.mean([found[name] for name in ATTRIBUTES]))


def test_other_pictures_are_refused():
    model = small("flow", steps=1).fit(blobs(20))
    with pytest.raises(UserError, match="following is measured on scenes"):
        following.prompt_adherence(model, 5)
    plain = small("flow", steps=1, condition="none").fit(
        open_data("scenes", split="test").take(slice(0, 20))
    )
    with pytest.raises(UserError, match="learned no captions"):
        following.prompt_adherence(plain, 5)
