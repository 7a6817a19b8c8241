"""A studio over a folder with runs and data, asked without a network; and one that listens."""

import shutil

import numpy as np
import pytest
from helpers import blobs
from PIL import Image
from starlette.testclient import TestClient
from studio_owner import HERE, let_in

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions
from genlearn.studio.app import create_app
from genlearn.studio.settings import Settings

MODELS = {
    "vae": {"latent_dim": 4, "steps": 30, "size": "tiny"},
    "flow": {"steps": 12, "size": "tiny"},
    "gmm": {},
}


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory):
    """Runs of a few models on grey images, which lie there too, in two classes; not written to."""
    folder = tmp_path_factory.mktemp("studio")
    for index, pixels in enumerate(blobs(48)):
        place = folder / "photos" / ("left" if index % 2 else "right")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{index:03}.png")
    data = gl.open_data(folder / "photos")
    for name, hyper in MODELS.items():
        model = gl.create(name, **hyper)
        model.fit(data, out=folder / "runs" / name, options=RunOptions(source="photos"))
    rng = np.random.default_rng(0)
    rows = [
        f"{a:.2f},{b:.1f},{'xyz'[k]}"
        for a, b, k in zip(
            rng.normal(size=90), rng.normal(size=90), rng.integers(0, 3, 90), strict=True
        )
    ]
    (folder / "flowers.csv").write_text("length,width,kind\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture
def folder(trained_folder, tmp_path):
    """A copy of it, to be written to."""
    place = tmp_path / "work"
    shutil.copytree(trained_folder, place)
    return place


@pytest.fixture
def app(folder):
    return create_app(Settings(folder))


@pytest.fixture
def stranger(app):
    """Who has no session."""
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def owner(stranger):
    """Who has opened the printed link."""
    return let_in(stranger)


@pytest.fixture
def listening(folder):
    """A studio that listens on a port of its own; the link that lets its owner in."""
    with gl.studio(folder, browser=False) as studio:
        yield studio.url
