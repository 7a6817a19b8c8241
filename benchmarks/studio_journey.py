"""The studio from an empty folder, as a person goes through it in a browser: upload photos, train,
watch, map, drag, prompt, compare, and take the Turing test on a phone.

    GENLEARN_DATA=... python benchmarks/studio_journey.py [pictures]

takes the whole way with half a minute for each training, and writes a picture of each station into
the folder ``pictures``, in light and dark, at 1280 and 390 pixels; prints what went wrong: messages
on the console, requests to elsewhere, and faults that axe finds serious.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from genlearn.data import open_data
from genlearn.studio.server import prepared
from genlearn.studio.settings import Settings

_PATIENCE = 240_000  # milliseconds for what trains, on a machine that does something else too
_SERIOUS = ("serious", "critical")
_PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Pace:
    """What each training is given: ``fields`` of its form; of a model of the emoji ``prompted``,
    for want of which the photos have captions; and of a comparison."""

    fields: dict[str, str]
    prompted: dict[str, str]
    compared: tuple[str, str] = ("60s", "")  # a time, and which models: "" for the usual ones


WHOLE = Pace({"budget": "30s"}, {"budget": "60s"})
QUICK = Pace({"budget": "", "size": "tiny", "steps": "30"}, {}, ("20s", "gmm ppca"))
HEART, DISC = "a {red,blue} heart", "a {red,green} disc"


@dataclass
class Journey:
    """A person with a browser at the studio of ``link``; ``pictures`` is where pictures go, if
    any; ``wrong`` what went wrong on the way."""

    browser: Browser
    link: str
    pace: Pace
    pictures: Path | None = None
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.base = self.link.split("/login", maxsplit=1)[0]
        self.context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        self.tab = self._tab(self.context)
        self.tab.goto(self.link)

    def _tab(self, context: BrowserContext) -> Page:
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.on("console", lambda message: self.wrong.append(f"console: {message.text}"))
        tab.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        ours = (self.base, "data:", "blob:", "about:")
        tab.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(ours)
                else self.wrong.append(f"elsewhere: {request.url}")
            ),
        )
        return tab

    def look(self, name: str, tab: Page | None = None) -> None:
        """A picture of where the tab is, in both themes and at both sizes; and what axe finds."""
        tab = tab or self.tab
        self._check(name, tab)
        if not self.pictures:
            return
        self.pictures.mkdir(parents=True, exist_ok=True)
        size = tab.viewport_size
        for width in (1280, 390):
            for scheme in ("light", "dark"):
                tab.set_viewport_size({"width": width, "height": 900})
                tab.emulate_media(color_scheme=scheme)
                tab.wait_for_timeout(300)
                if tab.evaluate("document.documentElement.scrollWidth") > width:
                    self.wrong.append(f"{name} is wider than {width} pixels")
                tab.screenshot(path=self.pictures / f"{name}-{width}-{scheme}.png", full_page=True)
        tab.emulate_media(color_scheme="light")
        if size:
            tab.set_viewport_size(size)

    def _check(self, name: str, tab: Page) -> None:
        """What axe finds on a copy of the page that it may run in, which has no such policy."""
        with self._lenient(tab) as copy:
            for one in Axe().run(copy).response["violations"]:
                if one["impact"] in _SERIOUS:
                    where = [node["html"][:120] for node in one["nodes"][:3]]
                    self.wrong.append(f"axe, {name}: {one['id']}: {where}")

    @contextmanager
    def _lenient(self, tab: Page) -> Iterator[Page]:
        state = tab.context.storage_state()
        context = self.browser.new_context(
            bypass_csp=True, storage_state=state, viewport=tab.viewport_size
        )
        copy = context.new_page()
        copy.goto(tab.url)
        copy.wait_for_timeout(500)
        yield copy
        context.close()

    def upload(self, photos: Path) -> str:
        """A folder of photos becomes a set; the address of its page."""
        tab = self.tab
        tab.goto(f"{self.base}/")
        self.look("empty")
        tab.click("nav.site >> text=Data")
        tab.wait_for_url("**/data", wait_until="load")
        tab.set_input_files("#folder", photos)
        tab.fill("#name", "photos")
        tab.click("#send")
        tab.wait_for_url("**/data/*")
        expect(tab.locator("#look")).to_contain_text("300 images", timeout=_PATIENCE)
        self.look("data")
        return tab.url

    def source(self, name: str, resolution: str) -> str:
        """The id of a named set, which is to be read at a ``resolution``."""
        tab = self.tab
        tab.goto(f"{self.base}/data")
        tab.locator("a", has=tab.get_by_text(name, exact=True)).first.click()
        expect(tab.locator("#look")).to_contain_text("images", timeout=_PATIENCE)
        tab.locator("details:has([name=resolution]) > summary").click()
        tab.fill("[name=resolution]", resolution)
        tab.locator("form:has([name=resolution]) button").last.click()
        expected = f"of {resolution}x{resolution}"
        expect(tab.locator("#look")).to_contain_text(expected, timeout=_PATIENCE)
        return tab.url.rsplit("/", 1)[1].split("?")[0]

    def train(self, data: str, model: str, fields: dict[str, str]) -> str:
        """A model of a set, whose training is watched to its end; the address of its run."""
        tab = self.tab
        tab.goto(f"{self.base}/train/{model}?data={data}")
        for details in tab.locator("details").all():
            details.locator("summary").click()
        for name, text in fields.items():
            control = tab.locator(f"[name={name}]")
            if control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(text)
            else:
                control.fill(text)
        tab.click("button.primary")
        tab.wait_for_url("**/runs/*")
        expect(tab.locator("#state")).to_have_text("Training", timeout=_PATIENCE)
        if model == "vae":
            expect(tab.locator("#curves canvas")).to_be_visible(timeout=_PATIENCE)
            self.look("training")
        expect(tab.locator("#state")).to_have_text("Done", timeout=_PATIENCE)
        expect(tab.locator("#film img")).to_be_visible()
        return tab.url

    def explore(self, run: str) -> None:
        """The map of a run's codes, and what a place decodes to while it is dragged over."""
        tab = self.tab
        tab.goto(f"{run}/explore")
        canvas = tab.locator("canvas#map")
        expect(canvas).to_be_visible(timeout=_PATIENCE)
        tab.locator("label", has_text="Decode").first.click()
        box = canvas.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.mouse.move(x, y)
        tab.mouse.down()
        shown = tab.locator("#decoded .shown")
        expect(shown).to_be_visible()
        first = shown.screenshot()
        tab.mouse.move(x + 120, y - 80, steps=6)
        tab.mouse.up()
        tab.wait_for_timeout(500)
        assert shown.screenshot() != first, "what is decoded did not follow the pointer"
        self.look("map")
        tab.goto(f"{run}/explore/latents")
        slider = tab.locator("[data-latent]").first
        slider.focus()
        for _ in range(12):
            tab.keyboard.press("ArrowRight")
        expect(slider.locator("xpath=following-sibling::output")).not_to_have_text("0.00")
        self.look("latents")

    def prompt(self, run: str, text: str) -> None:
        """What a run draws when it is asked in words."""
        tab = self.tab
        tab.goto(f"{run}/prompt")
        tab.fill("#prompt", text)
        tab.fill("#number", "4")
        tab.click("#ask button.primary")
        drawing = tab.locator("article.drawing").first
        expect(drawing).to_be_visible(timeout=_PATIENCE)
        assert drawing.locator("img").count() >= 4
        self.look("prompt")

    def compare(self, data: str) -> None:
        """A comparison from its form to its report."""
        tab, (budget, models) = self.tab, self.pace.compared
        tab.goto(f"{self.base}/compare?data={data}")
        with tab.expect_response("**/compare/models*"):
            tab.fill("#budget", budget)
            tab.locator("#budget").blur()
        if models:
            tab.wait_for_timeout(300)
            tab.check("[name=who][value=chosen]")
            tab.locator("#who summary").click()
            for model in models.split():
                tab.check(f"[name=model][value={model}]")
        tab.click("#begin > button.primary")
        tab.wait_for_url("**/compare/*")
        expect(tab.locator(".candidates")).to_be_visible(timeout=_PATIENCE)
        expect(tab.locator("#found")).to_be_visible(timeout=_PATIENCE)
        self.look("comparison")

    def turing(self, run: str) -> None:
        """A room, and a judge on a phone."""
        tab = self.tab
        tab.goto(f"{self.base}/rooms")
        for box in tab.locator("[name=run]").all():
            box.set_checked(run.endswith(box.get_attribute("value") or "none"))
        tab.fill("[name=n]", "6")
        tab.click("form button.primary")
        link = tab.locator("#link")
        expect(link).to_be_visible(timeout=_PATIENCE)
        self.judge(link.inner_text())
        expect(tab.locator("#answered")).to_contain_text("6 answers", timeout=30_000)
        expect(tab.locator("#result")).to_contain_text("%", timeout=30_000)
        self.look("room")

    def judge(self, link: str) -> None:
        """Somebody who has nothing but the link of a room."""
        context = self.browser.new_context(viewport=_PHONE, has_touch=True, is_mobile=True)
        phone = self._tab(context)
        phone.goto(link)
        self.look("judge", phone)
        phone.fill("#name", "Ada")
        phone.click("#start button")
        for trial in range(10):  # four for practice
            real = phone.locator("button.answer[data-answer='1']")
            expect(real).to_be_enabled()
            if trial == 5:
                self.look("trial", phone)
            real.click()
            if trial < 4:
                phone.click("#next")
            else:
                expect(phone.locator("#progress")).to_have_js_property("value", min(trial + 1, 9))
        expect(phone.locator("#end")).to_be_visible()
        assert phone.request.get(f"{self.base}/data").status == 401
        context.close()


def photos_in(folder: Path, captioned: bool) -> Path:
    """300 photos of CIFAR-10, or 300 discs with captions beside them, as PNGs."""
    folder.mkdir(parents=True)
    values = discs(300) if captioned else open_data("cifar10", split="test").user(slice(0, 300))
    for index, pixels in enumerate(values):
        Image.fromarray(pixels).save(folder / f"{index:03}.png")
        if captioned:
            colour = ("red", "green", "blue")[int(pixels.sum((0, 1)).argmax())]
            (folder / f"{index:03}.txt").write_text(f"a {colour} disc")
    return folder


def discs(count: int, side: int = 16) -> np.ndarray:
    """Discs of random places and colours, uint8 (count, side, side, 3)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side]
    cy, cx = rng.uniform(4, side - 4, (2, count, 1, 1))
    disc = (np.hypot(y - cy, x - cx) < 4)[..., None]
    return (255 * disc * rng.uniform(0.4, 1, (count, 1, 1, 3))).astype(np.uint8)


def travel(journey: Journey, folder: Path) -> None:
    """All stations."""
    data = journey.upload(photos_in(folder / "from" / "photos", not journey.pace.prompted)).rsplit(
        "/", 1
    )[1]
    vae = journey.train(data, "vae", journey.pace.fields)
    journey.explore(vae)
    flow = journey.train(data, "flow", journey.pace.fields)
    journey.look("run")
    if journey.pace.prompted:
        emoji = journey.source("emoji", "16")
        journey.prompt(journey.train(emoji, "flow", journey.pace.prompted), HEART)
    else:
        journey.prompt(flow, DISC)
    journey.compare(data)
    journey.turing(flow)
    journey.tab.goto(f"{journey.base}/")
    journey.look("runs")


@contextmanager
def studio(folder: Path) -> Iterator[str]:
    """A studio of ``folder`` that listens; the link that lets in."""
    server, link = prepared(Settings(folder, port=0), lambda line: None)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [server.config.bound]})
    thread.start()
    yield link
    server.should_exit = True
    thread.join()


def main(pictures: str | None = None) -> int:
    with (
        tempfile.TemporaryDirectory() as place,
        studio(_made(Path(place) / "work")) as link,
        sync_playwright() as p,
    ):
        chromium = shutil.which("chromium")
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        journey = Journey(browser, link, WHOLE, Path(pictures) if pictures else None)
        try:
            travel(journey, Path(place))
        finally:
            print("\n".join(journey.wrong) or "nothing went wrong")
            browser.close()
    return len(journey.wrong)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:2])))
