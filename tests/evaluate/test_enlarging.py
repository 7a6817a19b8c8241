"""Images that were enlarged: judged apart from the small ones, by the runs of a cascade's parts and by the cascade."""

import numpy as np
import pytest
from helpers import blobs, small
from texts import captioned, language_model

import genlearn as gl
from genlearn.contest.single import evaluate
from genlearn.core.capabilities import Enlarges
from genlearn.data import open_data
from genlearn.data.holdout import hold_out
from genlearn.evaluate import enlarging
from genlearn.evaluate.features import choose
from genlearn.evaluate.yardstick import Yardstick
from genlearn.models._shrinking import small as shrunken
from genlearn.models._shrinking import small_spec


@pytest.fixture(scope="module")
def yardstick():
    split = hold_out(blobs(300, 16, 16))
    return Yardstick(split, tuple(choose(split.train, 0, 1.0, lambda text: None)), 0)


class Known(Enlarges):
    """Enlarges by looking up what was shrunk, or by making blocks of pixels."""

    reads_ = False

    def __init__(self, real, blocks=False):
        self.data, self.blocks = open_data(real), blocks
        self.small_spec_ = small_spec(self.data.spec, 2)

    def shrink(self, X):
        return shrunken(open_data(X, like=self.data.spec), self.small_spec_).values

    def enlarge(self, X, *, seed=None, start=0, **told):
        return X.repeat(2, 1).repeat(2, 2) if self.blocks else self.data.values[: len(X)]


def figures(yardstick, model):
    return enlarging.figures(model, yardstick, *enlarging.enlarged(model, yardstick, 60))


def test_what_was_there_is_at_no_distance_and_blocks_of_pixels_are_faithful_but_far(yardstick):
    held = yardstick.split.held_out.values
    exact, blocks = (figures(yardstick, Known(held, blocks)) for blocks in (False, True))
    assert exact["unfaithful"].value == blocks["unfaithful"].value == 0
    assert exact["enlarged"].value < 0.5 * blocks["enlarged"].value
    wrong = figures(yardstick, Known(held[::-1].copy()))
    assert wrong["unfaithful"].low > 0.001


def test_a_cascade_and_each_of_its_parts_are_judged(tmp_path):
    images = blobs(200, 16, 16, channels=3)
    model, found = small("cascade", stages=1).fit(images, out=tmp_path / "run"), {}
    for part, data in (("", images), ("base", model.shrink(images)), ("16x16", images)):
        report = evaluate(tmp_path / "run" / part, data, evaluation="2s")
        found[part] = report["models"][0]["figures"]
    sampled, enlarged = ({part for part, keys in found.items() if any(key.startswith(what) for key in keys)} for what in ("frechet", "enlarged"))
    assert sampled == {"", "base"}
    assert enlarged == {"", "16x16"}
    assert "enlarging_speed" in found["16x16"]
    np.testing.assert_allclose(found[""]["enlarged"]["value"], found["16x16"]["enlarged"]["value"], rtol=1e-6)  # of one stage


def test_a_model_that_reads_is_judged_by_what_it_draws_for_captions(tmp_path, monkeypatch):
    model = small("flow", condition="auto", steps=3, text_encoder=language_model(tmp_path / "words"))
    model.fit(captioned(200), out=tmp_path / "run")
    asked = []
    draw = type(model).sample
    monkeypatch.setattr(type(model), "sample", lambda self, n, **how: asked.append(how.get("prompt")) or draw(self, n, **how))
    report = evaluate(tmp_path / "run", captioned(200), evaluation="2s")
    captions = hold_out(captioned(200), like=model.spec_).held_out.captions
    assert captions in asked
    assert any("captions of held-out examples" in note for note in report["models"][0]["notes"])
    assert gl.load(tmp_path / "run").reads_
