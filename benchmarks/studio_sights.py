"""What a person would see wrong with a page: messages on the console, requests to elsewhere, what
is wider than the screen, and faults that axe finds serious; and pictures of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

_SERIOUS = ("serious", "critical")


@dataclass
class Sights:
    """Of pages at ``base``; ``pictures`` is where pictures go, if any; ``wrong`` what was seen to
    be wrong."""

    browser: Browser
    base: str
    pictures: Path | None = None
    wrong: list[str] = field(default_factory=list)

    def tab(self, context: BrowserContext) -> Page:
        """A new tab, which is listened to."""
        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.on("console", lambda message: self.wrong.append(_told(message)))
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

    def look(self, name: str, tab: Page) -> None:
        """A picture of where the tab is, in both themes and at both sizes; and what axe finds."""
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


def _told(message: ConsoleMessage) -> str:
    """The message, and what it is about."""
    return f"console: {message.text} ({message.location['url']})"
