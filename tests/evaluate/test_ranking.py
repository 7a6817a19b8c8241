"""What the scoreboard says follows from its figures."""

from dataclasses import replace

import pytest

from genlearn.evaluate.metric import Metric, MetricValue
from genlearn.evaluate.ranking import RankedModel, ranking_rows, verdict

PRIMARY = "frechet/learned"
METRICS = {
    PRIMARY: Metric(
        key="frechet", title="Frechet distance", group="samples", better="lower", meaning="."
    ),
    "c2st/learned": Metric(
        key="c2st", title="Detection AUC", group="samples", better="lower", meaning="."
    ),
    "bits_per_dim": Metric(
        key="bits_per_dim", title="Bits", group="density", better="lower", meaning="."
    ),
}
FLOOR = {PRIMARY: MetricValue(1.0, 0.5, 1.5, 100)}


def entry(
    name, distance, *, baseline=False, bits=None, kind="", reason="", accused=False, unranked=()
):
    half = 1.0
    figures = (
        {}
        if reason
        else {
            PRIMARY: MetricValue(distance, distance - half, distance + half, 100),
            "c2st/learned": MetricValue(0.8, 0.7, 0.9, 100),
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
        unranked=("samples",) if accused else unranked,
    )


def test_models_that_none_is_clearly_better_than_share_a_tier():
    table = ranking_rows(
        [entry("a", 5.0), entry("b", 5.5), entry("c", 9.0), entry("broken", 0, reason="it broke")],
        METRICS,
        PRIMARY,
    )
    assert [(row["name"], row["tier"]) for row in table] == [
        ("a", 1),
        ("b", 1),
        ("c", 2),
        ("broken", None),
    ]
    assert table[-1]["status"] == "failed"


def test_likelihoods_are_compared_within_their_kind():
    table = ranking_rows(
        [entry("exact", 5, bits=1.0, kind="exact"), entry("bound", 5, bits=1.2, kind="bound")],
        METRICS,
        PRIMARY,
    )
    assert not any("bits_per_dim" in row["tiers"] for row in table)
    same = ranking_rows(
        [entry("one", 5, bits=1.0, kind="bound"), entry("two", 5, bits=1.2, kind="bound")],
        METRICS,
        PRIMARY,
    )
    assert {row["name"]: row["tiers"]["bits_per_dim"] for row in same} == {"one": 1, "two": 2}


def test_what_a_baseline_beats_is_called_worse():
    simple = entry("simple", 5.0, baseline=True)
    deep = [entry("even", 5.2), entry("bad", 9.0), entry("worst", 12.0), entry("good", 2.0)]
    said = verdict([*deep, simple], METRICS, PRIMARY, FLOOR)
    assert "Worse at samples than the baseline simple: bad and worst." in said
    assert "Not clearly better at samples than the baseline simple: even." in said
    assert sum("baseline" in line for line in said) == 2


def test_a_tie_is_called_one():
    said = verdict([entry("a", 5.0), entry("b", 5.1)], METRICS, PRIMARY, FLOOR)[0]
    assert said.startswith("To sample: a or b.")
    assert "b cannot be told from it" in said
    assert "real data 1 " in said


def test_what_no_gaussian_beats_is_not_recommended():
    ceiling = {PRIMARY: MetricValue(5.0, 4.0, 6.0, 100)}
    said = verdict([entry("a", 5.5), entry("b", 9.0)], METRICS, PRIMARY, FLOOR, ceiling)[0]
    assert said.startswith("To sample: none yet.")


def test_likelihoods_of_different_kinds_come_with_a_caution():
    entries = [entry("a", 5, bits=1.0, kind="bound"), entry("b", 5, bits=2.0, kind="exact")]
    said = verdict(entries, METRICS, PRIMARY, FLOOR)
    assert any("of different kinds (bound and exact) are not compared" in line for line in said)
    assert not any("clearly better" in line for line in said if line.startswith("To score"))


def test_likelihoods_that_cannot_be_told_apart_have_no_winner():
    entries = [entry("a", 5, bits=1.0, kind="bound"), entry("b", 5, bits=1.005, kind="bound")]
    assert any(
        line.startswith("To score: a or b. 1 ") and "b cannot be told from it" in line
        for line in verdict(entries, METRICS, PRIMARY, FLOOR)
    )


def test_a_model_that_copies_is_neither_praised_nor_a_mark_to_beat():
    entries = [
        entry("kde", 2.0, baseline=True, accused=True),
        entry("deep", 5.0),
        entry("gmm", 9.0, baseline=True),
    ]
    said = verdict(entries, METRICS, PRIMARY, FLOOR)
    assert said[0].startswith("To sample: deep.")
    assert not any("than the baseline" in line for line in said)
    assert [(row["name"], row["tier"]) for row in ranking_rows(entries, METRICS, PRIMARY)] == [
        ("deep", 1),
        ("gmm", 2),
        ("kde", None),
    ]


def test_who_earns_no_tier_in_a_group_has_one_in_others():
    entries = [
        entry("whole", 5.0, bits=1.0, kind="exact", unranked=("density",)),
        entry("a", 9.0, bits=2.0, kind="exact"),
    ]
    whole, a = ranking_rows(entries, METRICS, PRIMARY)
    assert whole["tiers"].keys() == {PRIMARY, "c2st/learned"}
    assert a["tiers"]["bits_per_dim"] == 1


def test_what_more_time_would_change_is_told():
    entries = [replace(entry("a", 5.0), more_time="about 4 x the budget"), entry("b", 9.0)]
    said = verdict(entries, METRICS, PRIMARY, FLOOR)
    assert "Still improving when their time was up: a (about 4 x the budget)." in said


def test_figures_that_are_no_numbers_win_nothing():
    entries = [entry("nan", float("nan")), entry("a", 5.0)]
    assert verdict(entries, METRICS, PRIMARY, FLOOR)[0].startswith("To sample: a.")
    table = ranking_rows(entries, METRICS, PRIMARY)
    assert [(row["name"], row["tier"]) for row in table] == [("a", 1), ("nan", None)]
    only = verdict([entry("b", float("nan"))], METRICS, PRIMARY, FLOOR)
    assert not any("nan" in line for line in only if "Frechet" in line)


@pytest.mark.parametrize(
    ("accused", "words"),
    [(True, "seems to copy: 7 samples"), (False, "No sign of copied training examples")],
)
def test_copies_are_told(accused, words):
    assert any(
        words in line
        for line in verdict([entry("a", 5.0, accused=accused)], METRICS, PRIMARY, FLOOR)
    )


def test_failures_are_told():
    assert any(
        "b failed: it broke" in line
        for line in verdict(
            [entry("a", 5.0), entry("b", 0, reason="it broke")], METRICS, PRIMARY, FLOOR
        )
    )
