"""The map of a run: made once, read as files, decoded anywhere."""

import io
import shutil

import numpy as np
import pytest
from PIL import Image
from studio_exploring import COUNT, frames, model_of, run_of

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions
from genlearn.studio.exploring.plane import Plane


def test_the_map_is_made_once_and_read_as_files(owner, at, mapped, folder):
    assert "Make the map" in at("vae").text
    assert not (folder / ".studio" / "cache").exists()
    assert mapped("vae").problem == ""
    page = at("vae").text
    assert f'data-count="{COUNT}"' in page
    assert "left" in page
    content = at("vae", "/map/points").content
    rows, points = np.frombuffer(content, "<u4", COUNT), np.frombuffer(content, "<u2")[2 * COUNT :]
    assert (rows == np.arange(COUNT)).all()
    assert points[: 2 * COUNT].max() == 65_535
    assert set(points[2 * COUNT :]) == {0, 1}
    assert Image.open(io.BytesIO(at("vae", "/map/sprites").content)).format == "JPEG"
    assert at("vae", "/map/names").json()[0] == "001.png"
    at("vae", "/map/about", status=404)


def test_what_is_being_done_is_told(owner, at, mapped):
    mapped("vae")
    events = at("vae", "/events").text
    assert '"ended":true' in events
    assert "event: making" in events


def test_neighbours_are_other_points(at, mapped):
    mapped("vae")
    near = at("vae", "/neighbours", of=3).json()
    assert len(set(near)) == 12
    assert 3 not in near
    at("vae", "/neighbours", status=400, of=COUNT)


def test_tsne_is_added(at, mapped):
    mapped("vae")
    at("vae", "/map/tsne", status=404)
    mapped("vae", "tsne")
    content = at("vae", "/map/tsne").content
    assert (np.frombuffer(content, "<u4", COUNT) == np.arange(COUNT)).all()


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_plane_leads_back_to_codes(dim):
    codes = np.random.default_rng(0).normal(size=(200, dim)) * [3, 2, 1e-9][:dim] + 5
    plane = Plane.of(codes)
    shares = plane.placing.numbers(plane.points(codes)) / 65_535
    back = np.concatenate([plane.code(*point) for point in shares])
    np.testing.assert_allclose(back, codes, atol=1e-3)


def test_places_of_the_map_are_decoded(owner, at, mapped):
    mapped("vae")
    plane = owner.app.state.studio.maps.need(run_of(owner, "vae")).plane
    expected = model_of(owner, "vae").decode(plane.code(0.3, 0.6))
    assert np.abs(frames(at("vae", "/at", x=0.3, y=0.6)).astype(int) - expected).max() <= 1
    for x in ("nan", "3", "", "x"):
        at("vae", "/at", status=400, x=x, y=0.5)


def test_features_are_mapped_and_not_decoded(at, mapped):
    assert mapped("flow").problem == ""
    assert "features of" in at("flow").text
    assert "cannot be decoded" in at("flow", "/at", status=400, x=0.5, y=0.5).text


def test_rows_of_a_table_are_shown_as_rows(owner, at, mapped, folder):
    model = gl.create("vae", latent_dim=2, steps=10, size="tiny")
    data = gl.open_data(folder / "flowers.csv")
    model.fit(data, out=folder / "runs" / "table", options=RunOptions(source="flowers.csv"))
    owner.app.state.studio.library.forget()
    assert mapped("table").problem == ""
    assert "data-sprites" not in at("table").text
    assert at("table", "/map/names").json()[0].startswith("length ")
    found = at("table", "/at", x=0.5, y=0.5).json()
    assert found["columns"] == ["length", "width", "kind"]
    assert found["cells"][0][2] in "xyz"
    assert len(at("table", "/walk", a=0, b=1).json()["cells"]) == 21
    assert "of the columns" in at("table", "/latents").text
    at("table", "/sheet", status=400, across=0, up=1)
    lines = at("table", "/drawn", n=5, **{"as": "csv"}).text.splitlines()
    assert lines[0] == "length,width,kind"
    assert len(lines) == 6


def test_without_its_data_a_run_is_explored_as_far_as_that_goes(owner, at, mapped, folder):
    shutil.rmtree(folder / "photos")
    owner.app.state.studio.library.forget()
    assert "not in the studio's folders" in mapped("vae").problem
    assert at("vae", "/decode", moves="0:1").status_code == 200
    at("vae", "/decode", status=400, base="example:1")


def test_other_weights_have_no_map_yet(owner, at, mapped, folder):
    mapped("vae")
    data = gl.open_data(folder / "photos")
    again = gl.create("vae", latent_dim=4, steps=5, size="tiny", seed=1)
    shutil.rmtree(folder / "runs" / "vae")
    again.fit(data, out=folder / "runs" / "vae", options=RunOptions(source="photos"))
    owner.app.state.studio.library.forget()
    assert "Make the map" in at("vae").text
    assert "learned on" in at("vae", "/at", status=400, x=0.5, y=0.5).text
