"""A model's panels are plain data that a report can draw: named, explained, in the user's units."""

import numpy as np
import pytest
from helpers import DATA, able, general, small, suits

from genlearn.core.capabilities import Restores
from genlearn.core.panels import ImagePanel, LinePanel, Panel
from genlearn.data import open_data
from genlearn.models.diffusion import _sampling


@pytest.fixture(scope="module", autouse=True)
def _short_curves():
    """What the curve of a sampler tells is a law of its options."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_sampling, "_CURVE", (2, 4, 8))
        patch.setattr(_sampling, "_ENDLESS", 16)
        yield


@pytest.fixture(scope="module")
def shown(fitted):
    """The panels of a trained model by name and data, each drawn once."""
    cache = {}

    def get(name, kind):
        if (name, kind) not in cache:
            cache[name, kind] = list(fitted(name, kind).panels(open_data(DATA[kind]())))
        return cache[name, kind]

    return get


@pytest.mark.parametrize("kind", list(DATA))
@pytest.mark.parametrize("name", general())
def test_panels_can_be_drawn(name, kind, shown):
    data = open_data(DATA[kind]())
    for panel in shown(name, kind):
        assert isinstance(panel, Panel)
        assert panel.title
        assert panel.meaning.endswith(".")
        if isinstance(panel, ImagePanel):
            assert panel.values.shape[1:] == data.spec.user_shape
            assert str(panel.values.dtype) == data.spec.dtype
            assert not panel.rows or len(panel.rows) * panel.columns == len(panel.values)
        if isinstance(panel, LinePanel):
            assert all(
                curve.ndim == 2 and curve.shape[1] == 2 and np.isfinite(curve).all()
                for curve in panel.series.values()
            )


@pytest.mark.parametrize("name", able(Restores))
def test_diffusion_shows_both_processes_and_what_steps_are_worth(name, shown):
    titles = {kind: [panel.title for panel in shown(name, kind)] for kind in ("grey", "table")}
    assert titles["grey"] == ["Forward process", "Reverse process", "Error by steps"]
    assert titles["table"] == ["Error by steps"]
    errors = shown(name, "grey")[-1].series[""]
    assert errors[-1, 1] < errors[0, 1]


@pytest.mark.parametrize("name", general())
def test_panels_are_the_same_twice(name, fitted, shown):
    kind = "grey" if suits(name, "grey") else "table"
    again = fitted(name, kind).panels(open_data(DATA[kind]()))
    for a, b in zip(shown(name, kind), again, strict=True):
        assert a.title == b.title
        if isinstance(a, ImagePanel):
            np.testing.assert_array_equal(a.values, b.values)


def test_the_use_of_latents_is_sorted_and_an_unused_one_says_nothing():
    (curves,) = (
        small("vae", beta=200.0, steps=150).fit(DATA["table"]()).panels(open_data(DATA["table"]()))
    )
    nats = curves.series["held out"][:, 1]
    assert (np.diff(nats) <= 0).all()
    assert nats[-1] < 0.1


@pytest.mark.parametrize("corruption", ["gaussian", "mask", "salt_pepper"])
def test_a_denoising_autoencoder_shows_growing_noise_and_a_plain_one_none(corruption):
    data = open_data(DATA["grey"]())
    (strip,) = (
        small("autoencoder", corruption=corruption, corruption_level=0.8).fit(data).panels(data)
    )
    noisy = strip.values.reshape(len(strip.rows) // 2, 2, strip.columns, *data.spec.user_shape)[
        :, 0
    ].astype(float)
    moved = np.abs(noisy - data.values[: strip.columns]).mean((1, 2, 3))
    assert moved[0] == 0
    assert (np.diff(moved) > 0).all()
    assert small("autoencoder").fit(data).panels(data) == []
