"""`genlearn.show`, and what a notebook shows of a fitted model."""

import numpy as np
import pandas as pd
import pytest
from helpers import blobs, gaussian_table, grid_cells, small

import genlearn as gl
from genlearn.core.errors import UserError
from genlearn.core.image_grid import image_grid


@pytest.mark.parametrize("channels", [0, 1, 3])
def test_images_are_shown_as_a_grid(channels):
    values = blobs(6, channels=channels)
    picture, spec = gl.show(values, columns=3), gl.open_data(values).spec
    np.testing.assert_allclose(grid_cells(picture, spec, 2, 3), values, atol=1)
    assert picture._repr_png_().startswith(b"\x89PNG")


def test_floats_are_shown_by_their_range_or_by_the_spec():
    values = blobs(4) / 255
    spec = gl.open_data(values).spec
    assert gl.show(values).tobytes() == image_grid(values, spec).tobytes()
    dark = values / 2
    assert gl.show(dark, spec).tobytes() == image_grid(dark, spec).tobytes()
    assert gl.show(values[0], spec).size == gl.show(values[:1]).size


def test_tables_are_frames_with_their_columns():
    frame = pd.DataFrame({"a": [1.5, 2.25, 3.0], "b": ["x", "y", "x"]})
    assert gl.show(frame) is frame
    model = gl.PPCA(latent_dim=1).fit(frame)
    shown = gl.show(model.sample(3, seed=0))
    assert list(shown.columns) == ["a", "b"]
    assert gl.show(gaussian_table(5, 3)).shape == (5, 3)


def test_more_than_are_shown_are_told():
    with pytest.warns(UserWarning, match="first 400 of 500"):
        gl.show(blobs(500))


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (np.zeros((0, 3)), "nothing was given"),
        (np.zeros((2,) * 5), "is needed"),
        (np.full((2, 4, 4), np.nan), "NaN"),
        ("nowhere.png", "neither a file"),
        (3, "shape"),
    ],
)
def test_mistakes_get_one_line(values, line):
    with pytest.raises(UserError, match=line):
        gl.show(values)
    with pytest.raises(UserError, match=r"examples of this spec have shape \(n, 12, 9\)"):
        gl.show(np.zeros((2, 3, 3)), gl.open_data(blobs(2)).spec)


def test_a_fitted_model_shows_samples_and_what_it_learned():
    assert "genlearn-fitted" not in gl.VAE()._repr_html_()
    model = small("vae", steps=5).fit(blobs(60))
    shown = model._repr_html_()
    assert "Fitted on 60 images of 12x9 in 5 steps." in shown
    assert "history_: 5 reports, to step 5: loss " in shown
    assert shown.count("data:image/png;base64,") == 1
    assert model._repr_mimebundle_()["text/html"].count("data:image/png") == 1


def test_what_cannot_be_shown_never_raises(monkeypatch):
    model = small("vae", steps=5).fit(blobs(60))

    def fails(*args, **how):
        raise RuntimeError("<no> samples")

    monkeypatch.setattr(type(model), "sample", fails)
    assert "This cannot be shown: &lt;no&gt; samples" in model._repr_html_()
    table = small("ppca").fit(gaussian_table(50))._repr_html_()
    assert "data:image/png" not in table
    assert "Fitted on 50 " in table
