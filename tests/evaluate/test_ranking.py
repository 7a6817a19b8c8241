"""What the scoreboard says follows from its figures."""

import pytest

from genlearn.evaluate.metric import Metric, MetricValue
from genlearn.evaluate.ranking import RankedModel, ranking_rows, summary

PRIMARY = "frechet/learned"
METRICS = {
    PRIMARY: Metric(
        key="frechet", title="Frechet distance", group="samples", better="lower", meaning="."
    ),
    "two-sample/learned": Metric(
        key="two-sample", title="Classifier accuracy", group="samples", better="lower", meaning="."
    ),
    "bits_per_dim": Metric(
        key="bits_per_dim", title="Bits", group="density", better="lower", meaning="."
    ),
}
FLOOR = {PRIMARY: MetricValue(1.0, 0.5, 1.5, 100)}


def entry(
    name, distance, *, baseline=False, bits=None, kind="", reason="", accused=False, half=1.0
):
    figures = (
        {}
        if reason
        else {
            PRIMARY: MetricValue(distance, distance - half, distance + half, 100),
            "two-sample/learned": MetricValue(0.8, 0.7, 0.9, 100),
        }
    )
    figures |= (
        {} if bits is None else {"bits_per_dim": MetricValue(bits, bits - 0.01, bits + 0.01, 100)}
    )
    copies = (
        {}
        if reason
        else {"accused": accused, "p": 1e-4 if accused else 0.5, "suspects": 7 if accused else 0}
    )
    return RankedModel(
        name=name,
        model=name,
        about="",
        baseline=baseline,
        hyper={},
        figures=figures,
        kind=kind,
        copies=copies,
        reason=reason,
    )


def test_models_inside_one_anothers_interval_share_a_rank():
    table = ranking_rows(
        [entry("a", 5.0), entry("b", 5.5), entry("c", 9.0), entry("broken", 0, reason="it broke")],
        METRICS,
        PRIMARY,
    )
    assert [(row["name"], row["rank"]) for row in table] == [
        ("a", 1),
        ("b", 1),
        ("c", 3),
        ("broken", None),
    ]
    assert table[-1]["status"] == "failed"


def test_likelihoods_are_ranked_among_their_kind():
    table = ranking_rows(
        [entry("exact", 5, bits=1.0, kind="exact"), entry("bound", 5, bits=1.2, kind="bound")],
        METRICS,
        PRIMARY,
    )
    assert not any("bits_per_dim" in row["ranks"] for row in table)
    same = ranking_rows(
        [entry("one", 5, bits=1.0, kind="bound"), entry("two", 5, bits=1.2, kind="bound")],
        METRICS,
        PRIMARY,
    )
    assert {row["name"]: row["ranks"]["bits_per_dim"] for row in same} == {"one": 1, "two": 2}


def test_a_deep_model_that_does_not_beat_a_baseline_is_told():
    said = " ".join(
        summary([entry("deep", 5.2), entry("simple", 5.0, baseline=True)], METRICS, PRIMARY, FLOOR)
    )
    assert "deep is not clearly better than the baseline simple" in said
    said = " ".join(
        summary([entry("deep", 2.0), entry("simple", 9.0, baseline=True)], METRICS, PRIMARY, FLOOR)
    )
    assert "not clearly better" not in said


def test_a_tie_is_called_one():
    said = summary([entry("a", 5.0), entry("b", 5.1)], METRICS, PRIMARY, FLOOR)[0]
    assert "b cannot be told from it" in said
    assert "real data scores 1" in said


def test_likelihoods_of_different_kinds_come_with_a_caution():
    entries = [entry("a", 5, bits=1.0, kind="bound"), entry("b", 5, bits=2.0, kind="exact")]
    said = " ".join(summary(entries, METRICS, PRIMARY, FLOOR))
    assert "of different kinds (bound and exact), which are not compared" in said
    assert "highest probability" not in said


def test_likelihoods_that_cannot_be_told_apart_have_no_winner():
    entries = [entry("a", 5, bits=1.0, kind="bound"), entry("b", 5, bits=1.005, kind="bound")]
    assert any(
        "highest probability (1 " in line and "b cannot be told from it" in line
        for line in summary(entries, METRICS, PRIMARY, FLOOR)
    )


def test_a_model_that_copies_is_neither_praised_nor_a_mark_to_beat():
    said = summary(
        [
            entry("kde", 2.0, baseline=True, accused=True),
            entry("deep", 5.0),
            entry("gmm", 9.0, baseline=True),
        ],
        METRICS,
        PRIMARY,
        FLOOR,
    )
    assert "seems to copy them" in said[0]
    assert not any("not clearly better" in line for line in said)


def test_figures_that_are_no_numbers_win_nothing():
    entries = [entry("nan", float("nan")), entry("a", 5.0)]
    assert summary(entries, METRICS, PRIMARY, FLOOR)[0].startswith("a makes")
    table = ranking_rows(entries, METRICS, PRIMARY)
    assert [(row["name"], row["rank"]) for row in table] == [("a", 1), ("nan", None)]
    assert not any(
        "nan" in line
        for line in summary([entry("b", float("nan"))], METRICS, PRIMARY, FLOOR)
        if "Frechet" in line
    )


@pytest.mark.parametrize(
    ("accused", "words"),
    [(True, "seems to copy: 7 samples"), (False, "No sign of copied training examples")],
)
def test_copies_are_told(accused, words):
    assert any(
        words in line
        for line in summary([entry("a", 5.0, accused=accused)], METRICS, PRIMARY, FLOOR)
    )


def test_failures_are_told():
    assert any(
        "b failed: it broke" in line
        for line in summary(
            [entry("a", 5.0), entry("b", 0, reason="it broke")], METRICS, PRIMARY, FLOOR
        )
    )
