"""Judging keeps to its time: what would take too long is left out, and said."""

import pytest

import genlearn as gl
from genlearn.comparison import evaluator, judging_time
from genlearn.comparison.judging_time import for_panels, notes_on, too_dear, without

PRICES = {
    "flow": {"samples": 0.1, "scored": 0.5, "mapped": 1.0},
    "vae": {"samples": 0.01, "scored": 0.02, "encoded": 0.01},
}


def test_what_even_the_fewest_examples_of_would_take_is_left_out():
    left_out = too_dear(PRICES, 18.0)
    assert left_out == {"flow": {"scored": 10.0, "mapped": 50.0}}
    assert too_dear(PRICES, 1000.0) == {}
    assert without(PRICES, left_out) == {"flow": {"samples": 0.1}, "vae": PRICES["vae"]}
    assert notes_on(left_out["flow"], 18.0) == [
        f"its {what} not measured, which would take about {seconds} s of the 18 s for judging all"
        " models; a longer --evaluation or --budget allows it"
        for what, seconds in (("log p(x) was", 10), ("codes were", 50))
    ]


@pytest.mark.parametrize(("left", "wanted"), [(100.0, 30.0), (10.0, 2.0), (-50.0, 2.0)])
def test_panels_share_what_measuring_leaves(left, wanted):
    assert for_panels(left, 10.0, 3) == wanted


def test_samples_alone_are_measured_and_shown_where_time_is_short(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluator, "too_dear", lambda prices, seconds: too_dear(prices, 1e-9))
    monkeypatch.setattr(judging_time, "_LEAST", 0.0)
    report = gl.compare(
        pictures,
        tmp_path / "out",
        models=["flow steps=3", "vae steps=3"],
        evaluation="1s",
        size="tiny",
    )
    by_name = {model["name"]: model for model in report["models"]}
    for model in by_name.values():
        assert any("its log p(x) was not measured" in note for note in model["notes"])
        assert any("not drawn, for want of time: " in note for note in model["notes"])
        assert {"frechet/learned", "parameters"} <= set(model["figures"])
        assert not {"bits_per_dim", "scoring_speed"} & set(model["figures"])
    assert any("its codes were not measured" in note for note in by_name["flow"]["notes"])
    assert "reconstruction" in by_name["vae"]["figures"]
    assert not {"reconstruction", "encoding_speed"} & set(by_name["flow"]["figures"])
