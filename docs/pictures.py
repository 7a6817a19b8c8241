"""The README's pictures, from the report of a comparison: python docs/pictures.py
COMPARISON/report.html (needs chromium)."""

import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
WIDTH = 1180


def main(report: Path) -> None:
    """report.png: from the title to the end of the scoreboard. report-samples.png: samples.
    report-maps.png: the last two latent spaces."""
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        tab.goto(f"file://{report.resolve()}")
        tab.add_style_tag(
            content=(
                "#theme, nav, #data, details, #samples h2, #maps h2,"
                " #maps .card:nth-last-child(n+3) { display: none !important }"
            )
        )
        picture(tab, "header", "#scoreboard", HERE / "report.png")
        picture(tab, "#samples", "#samples", HERE / "report-samples.png")
        picture(tab, "#maps", "#maps", HERE / "report-maps.png")
        browser.close()


def picture(tab: Any, first: str, last: str, out: Path) -> None:
    """What stands from element ``first`` to ``last``, in few colours."""
    top, bottom = tab.locator(first).first.bounding_box(), tab.locator(last).first.bounding_box()
    clip = {
        "x": 0,
        "y": top["y"],
        "width": WIDTH,
        "height": bottom["y"] + bottom["height"] - top["y"],
    }
    tab.screenshot(path=out, full_page=True, clip=clip)
    with Image.open(out) as image:
        image.convert("RGB").quantize(96).save(out, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
