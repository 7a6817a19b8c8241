"""Walks, groups, sliders and samples of a run."""

import io

import numpy as np
import pytest
from PIL import Image
from studio_exploring import COUNT, frames, model_of, run_of

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions


def test_a_walk_ends_where_it_should(owner, at):
    data = owner.app.state.studio.maps.data(run_of(owner, "vae"))
    found = frames(at("vae", "/walk", a=2, b=7)).astype(int)
    expected = model_of(owner, "vae").interpolate(data.user([2]), data.user([7]), 21)
    assert np.abs(found - expected).max() <= 1
    assert "48, numbered from 0" in at("vae", "/walk", status=400, a=2, b=COUNT).text


def test_groups_are_told_apart_by_a_direction(owner, at, mapped):
    mapped("vae")
    run, model = run_of(owner, "vae"), model_of(owner, "vae")
    place, data = f"/runs/{run.id}/explore/groups", owner.app.state.studio.maps.data(run)
    answer = owner.post(place, data={"a": "0 1 2", "b": "3 4", "of": "5"})
    codes = model.encode(data.user(slice(0, COUNT)))
    step = codes[:3].mean(0) - codes[3:5].mean(0)
    found = frames(answer).astype(int)
    for k, strength in ((0, -2), (10, 0), (20, 2)):
        expected = model.decode((codes[5] + strength * step)[None]).astype(int)
        assert np.abs(found[k] - expected).max() <= 1
    assert owner.post(place, data={"a": "0 99", "of": "5"}).status_code == 400


def test_sliders_stand_in_the_order_of_effect(at):
    page = at("vae", "/latents").text
    effects = [float(part.split("<")[0]) for part in page.split("effect ")[1:] if part[0].isdigit()]
    assert len(effects) == 4
    assert effects == sorted(effects, reverse=True)


def test_sliders_move_a_code(owner, at):
    model = model_of(owner, "vae")
    code = np.zeros((1, 4), np.float32)
    code[0, 2], code[0, 0] = 1.5, -2
    found = frames(at("vae", "/decode", moves="2:1.5,0:-2")).astype(int)
    assert np.abs(found - model.decode(code)).max() <= 1
    drawn = frames(at("vae", "/decode", base="seed:7")).astype(int)
    assert np.abs(drawn - model.decode(model.sample_codes(1, seed=7))).max() <= 1
    data = owner.app.state.studio.maps.data(run_of(owner, "vae"))
    stand = at("vae", "/stand", base="example:4").json()
    np.testing.assert_allclose(
        [stand[str(i)] for i in range(4)], model.encode(data.user([4]))[0], atol=0.006
    )
    sheet = frames(at("vae", "/sheet", across=1, up=3)).astype(int)
    assert len(sheet) == 121
    assert np.abs(sheet[60] - model.decode(np.zeros((1, 4)))).max() <= 1


@pytest.mark.parametrize(
    "fields",
    [
        {"moves": "9:1"},
        {"moves": "1:9"},
        {"moves": "1:1,"},
        {"moves": "1:."},
        {"moves": "x"},
        {"base": "seed:-1"},
        {"base": "example:999"},
        {"base": "file:/etc/passwd"},
    ],
)
def test_codes_that_there_are_not_are_told(at, fields):
    assert len(at("vae", "/decode", status=400, **fields).text.strip().splitlines()) > 0


def test_samples_are_those_of_their_seed(at):
    one, same, other = (at("gmm", "/drawn", n=4, seed=seed).content for seed in (3, 3, 4))
    assert one == same != other
    for n in (0, 101, -1):
        at("gmm", "/drawn", status=400, n=n)
    assert at("gmm", "/samples").status_code == 200


def test_what_a_model_cannot_do_is_not_shown(at):
    assert at("gmm", status=303).headers["location"].endswith("/explore/samples")
    assert "Your picture" not in at("gmm", "/samples").text
    assert "There is no map of this model: it has no codes" in at("gmm", "/samples").text
    assert "There are no sliders" in at("flow", "/samples").text
    for path in ("/latents", "/picture", "/mixed", "/truncated"):
        at("gmm", path, status=400)


def test_views_are_pictures_to_keep(at):
    for name in ("grid", "walk"):
        answer = at("vae", f"/view/{name}.png")
        assert Image.open(io.BytesIO(answer.content)).format == "PNG"
    at("vae", "/view/training.png", status=404)


def test_styles_are_mixed_and_truncated(owner, at, folder):
    model = gl.create("stylegan", steps=2, size="tiny")
    data = gl.open_data(folder / "photos")
    model.fit(data, out=folder / "runs" / "style", options=RunOptions(source="photos"))
    owner.app.state.studio.library.forget()
    page = at("style", "/samples").text
    assert "Styles mixed" in page
    assert "<option>left</option>" in page
    assert len(frames(at("style", "/truncated"))) == 66
    assert at("style", "/mixed").status_code == 200
    assert "it finds codes by search" in page
    assert at("style", "/drawn", n=2, label="right", truncation=0.5).status_code == 200
    at("style", "/drawn", status=400, n=2, label="up")
