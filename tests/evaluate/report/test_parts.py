"""Small parts of the page: digits, ticks, places and colours."""

import math
import re
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlearn.core.panels import LinePanel
from genlearn.evaluate.report.charts.axis import fit_axis, tick_labels
from genlearn.evaluate.report.charts.latent_map import nearest_to_cells, to_canvas
from genlearn.evaluate.report.charts.line_chart import merge_lines
from genlearn.evaluate.report.markup import tag
from genlearn.evaluate.report.number_format import (
    decimal_places,
    format_count,
    format_interval,
    format_number,
)
from genlearn.evaluate.report.panel_sections import own_panels, panel_sections
from genlearn.evaluate.report.report_view import ReportView


def figure(value, half=0.0):
    return {"value": value, "low": value - half, "high": value + half}


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (60_000, 0, "60 000"),
        (106_000, 0, "106 k"),
        (2.5e6, 0, "2.5 M"),
        (-0.001, 2, "0.00"),
        (-1.25, 1, "−1.2"),
        (math.inf, 1, "∞"),
        (None, 1, "–"),
    ],
)
def test_numbers_are_written_for_people(value, decimals, shown):
    assert format_number(value, decimals).replace("\u202f", " ") == shown


def test_decimals_are_those_that_the_interval_bears_out():
    assert decimal_places([figure(12.3456, 0.3)]) == 1
    assert decimal_places([figure(12.3456, 0.012)]) == 3
    assert decimal_places([figure(12345.6, 300)]) == 0
    assert decimal_places([figure(7), figure(12)]) == 0
    assert decimal_places([figure(0.01234)]) == 4
    assert format_interval(figure(12.0, 0.5), 1) == "11.5\u2009–\u200912.5"
    assert format_count(70_000) == "70\u202f000"


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e6), st.booleans())
def test_ticks_are_few_and_inside(low, extent, log):
    low = abs(low) + 1e-3 if log else low
    axis = fit_axis([low, low + extent], 50, 300, log=log)
    ticks = axis.ticks(5)
    assert len(ticks) <= 8
    assert all(50 - 1e-6 <= axis(t) <= 300 + 1e-6 for t in ticks)
    assert all(tick_labels(axis, ticks))


def test_the_smallest_numbers_fit_on_a_logarithmic_axis():
    axis = fit_axis([5e-324, 2.6e-315, 1.0], 50, 300, log=True)  # a p-value of a million copies
    ticks = axis.ticks(5)
    assert len(ticks) > 1
    assert all(tick_labels(axis, ticks))
    assert 50 <= axis(5e-324) < axis(1.0) <= 300


def test_thumbnails_do_not_overlap_and_stay_on_the_map():
    points, height = to_canvas(np.random.default_rng(0).normal(size=(700, 2)))
    centres = np.array(list(nearest_to_cells(points).values()))
    apart = np.abs(centres[:, None] - centres[None]).max(-1) + 1e9 * np.eye(len(centres))
    assert apart.min() >= 40
    assert (centres >= 12).all()
    assert (centres <= [508, height - 12]).all()


def test_a_reference_that_all_models_share_is_one_line():
    shared, owns = np.array([[1.0, 2.0]]), [np.array([[1.0, float(i)]]) for i in range(3)]
    panels = [
        (
            name,
            f"c{i}",
            LinePanel(title="", meaning="", x="x", y="y", series={"": own, "PCA": shared}),
        )
        for i, (name, own) in enumerate(zip("abc", owns, strict=True))
    ]
    lines = merge_lines(panels)
    assert [line.name for line in lines] == ["a", "PCA", "b", "c"]
    assert lines[1].colour == "cx"


def line(title, section=""):
    return LinePanel(
        title=title, meaning="", x="x", y="y", series={"": np.ones((2, 2))}, section=section
    )


def test_a_panel_stands_in_the_section_that_it_names():
    report = {"models": [{"name": name, "status": "done"} for name in "ab"], "metrics": {}}
    panels = {
        "a": [
            line("samples of a kind", "learning"),
            line("latent map"),
            line("b's, too"),
            line("tail", "Tails & heads"),
            line("copy", "copies"),
        ],
        "b": [line("b's, too"), line("reconstruct", "learning")],
    }
    content = ReportView(report, panels, None)
    found = panel_sections(content)
    assert {id_: list(place.titles) for id_, place in found.items()} == {
        "learning": ["samples of a kind", "reconstruct"],
        "section-tails-heads": ["tail"],
        "more": ["b's, too"],
        "copies": ["copy"],
    }
    assert found["section-tails-heads"].heading == "Tails & heads"
    assert [panel.title for panel in own_panels(content, "a")] == ["latent map"]
    assert own_panels(content, "b") == []


def test_text_is_escaped_and_markup_is_not():
    assert (
        tag("p", tag("b", "<i>"), " & ", title='"x"', hidden=True)
        == '<p title="&quot;x&quot;" hidden><b>&lt;i&gt;</b> &amp; </p>'
    )


SEEN = {  # linear RGB as it is seen, Machado, Oliveira & Fernandes 2009, severity 1
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def themes():
    """The colours of each theme, by name."""
    style = files("genlearn.evaluate.report.document").joinpath("style.css").read_text()
    found = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block))
        for block in re.findall(r":root[^{]*\{(.*?)\}", style, re.S)
    )
    return [theme for theme in found if "c0" in theme]


def linear(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * d for d in colour[1:])
    value = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of linear RGB, white point D65."""
    xyz = (
        rgb
        @ np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]).T
        / [0.9505, 1, 1.089]
    )
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


@pytest.mark.parametrize("sight", SEEN)
def test_class_colours_differ_to_all_eyes(sight):
    for theme in themes():
        seen = np.stack([linear(theme[f"c{i}"]) for i in range(10)]) @ np.array(SEEN[sight]).T
        colours = lab(seen.clip(0, 1))
        assert (
            np.linalg.norm(colours[:, None] - colours[None], axis=-1) + 1e9 * np.eye(10)
        ).min() >= 20


def test_text_stands_out_from_its_ground():
    for theme in themes():
        light = {
            name: linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05 for name, colour in theme.items()
        }
        for text in ("ink", "soft", "accent", "warn", "good"):
            for ground in ("paper", "raised", "faint"):
                pair = sorted((light[text], light[ground]))
                assert pair[1] / pair[0] >= 4.5
