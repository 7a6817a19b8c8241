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
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright
from studio_photos import photos_in
from studio_sights import Sights

import genlearn as gl

_PATIENCE = 240_000  # milliseconds for what trains, on a machine that does something else too
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
    any."""

    browser: Browser
    link: str
    pace: Pace
    pictures: Path | None = None

    def __post_init__(self) -> None:
        self.base = self.link.split("/login", maxsplit=1)[0]
        self.sights = Sights(self.browser, self.base, self.pictures)
        context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        self.tab = self.sights.tab(context)
        self.tab.goto(self.link)

    @property
    def wrong(self) -> list[str]:
        """What went wrong on the way."""
        return self.sights.wrong

    def look(self, name: str) -> None:
        """At where the person is."""
        self.sights.look(name, self.tab)

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
        phone = self.sights.tab(context)
        phone.goto(link)
        self.sights.look("judge", phone)
        phone.fill("#name", "Ada")
        phone.click("#start button")
        for trial in range(10):  # four for practice
            real = phone.locator("button.answer[data-answer='1']")
            expect(real).to_be_enabled()
            if trial == 5:
                self.sights.look("trial", phone)
            real.click()
            if trial < 4:
                phone.click("#next")
            else:
                expect(phone.locator("#progress")).to_have_js_property("value", min(trial + 1, 9))
        expect(phone.locator("#end")).to_be_visible()
        assert phone.request.get(f"{self.base}/data").status == 401
        context.close()


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


def main(pictures: str | None = None) -> int:
    with (
        tempfile.TemporaryDirectory() as place,
        gl.studio(_made(Path(place) / "work"), browser=False) as studio,
        sync_playwright() as p,
    ):
        chromium = shutil.which("chromium")
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        journey = Journey(browser, studio.url, WHOLE, Path(pictures) if pictures else None)
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
