"""Exploring a run: its map, its latents, its samples, and a picture that somebody brings."""

import base64
import io
import shutil
import struct
import time
import zlib

import numpy as np
import pytest
from helpers import blobs
from PIL import Image

import genlearn as gl
from genlearn.engine.runs.run_options import RunOptions
from genlearn.studio.exploring.plane import Plane

HEIGHT, WIDTH, COUNT = 12, 9, 48


def run_of(owner, name):
    runs = owner.app.state.studio.library.runs()
    return next(run for run in runs.values() if run.name == f"runs/{name}")


@pytest.fixture
def at(owner):
    """Asks below the explore page of a run; says what was answered."""

    def get(name, path="", status=200, **fields):
        answer = owner.get(f"/runs/{run_of(owner, name).id}/explore{path}", params=fields)
        assert answer.status_code == status, answer.text
        return answer

    return get


@pytest.fixture
def mapped(owner):
    """Makes the map of a run."""

    def make(name, view="map"):
        run, maps = run_of(owner, name), owner.app.state.studio.maps
        answer = owner.post(f"/runs/{run.id}/explore/prepare", params={"view": view})
        assert answer.status_code == 204
        while not (making := maps.making(run, view)).ended:
            time.sleep(0.01)
        return making

    return make


def frames(answer, columns=None):
    """Images side by side, (n, H, W)."""
    assert answer.headers["content-type"] == "image/png"
    sheet = np.asarray(Image.open(io.BytesIO(answer.content)))
    rows = sheet.reshape(len(sheet) // HEIGHT, HEIGHT, -1, WIDTH)
    return rows.swapaxes(1, 2).reshape(-1, HEIGHT, WIDTH)


def model_of(owner, name):
    return gl.load(run_of(owner, name).path)


def png(pixels):
    Image.fromarray(pixels).save(content := io.BytesIO(), "PNG")
    return content.getvalue()


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


@pytest.fixture
def bring(owner):
    """Brings a file to a run."""

    def post(name, content, status=200, **fields):
        place = f"/runs/{run_of(owner, name).id}/explore/picture"
        answer = owner.post(place, files={"picture": ("x.png", content)}, data=fields)
        assert answer.status_code == status, answer.text
        return answer

    return post


def test_a_picture_is_brought_to_the_size_of_the_data(owner, at, bring, mapped):
    pixels = np.full((50, 40, 3), (250, 250, 250), np.uint8)
    found = bring("vae", png(pixels)).json()
    assert found["note"] == (
        "The picture was cropped to its middle, brought from 40 x 50 to 9 x 12 pixels, turned to"
        " grey."
    )
    assert (frames(at("vae", "/pictured", of=found["of"])) == 250).all()
    model = model_of(owner, "vae")
    expected = model.reconstruct(np.full((1, HEIGHT, WIDTH), 250, np.uint8)).astype(int)
    shown = frames(at("vae", "/reconstructed", of=found["of"])).astype(int)
    assert np.abs(shown - expected).max() <= 1
    dark = bring("vae", png(pixels), invert="yes").json()
    assert (frames(at("vae", "/pictured", of=dark["of"])) == 5).all()
    mapped("vae")
    near = at("vae", "/near", of="data:6").json()
    assert near[0] == 6
    assert len(frames(at("vae", "/examples", rows=",".join(map(str, near))))) == 12


def bomb(side=60_000):
    """A PNG of a few bytes that says it is of billions of pixels."""

    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
        (png(blobs(1)[0])[:60], "truncated"),
        (bomb(), "too many pixels"),
        (b"", "empty"),
    ],
)
def test_what_is_no_picture_is_told_in_a_line(bring, owner, content, why):
    owner.headers["accept"] = "*/*"
    told = bring("vae", content, status=400).text
    assert why in told
    assert len(told.splitlines()) == 1


def test_a_picture_that_takes_too_long_is_given_up(bring, monkeypatch):
    monkeypatch.setattr("genlearn.studio.serving.pictures._SECONDS", 0.001)
    assert "took longer than" in bring("vae", png(blobs(1)[0]), status=400).text


def test_pictures_that_were_not_brought_are_told(at):
    for of in (
        "",
        "picture:0000000000000000",
        "picture:../../x",
        "data:48",
        "data:x",
        "/etc/passwd",
    ):
        at("vae", "/reconstructed", status=400, of=of)


def test_noise_is_added_and_removed(at):
    noisy, clean = frames(at("flow", "/denoised", of="data:1", noise=0.2)).astype(int)
    assert noisy.std() > 20
    assert clean.shape == noisy.shape
    at("flow", "/denoised", status=400, of="data:1", noise=2)


def masked(mask):
    return base64.b64encode(np.packbits(mask).tobytes()).decode()


def test_what_is_marked_is_drawn_anew_and_nothing_else(owner, at):
    place = f"/runs/{run_of(owner, 'flow').id}/explore/inpainted"
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2:7, 3:8] = True
    fields = {"of": "data:1", "mask": masked(mask), "count": "3", "seed": "1"}
    found = frames(owner.post(place, data=fields))
    before = frames(at("flow", "/pictured", of="data:1"))
    assert (found[:, ~mask] == before[:, ~mask]).all()
    assert (found[0] != found[1]).any()
    for text in ("", masked(mask)[:4], "§", masked(np.zeros_like(mask))):
        assert owner.post(place, data={**fields, "mask": text}).status_code == 400


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


@pytest.fixture
def tab(browser, listening):
    """A page of who has come in; ``told`` is what it complains of, or asks of others."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.told = []
    page.on("console", lambda message: page.told.append(message.text))
    page.on("pageerror", lambda error: page.told.append(str(error)))
    page.goto(listening)
    page.here = listening.partition("/login")[0]
    cards = page.locator(".card a").all()
    page.runs = {card.inner_text(): card.get_attribute("href") for card in cards}
    yield page
    assert not page.told
    context.close()


def until(tab, holds):
    """Wait until an expression holds in the page, whose policy forbids to evaluate it there."""
    look = f"const look = () => ({holds}) ? done() : setTimeout(look, 10)"
    tab.evaluate(f"new Promise(done => {{ {look}; look(); }})")


def picture(tab, selector):
    return tab.evaluate(f"document.querySelector('{selector}').toDataURL()")


def test_the_map_in_a_browser(tab):
    tab.goto(f"{tab.here}{tab.runs['runs/vae']}/explore")
    tab.wait_for_selector("#map[data-ready]")
    box = tab.locator("#map").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    # dragging decodes
    tab.locator("label", has_text="Decode").click()
    seen = set()
    tab.mouse.move(*middle)
    tab.mouse.down()
    for step in range(4):
        tab.mouse.move(middle[0] - 60 * step, middle[1] + 40 * step, steps=3)
        tab.wait_for_selector("#decoded canvas")
        tab.wait_for_timeout(60)
        seen.add(picture(tab, "#decoded canvas"))
    tab.mouse.up()
    assert len(seen) > 1
    tab.locator("#map").focus()
    tab.keyboard.press("Shift+ArrowRight")

    # a rectangle selects
    tab.locator("label", has_text="Rectangle").click()
    tab.mouse.move(box["x"] + 1, box["y"] + 1)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=3)
    tab.mouse.up()
    assert tab.locator("#selection h2").inner_text() == f"{COUNT} selected"
    assert tab.locator("#selection li").all_inner_texts() == ["left: 24", "right: 24"]
    tab.locator("[data-group=a]").click()
    tab.select_option("#of-class", label="left")
    assert tab.locator("#selection h2").inner_text() == "24 selected"
    tab.locator("[data-group=b]").click()
    tab.locator("#groups button.primary").click()
    tab.wait_for_selector("#groups .film canvas")
    tab.locator("#clear").click()

    # a thumbnail leads to neighbours, and a class is hidden
    tab.locator("label", has_text="Move").click()
    tab.fill("#goto input", "5")
    tab.locator("#goto button").click()
    tab.wait_for_selector("#near button")
    tab.locator("#near button").first.click()
    tab.locator("[data-walk=a]").click()
    tab.locator("#walk button.primary").click()
    tab.wait_for_selector("#walk .film canvas")
    before = picture(tab, "#walk .shown canvas")
    tab.locator("#walk input[type=range]").focus()
    tab.keyboard.press("Home")
    assert picture(tab, "#walk .shown canvas") != before
    tab.locator(".classes button").first.click()
    assert tab.locator(".classes button").first.get_attribute("aria-pressed") == "false"


def test_sliders_in_a_browser(tab):
    tab.goto(f"{tab.here}{tab.runs['runs/vae']}/explore/latents")
    tab.wait_for_selector(".shown canvas")
    before = picture(tab, ".shown canvas")
    slider = tab.locator("[data-latent]").first
    slider.focus()
    tab.keyboard.press("End")
    until(tab, f"document.querySelector('.shown canvas').toDataURL() !== '{before}'")
    tab.locator("#random").click()
    until(tab, "document.querySelector('#base').textContent.includes('number 1')")
    tab.locator("#plane").click(position={"x": 30, "y": 30})
    assert float(slider.input_value()) < -2
    tab.locator("#reset").click()
    until(tab, "document.querySelector('[data-latent]').value === '0'")


def test_a_picture_of_ones_own_in_a_browser(tab, tmp_path):
    (tmp_path / "own.png").write_bytes(png(blobs(1, 40, 30)[0]))
    tab.goto(f"{tab.here}{tab.runs['runs/flow']}/explore/picture")
    tab.set_input_files("[name=picture]", tmp_path / "own.png")
    tab.locator("#bring button").click()
    tab.locator("#reconstructed button").click()
    tab.wait_for_selector("#reconstructed canvas")
    tab.locator("#mask").scroll_into_view_if_needed()
    box = tab.locator("#mask").bounding_box()
    tab.mouse.move(box["x"] + 60, box["y"] + 60)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 120, box["y"] + 150, steps=4)
    tab.mouse.up()
    assert "are marked" in tab.locator("#marked").inner_text()
    tab.locator("#fill").click()
    tab.wait_for_selector("#inpainted .film canvas")
    assert tab.locator("#inpainted .film canvas").count() == 4
    (tmp_path / "own.png").write_bytes(b"no picture")
    tab.set_input_files("[name=picture]", tmp_path / "own.png")
    tab.locator("#bring button").click()
    until(tab, "document.querySelector('#notice').textContent.includes('not an image')")
    tab.told.clear()  # the browser notes the refusal
