"""The panels that every report has: by what a model can do, in the section that they name."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import blobs, small

from genlearn.core.capabilities import Denoises, Encodes, Samples
from genlearn.core.panels import LinePanel
from genlearn.data import open_data
from genlearn.evaluate.evaluation import Evaluation
from genlearn.evaluate.panel import DefaultPanel, Evidence
from genlearn.evaluate.panels import PANELS, data_panels, panels_for


@pytest.fixture(scope="module")
def data():
    return open_data(blobs(40))


@pytest.fixture(scope="module")
def reference_set(data):
    return SimpleNamespace(split=SimpleNamespace(held_out=data, train=data), spec=data.spec, seed=0)


def names(kinds):
    by_panel = {id(panel): name for name, panel in PANELS.all().items()}
    return [by_panel[id(kind)] for kind in kinds]


def test_a_panel_is_drawn_of_what_has_its_capability(data):
    both = type("Both", (), {})()
    assert names(panels_for(both)) == ["one_noise", "learning_curve"]
    assert names(panels_for(data)) == ["real_data"]
    model = small("vae")
    assert isinstance(model, (Samples, Encodes))
    assert not isinstance(model, Denoises)
    assert names(panels_for(model)) == [
        "samples",
        "nearest_images",
        "reconstructions",
        "latent_traversal",
        "interpolation",
        "latent_map",
        "labels_needed",
        "own",
        "one_noise",
        "learning_curve",
    ]


def test_panels_get_the_section_of_their_kind_unless_they_name_one(data, reference_set):
    line = LinePanel(title="a", meaning="b.", x="x", y="y", series={})
    kind = DefaultPanel(
        draw=lambda evidence: [line, replace(line, section="own")],
        needs=object,
        what="lines",
        section="learning",
    )
    assert [p.section for p in kind.panels(Evidence(None, reference_set))] == ["learning", "own"]
    (real,) = data_panels(reference_set)
    assert real.title == "Real data"
    model = small("vae", steps=3).fit(data)
    evidence = Evidence(
        model, reference_set, samples=model.sample(5), codes=model.encode(data.values)
    )
    found = Evaluation()
    found.add_panels(evidence)
    assert not found.notes
    sections = {panel.title: panel.section for panel in found.panels}
    assert sections == {
        "Samples": "samples",
        "Reconstructions": "reconstructions",
        "Latent traversal": "traversals",
        "Interpolation": "traversals",
        "Latent map": "maps",
        "Use of the latents": "",
    }


def test_a_panel_that_cannot_be_drawn_leaves_a_note_and_the_others(data, reference_set):
    class Broken(Encodes):
        latent_dim_ = 2

        def encode(self, X):
            return np.zeros((len(X), 2))

        def decode(self, Z):
            raise RuntimeError("no decoder")

    found = Evaluation()
    found.add_panels(Evidence(Broken(), reference_set, codes=np.eye(40, 2)))
    assert [panel.title for panel in found.panels] == ["Latent map"]
    assert found.notes == [
        f"{what} cannot be shown (RuntimeError: no decoder)"
        for what in ("reconstructions", "latent traversal", "interpolation")
    ]
