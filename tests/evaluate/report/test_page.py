"""The report page: whole, escaped, self-contained, and at home in a browser."""

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from genlearn.core.panels import ImagePanel, LinePanel, ScatterPanel
from genlearn.evaluate.panel_io import load_panels, save_panels
from genlearn.evaluate.report import render_html

from .conftest import CASES
from .made_up_reports import EVIL

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Balance(HTMLParser):
    """Every element that opens closes, in order; attributes that load something are noted."""

    def __init__(self):
        super().__init__()
        self.stack, self.loads, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.loads += [
            value
            for key, value in attributes
            if key in ("src", "href", "xlink:href", "srcset") and value
        ]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def pages():
    """The pages of all cases."""
    return {name: render_html(*make()) for name, make in CASES.items()}


def parsed(html):
    reader = Balance()
    reader.feed(html)
    reader.close()
    assert not reader.stack
    return reader


@pytest.mark.parametrize("name", CASES)
def test_the_page_is_well_formed_and_loads_nothing(pages, name):
    reader = parsed(pages[name])
    assert all(load.startswith(("#", "data:")) for load in reader.loads)
    assert not re.search(r"@import|url\((?!['\"]?data:)", pages[name])


@pytest.mark.parametrize("name", CASES)
def test_everything_that_was_measured_is_told(pages, name):
    report, _, _ = CASES[name]()
    text = " ".join(" ".join(parsed(pages[name]).text).split())
    shown = {key for model in report["models"] for key in model["figures"]}
    for key in shown:
        assert report["metrics"][key]["meaning"] in text
    for model in report["models"]:
        assert " ".join(model["name"].split()) in text
    for sentence in report["summary"]:
        assert sentence in text
    for feature in report["protocol"]["features"]:
        assert feature["digest"] in text


def test_what_users_write_is_escaped(pages):
    assert "<script>alert(1)" not in pages["digits"]
    assert EVIL in unescape(pages["digits"])
    assert "<b>&quot;bold&quot;</b>" not in pages["digits"]
    assert "<of>" not in pages["digits"]


def test_it_stays_small(pages):
    assert max(map(len, pages.values())) < 5_000_000


def test_a_table_has_no_pictures_and_one_model_no_ranks(pages):
    assert "<img" not in pages["table"]
    assert "Rank" not in " ".join(parsed(pages["single"]).text)


def test_likelihoods_of_different_kinds_are_not_ranked_silently(pages):
    text = " ".join(parsed(pages["digits"]).text)
    assert "compare them inside one kind only" in text
    assert "a bound cannot be ranked against an exact value" in text


def test_panels_come_back_as_they_were_saved(tmp_path):
    rng = np.random.default_rng(0)
    panels = [
        ImagePanel(
            title="a",
            meaning="b",
            values=rng.integers(0, 255, (4, 3, 5, 3)).astype(np.uint8),
            columns=2,
            rows=("x", "y"),
        ),
        LinePanel(
            title="c",
            meaning="d",
            x="e",
            y="f",
            series={"": rng.normal(size=(5, 2)), "g/h": rng.normal(size=(1, 2))},
            log_y=True,
        ),
        ScatterPanel(
            title="i",
            meaning="j",
            points=rng.normal(size=(6, 2)),
            labels=np.arange(6),
            classes=("k", "l"),
            values=rng.normal(size=(6, 2, 2)),
        ),
        ScatterPanel(title="m", meaning="n", points=rng.normal(size=(6, 2))),
    ]
    save_panels(tmp_path / "panels", panels)
    for before, after in zip(panels, load_panels(tmp_path / "panels"), strict=True):
        assert type(before) is type(after)
        for key, value in vars(before).items():
            np.testing.assert_equal(vars(after)[key], value)
            assert getattr(vars(after)[key], "dtype", None) == getattr(value, "dtype", None)


@pytest.fixture
def opened(open_tab, pages, tmp_path):
    """Opens the page of a case."""

    def get(name, width=1280, scheme="light"):
        file = tmp_path / f"{name}.html"
        file.write_text(pages[name])
        return open_tab(file, width, scheme)

    return get


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_a_browser_shows_it_without_complaint_or_sideways_scrolling(opened, name, width, scheme):
    tab = opened(name, width, scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth >"
        " 0))).then(all => all.every(Boolean))"
    )
    assert not tab.told


def test_light_and_dark_differ_and_the_button_switches(opened):
    light, dark = (opened("digits", scheme=scheme) for scheme in ("light", "dark"))
    ink = "getComputedStyle(document.body).color"
    assert light.evaluate(ink) != dark.evaluate(ink)
    before = light.evaluate(ink)
    light.locator("#theme").click()
    assert light.evaluate(ink) != before


def test_a_click_on_a_heading_sorts_by_it(opened):
    tab = opened("digits")
    column = (
        "[...document.querySelectorAll('table.board tbody:first-of-type tr')].map(r =>"
        " parseFloat(r.children[3].dataset.v))"
    )
    tab.locator("table.board thead tr:last-child th").nth(1).click()
    first = tab.evaluate(column)
    tab.locator("table.board thead tr:last-child th").nth(1).click()
    second = tab.evaluate(column)
    assert first == second[::-1]
    assert first in (sorted(first), sorted(first, reverse=True))


def test_a_point_of_a_map_tells_its_class(opened):
    tab = opened("digits")
    point = tab.locator("svg.map circle[data-i]").first
    point.scroll_into_view_if_needed()
    point.hover(force=True)
    assert tab.locator("#tip").is_visible()


def test_it_prints(opened):
    assert opened("digits").pdf(format="A4").startswith(b"%PDF")


def test_a_report_of_failures_and_of_gaps_is_still_a_page():
    report, panels, spec = CASES["digits"]()
    for model in report["models"]:
        model |= {
            "status": "failed",
            "reason": "out of memory",
            "figures": {},
            "tiers": {},
            "tier": None,
            "copies": {},
        }
    assert parsed(render_html(report, {"": panels[""]}, spec))
    report, panels, spec = CASES["digits"]()
    for model in report["models"][:5]:
        figures = list(model["figures"].values())
        figures[0]["value"], figures[1]["low"], figures[2]["high"] = None, None, None
    assert parsed(render_html(report, panels, spec))
    assert parsed(render_html(report | {"floor": {}, "ceiling": {}, "summary": []}, {}, spec))
