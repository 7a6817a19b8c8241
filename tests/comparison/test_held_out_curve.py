"""What the held-out curve of a model says of its time: on curves whose answer is known."""

import json

import numpy as np
import pytest

from genlearn.comparison.held_out_curve import curve_of, remark


def curve(loss, steps=1024, marks=32):
    at = np.arange(1, marks + 1) * steps / marks
    return [(float(s), float(loss(s / steps))) for s in at]


def power(exponent, rest=1.0):
    return curve(lambda t: rest + t**-exponent)


@pytest.mark.parametrize("b", [1.5, 1.0, 0.75, 0.6, 0.4])
def test_of_a_power_law_the_doublings_are_those_that_bring_a_fiftieth(b):
    brought = 32**b - 1  # from the first of 32 marks to the last
    gains = np.array([2 ** (-b * k) - 2 ** (-b * (k + 1)) for k in range(20)]) / brought
    worth = int((gains >= 0.02).sum())
    about = "about" if worth <= 3 else "at least"
    expected = f"still improving: {about} {2 ** min(worth, 3)} x the budget" if worth else None
    assert remark(power(b)) == expected
    assert remark([(step, 5 + 3 * loss) for step, loss in power(b)]) == expected  # any units


def test_a_curve_that_stands_still_says_nothing():
    assert remark(curve(lambda t: 1 + np.exp(-40 * t))) is None
    assert remark(curve(lambda t: 1 - 1e-4 * t)) is None


def test_overfitting_is_told_with_its_place():
    said = remark(curve(lambda t: 1 + (t - 0.25) ** 2), kept=True)
    assert "25% of its training, whose weights are kept" in said
    said = remark(curve(lambda t: 1 + (t - 0.25) ** 2))
    assert "overfitting" in said
    assert "25%" in said


def test_few_marks_say_at_least():
    assert remark([(25, 1.7), (50, 1.6), (75, 1.5), (100, 1.4)]) == (
        "still improving: at least 2 x the budget"
    )
    assert remark([(50, 1.7), (100, 1.4)]) is None
    assert remark([(s, float("nan")) for s in range(1, 9)]) is None


def test_of_a_model_made_of_models_it_is_the_last_part(tmp_path):
    lines = [
        {"step": 5, "seconds": 1, "losses": {"coder": 1.0, "coder validation": 1.1}},
        {"step": 10, "seconds": 2, "losses": {"coder": 0.9}},
        {"step": 15, "seconds": 3, "losses": {"prior": 0.8, "prior validation": 0.7}},
        {"step": 20, "seconds": 4, "losses": {"prior": 0.8, "prior validation": 0.6}},
    ]
    rates = {"lr": 1e-3, "images_per_second": 100.0}
    text = "".join(json.dumps(line | rates) + "\n" for line in lines)
    (tmp_path / "metrics.jsonl").write_text(text)
    assert curve_of(tmp_path) == [(5, 0.7), (10, 0.6)]
