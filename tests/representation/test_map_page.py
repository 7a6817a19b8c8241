"""The page of a map: in a browser, in light and dark, large and small, without the network."""

import numpy as np
import pytest
from helpers import blobs, gaussian_table

from genlearn.data import open_data
from genlearn.representation.page import map_page, sprites


def examples(n=60):
    data = open_data(blobs(n, channels=3), labels=np.array(["a & b", "</script>"] * (n // 2)))
    return data, np.random.default_rng(0).normal(size=(n, 2))


@pytest.fixture
def opened(open_tab, tmp_path):
    """Opens the page of a map, once it is drawn."""

    def get(html, width=1280, scheme="light"):
        (tmp_path / "map.html").write_text(html)
        tab = open_tab(tmp_path / "map.html", width, scheme)
        # the page's policy forbids the `eval` by which a browser would wait for this itself
        while tab.evaluate("document.getElementById('map').width") <= 300:
            tab.wait_for_timeout(20)
        return tab

    return get


def picture(tab):
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return tab.evaluate("document.getElementById('map').toDataURL()")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_it_shows_the_points_without_complaint(opened, width, scheme):
    data, points = examples()
    tab = opened(map_page("Map", "All.", data, points)[0], width, scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert len(picture(tab)) > 3000
    assert not tab.told


def test_it_zooms_by_wheel_and_keys_and_moves(opened):
    data, points = examples()
    tab = opened(map_page("Map", "All.", data, points)[0])
    pictures = [picture(tab)]
    tab.locator("#map").hover()
    tab.mouse.wheel(0, -400)
    pictures.append(picture(tab))
    tab.mouse.down()
    tab.mouse.move(300, 500)
    tab.mouse.up()
    pictures.append(picture(tab))
    tab.locator("#map").focus()
    for key in ("ArrowLeft", "+", "-", "0"):
        tab.keyboard.press(key)
        pictures.append(picture(tab))
    assert len(set(pictures)) >= 6


def test_fingers_pinch(opened):
    data, points = examples()
    tab = opened(map_page("Map", "All.", data, points)[0], 390)
    before = picture(tab)
    tab.evaluate(
        """() => {
          const map = document.getElementById("map");
          map.setPointerCapture = () => {};
          const send = (kind, id, x) => map.dispatchEvent(new PointerEvent(kind,
            { pointerId: id, clientX: x, clientY: 400, pointerType: "touch", bubbles: true }));
          send("pointerdown", 1, 150); send("pointerdown", 2, 200);
          send("pointermove", 2, 300); send("pointerup", 1, 150); send("pointerup", 2, 300);
        }"""
    )
    assert picture(tab) != before
    assert not tab.told


@pytest.mark.parametrize("named", [True, False])
def test_a_point_tells_its_name_class_and_shows_its_thumbnail(opened, named):
    data, _ = examples(2)
    object.__setattr__(data, "names", ["x/<b>.png", "y.png"] if named else None)
    tab = opened(map_page("Map", "All.", data, np.array([[0.0, 0.5], [1.0, 0.5]]))[0])
    box = tab.locator("#map").bounding_box()
    side = 0.92 * min(box["width"], box["height"])
    tab.mouse.move(box["x"] + box["width"] / 2 - side / 2, box["y"] + box["height"] / 2)
    tip = tab.locator("#tip")
    tip.wait_for()
    assert tip.inner_text().split("\n") == ["x/<b>.png" if named else "example 0", "a & b"]
    assert tip.locator("canvas").count() == 1


def test_rows_of_a_table_have_no_thumbnails(opened):
    data = open_data(gaussian_table(40, 3))
    html, note = map_page("Map", "All.", data, np.random.default_rng(0).normal(size=(40, 2)))
    assert "data:image" not in html
    assert not note
    tab = opened(html)
    assert len(picture(tab)) > 3000
    assert not tab.told


def test_thumbnails_get_smaller_and_then_go(monkeypatch):
    data, points = examples()
    whole = len(map_page("Map", "All.", data, points)[0])
    monkeypatch.setattr(sprites, "_SIDES", (12, 6, 3))
    monkeypatch.setattr(sprites, "_BYTES", 1200)
    html, note = map_page("Map", "All.", data, points)
    assert not note
    assert '"width": 2' in html or '"width": 4' in html
    assert len(html) < whole
    monkeypatch.setattr(sprites, "_BYTES", 10)
    html, note = map_page("Map", "All.", data, points)
    assert "no thumbnails: 60 of them" in note
    assert note in html


def test_equal_points_are_a_map_too(opened):
    data, points = examples()
    tab = opened(map_page("Map", "All.", data, np.zeros_like(points))[0])
    assert not tab.told
