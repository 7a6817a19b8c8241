"""Images that were enlarged: judged apart from the small ones, by the runs of a cascade's parts and
by the cascade."""

import pytest
from helpers import blobs, small
from quick_judging import judge_quickly
from toy_text_encoder import captioned, language_model

from genlearn.comparison.evaluate_run import evaluate_run
from genlearn.core.capabilities import SuperResolves
from genlearn.data import open_data
from genlearn.data.downsample import downsample_dataset as shrunken
from genlearn.data.downsample import downsampled_spec
from genlearn.data.split import hold_out
from genlearn.evaluate.evaluate_model import evaluate_model
from genlearn.evaluate.evaluation import SampleSizes
from genlearn.evaluate.features import choose
from genlearn.evaluate.probes import super_resolution
from genlearn.evaluate.reference_set import ReferenceSet

FEW = SampleSizes(samples=20, scored=2, encoded=2, mapped=2, enlarged=20)


@pytest.fixture(autouse=True)
def _quick_judges(monkeypatch):
    judge_quickly(monkeypatch.setattr)


def reference_set_of(images):
    split = hold_out(images)
    return ReferenceSet(split, tuple(choose(split.train, 0, 0.5, lambda text: None)), 0)


@pytest.fixture(scope="module")
def reference_set():
    return reference_set_of(blobs(2000, 16, 16))


class Known(SuperResolves):
    """Enlarges by looking up what was shrunk, or by making blocks of pixels."""

    text_conditioned_ = False

    def __init__(self, real, blocks=False):
        self.data, self.blocks = open_data(real), blocks
        self.small_spec_ = downsampled_spec(self.data.spec, 2)

    def shrink(self, X):
        return shrunken(open_data(X, like=self.data.spec), self.small_spec_).values

    def enlarge(self, X, *, seed=None, start=0, **told):
        return X.repeat(2, 1).repeat(2, 2) if self.blocks else self.data.values[: len(X)]


def figures(reference_set, model):
    return super_resolution.figures(
        model, reference_set, *super_resolution.enlarge_downsampled(model, reference_set, 1000)
    )


def test_what_was_there_is_at_no_distance_and_blocks_of_pixels_are_faithful_but_far(reference_set):
    held = reference_set.split.held_out.values
    exact, blocks, wrong = (
        figures(reference_set, model)
        for model in (Known(held), Known(held, blocks=True), Known(held[::-1].copy()))
    )
    assert exact["unfaithful"].value == blocks["unfaithful"].value == 0
    assert wrong["unfaithful"].low > 0.001
    assert exact["enlarged"].value == pytest.approx(0, abs=1e-6)
    assert blocks["enlarged"].low > exact["enlarged"].value


def test_a_cascade_is_judged_by_samples_and_by_what_it_enlarges(tmp_path):
    images = blobs(60, 16, 16, channels=3)
    model = small("cascade", stages=1, steps=8).fit(images)
    found = evaluate_model(model, tmp_path, reference_set_of(images), FEW)
    assert found.figures.keys() >= {"enlarged", "unfaithful", "enlarging_speed", "sampling_speed"}
    assert any(key.startswith("frechet") for key in found.figures)
    assert "Enlarging" in {panel.title for panel in found.panels}


def test_a_run_that_only_enlarges_has_its_page(tmp_path):
    images = blobs(60, 16, 16)
    small("upscale", steps=8).fit(images, out=tmp_path / "run")
    report = evaluate_run(tmp_path / "run", images, evaluation="1s")
    assert report["models"][0]["figures"].keys() >= {"enlarged", "unfaithful", "enlarging_speed"}
    assert "<h2" in (tmp_path / "run/evaluation/report.html").read_text()


def test_a_model_that_reads_is_judged_by_what_it_draws_for_captions(tmp_path, monkeypatch):
    model = small(
        "flow", condition="auto", steps=3, text_encoder=language_model(tmp_path / "words")
    ).fit(captioned(60))
    asked, draw = [], type(model).sample
    monkeypatch.setattr(
        type(model),
        "sample",
        lambda self, n, **how: asked.append(how.get("prompt")) or draw(self, n, **how),
    )
    reference_set = reference_set_of(captioned(60))
    found = evaluate_model(model, tmp_path, reference_set, FEW)
    assert reference_set.split.held_out.captions in asked
    assert any("captions of held-out examples" in note for note in found.notes)
