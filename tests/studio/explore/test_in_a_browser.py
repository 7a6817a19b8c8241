"""Exploring by pointer and keys."""

import pytest
from helpers import blobs
from studio_exploring import COUNT, png


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
