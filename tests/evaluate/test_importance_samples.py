"""Bounds of log p(x) in an evaluation: lowered to a few samples for all of it, which is said, and
for none of what comes after."""

import multiprocessing

import numpy as np
import pytest
from forked import preloaded
from helpers import gaussian_table, small

from genlearn.data.split import hold_out
from genlearn.evaluate.evaluate_model import IMPORTANCE_SAMPLES, evaluate_model
from genlearn.evaluate.evaluation import SampleSizes
from genlearn.evaluate.features import choose
from genlearn.evaluate.reference_set import ReferenceSet

SCORED = 40  # in three tasks, so that processes share them
SIZES = SampleSizes(samples=20, scored=SCORED, encoded=10)


@pytest.fixture(scope="module")
def reference_set():
    split = hold_out(gaussian_table(300, 4))
    return ReferenceSet(split, tuple(choose(split.train, 0, 0.5, lambda text: None)), 0)


def trained(reference_set, folder, **hyper):
    return small("vae", **hyper).fit(reference_set.split.train, out=folder)


def test_all_scores_are_by_few_samples_and_a_note_says_so(reference_set, tmp_path, monkeypatch):
    model, asked = trained(reference_set, tmp_path / "run", evaluation_samples=5000), []
    score = type(model).score_samples
    monkeypatch.setattr(
        type(model),
        "score_samples",
        lambda self, X: asked.append(self.evaluation_samples) or score(self, X),
    )
    found = evaluate_model(model, tmp_path / "run", reference_set, SIZES)
    assert set(asked) == {IMPORTANCE_SAMPLES}
    assert [note for note in found.notes if f"{IMPORTANCE_SAMPLES} importance samples" in note]
    assert model.evaluation_samples == 5000


def test_worker_processes_take_as_few(reference_set, tmp_path, monkeypatch):
    context = preloaded()
    monkeypatch.setattr(multiprocessing, "get_context", lambda *how, **more: context)
    model = trained(reference_set, tmp_path / "run", evaluation_samples=5000)
    found = evaluate_model(model, tmp_path / "run", reference_set, SIZES, processes=2)
    few = model.set_params(evaluation_samples=IMPORTANCE_SAMPLES)
    expected = few.score_samples(reference_set.split.held_out.user(slice(0, SCORED))).mean()
    assert np.isclose(found.figures["nats"].value, expected, rtol=1e-6)


def test_fewer_stay_as_they_are_and_nothing_is_noted(reference_set, tmp_path):
    model = trained(reference_set, tmp_path / "run", evaluation_samples=20)
    found = evaluate_model(model, tmp_path / "run", reference_set, SIZES)
    assert model.evaluation_samples == 20
    assert not any("importance samples" in note for note in found.notes)
