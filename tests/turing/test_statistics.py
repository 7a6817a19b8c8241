"""The figures of a quiz: closed forms, and simulated judges whose truth is known."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from genlearn.turing.detection import detect
from genlearn.turing.proportions import (
    agreement,
    design_effect,
    newcombe,
    p_chance,
    p_equivalent,
    share_of,
    wilson,
)
from genlearn.turing.results import Answers
from genlearn.turing.statistics import by_image, fools_more, mistaken, most_fooling, summarize
from genlearn.turing.trials import REAL
from genlearn.turing.verdict import model_table, sentences, verdict

EXPERIMENTS = 400


def judged(right, judges=1, images=40, ability=0.0, difficulty=0.0, rng=None):
    """Answers right (1) or wrong of judges who are right so often on average; judges and images
    differ by so much in probits."""
    level = norm.ppf(right) * np.sqrt(1 + ability**2 + difficulty**2)
    level = level + ability * rng.normal(size=(judges, 1))
    level = level + difficulty * rng.normal(size=(1, images))
    return (level + rng.normal(size=(judges, images)) > 0).astype(float)


def answers_of(given, right, source, kind="one", sources=("a", "b")):
    given = np.atleast_2d(given)
    judges = tuple(f"judge {i}" for i in range(len(given)))
    right, source = np.asarray(right), np.asarray(source)
    return Answers(kind, sources, judges, source, right, given, np.ones(given.shape))


def test_closed_forms():
    assert wilson(31 / 40, 40) == pytest.approx((0.6250, 0.8768), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(0.5, 0) == (0, 1)
    # Newcombe 1998, table II, (a) method 10: 56/70 - 48/80
    assert newcombe(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    for count in (0, 3, 20, 31, 40):
        assert p_chance(count / 40, 40) == pytest.approx(binomtest(count, 40).pvalue)
    above = binomtest(52, 100, 0.4, alternative="greater").pvalue
    below = binomtest(52, 100, 0.6, alternative="less").pvalue
    assert p_equivalent(0.52, 100) == pytest.approx(max(above, below))


def test_fleiss_kappa():
    # two judges, 20 yes and 15 no alike, 5 and 10 apart: pooled share of yes 0.55
    table = [(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15
    pooled = 0.55**2 + 0.45**2
    value, low, high = agreement(np.array(table).T)
    assert value == pytest.approx((0.7 - pooled) / (1 - pooled))
    assert low < value < high
    assert np.isnan(agreement(np.ones((3, 9)))[0])
    assert np.isnan(agreement(np.ones((1, 9)))[0])
    assert agreement(np.tile([0, 1, 1, 0], (3, 1)))[0] == 1


@pytest.mark.parametrize(
    ("right", "judges", "ability", "difficulty"),
    [(0.5, 1, 0, 0), (0.8, 1, 0, 0), (0.5, 6, 0, 0), (0.8, 6, 0, 0), (0.5, 12, 0.4, 0.5)],
)
def test_intervals_hold_the_truth_in_95_of_100_experiments(right, judges, ability, difficulty):
    rng = np.random.default_rng(0)
    made = (judged(right, judges, 40, ability, difficulty, rng) for _ in range(EXPERIMENTS))
    shares = [share_of(one) for one in made]
    held = np.mean([share.low <= right <= share.high for share in shares])
    assert 0.92 <= held <= 0.985


def test_answers_of_judges_who_differ_are_worth_less():
    rng = np.random.default_rng(1)

    def effect(ability):
        made = (judged(0.6, 10, ability=ability, rng=rng) for _ in range(50))
        return np.median([design_effect(x - x.mean()) for x in made])

    assert effect(0) < 1.3
    assert effect(0.7) > 3
    one = judged(0.6, 1, rng=rng)
    assert design_effect(one - one.mean()) == 1
    copies = np.repeat(one, 8, axis=0)  # eight who answer as one: nothing is gained
    assert design_effect(copies - copies.mean()) >= 8 * 0.9
    assert design_effect(np.zeros((5, 40))) == 5


def test_guessing_is_seldom_taken_for_skill_and_skill_never_for_guessing():
    rng = np.random.default_rng(2)
    guesses = [share_of(judged(0.5, 8, rng=rng)) for _ in range(EXPERIMENTS)]
    assert np.mean([p_chance(s.value, s.effective) < 0.05 for s in guesses]) <= 0.07
    assert np.mean([p_equivalent(s.value, s.effective) < 0.05 for s in guesses]) > 0.8
    at_edge = [share_of(judged(0.6, 8, rng=rng)) for _ in range(EXPERIMENTS)]
    assert np.mean([p_equivalent(s.value, s.effective) < 0.05 for s in at_edge]) <= 0.07


@pytest.mark.parametrize("pair", [False, True])
@pytest.mark.parametrize(("d_prime", "criterion"), [(0.0, 0.0), (1.0, 0.5), (2.0, -0.3)])
def test_an_ideal_observer_has_its_d_prime(d_prime, criterion, pair):
    rng = np.random.default_rng(3)

    def experiment(images):
        if pair:  # B seems more real than A by d' or -d', with the noise of both
            seen = [rng.normal(way * d_prime, np.sqrt(2), (1, images)) for way in (1, -1)]
            return [(x > criterion * np.sqrt(2)).astype(int) for x in seen]
        seen = [rng.normal(way * d_prime / 2, 1, (1, images)) for way in (1, -1)]
        return [(x > criterion).astype(int) for x in seen]

    large = detect(*experiment(40_000), pair=pair)
    assert large.d_prime == pytest.approx(d_prime, abs=0.05)
    assert large.criterion == pytest.approx(criterion, abs=0.05)
    found = [detect(*experiment(50), pair=pair) for _ in range(EXPERIMENTS)]
    held = np.mean([one.low <= d_prime <= one.high for one in found])
    assert 0.92 <= held <= 0.985


def test_who_is_always_right_has_a_finite_d_prime():
    sure = detect(np.ones((1, 20)), np.zeros((1, 20)))
    assert sure.d_prime == pytest.approx(2 * norm.ppf(20.5 / 21))
    assert np.isfinite([sure.low, sure.high]).all()


def test_a_model_is_not_told_apart_by_who_says_fake_to_all():
    source = [REAL] * 20 + [0] * 10 + [1] * 10
    found = summarize(answers_of([0] * 40, [1] * 20 + [0] * 20, source))
    assert [model.fooled.value for model in found.models] == [0, 0]
    for model in found.models:
        assert model.accuracy == 0.5
        assert model.low < 0.5 < model.high
    assert found.detection.criterion > 1


def test_who_was_fooled_by_what():
    source, right = [REAL, 0, 1, 0], [1, 0, 0, 0]
    found = answers_of([[1, 1, 0, 0], [0, 1, 0, 1]], right, source)
    assert most_fooling(found) == [(2, "a", 2), (4, "a", 1)]
    table = by_image(found)
    assert list(table.source[:4]) == ["real", "a", "b", "a"]
    assert table.correct.tolist() == [True, False, True, True, False, False, True, False]
    result = summarize(found)
    assert [model.fooled.value for model in result.models] == [0.75, 0]
    assert model_table(result).splitlines()[1].split()[0] == "a"


def test_models_are_compared_by_the_same_judges():
    rng = np.random.default_rng(5)
    source = np.array([REAL] * 40 + [0] * 20 + [1] * 20)
    right = (source == REAL).astype(int)

    def told(first, second):
        wrong = rng.random((10, 80)) < np.where(
            source == REAL, 0.2, np.where(source, second, first)
        )
        found = answers_of(np.where(wrong, 1 - right, right), right, source)
        return "\n".join(sentences(summarize(found), found)), fools_more(found, 0, 1)

    line, (value, low, high) = told(0.5, 0.2)
    assert "a fooled more often than b, by" in line
    assert "which may be chance" not in line
    assert 0 < low < value < high
    line, (value, low, high) = told(0.3, 0.3)
    assert "which may be chance" in line
    assert low < 0 < high


def test_pairs_that_are_both_real_show_a_liking_for_a_side():
    right = [0, 1] * 10 + [-1] * 5
    given = [0, 1] * 8 + [0, 0] * 2 + [0, 0, 0, 0, 1]
    found = answers_of(given, right, [0] * 20 + [REAL] * 5, "pair", ("a",))
    result = summarize(found)
    assert result.accuracy.count == 18
    assert result.accuracy.n == 20
    assert result.first_side.value == 0.8
    assert "A chosen in 80 %" in "\n".join(sentences(result, found))


@pytest.mark.parametrize(
    ("right", "judges", "said"),
    [
        (0.5, 1, "not settled"),
        (0.5, 20, "the judges cannot tell them apart"),
        (0.85, 1, "the judge can tell them apart"),
        (0.15, 1, "more often than guessing"),
        (0.56, 40, "can tell them apart, if by less than 10 points"),
    ],
)
def test_the_verdict(right, judges, said):
    rng = np.random.default_rng(4)
    truth = np.tile([1, 0], 30)
    correct = np.array([rng.permuted(np.arange(60) < round(right * 60)) for _ in range(judges)])
    given = np.where(correct, truth, 1 - truth)
    found = answers_of(given, truth, np.where(truth, REAL, 0), sources=("a",))
    assert said in verdict(summarize(found))


def test_what_was_not_answered_counts_for_nothing():
    rng = np.random.default_rng(5)
    right, source = np.tile([0, 1], 12), np.tile([0, REAL, 1, REAL], 6)
    given = judged(0.7, 9, 24, rng=rng) == right
    whole = answers_of(given.astype(float), right, source)
    some = answers_of(np.where(rng.random(given.shape) < 0.3, np.nan, given), right, source)
    absent = np.full((2, 24), np.nan)
    more = answers_of(np.vstack([some.given, absent]), right, source)
    for a, b in ((summarize(some), summarize(more)), (summarize(whole), summarize(whole))):
        assert (a.accuracy.count, a.accuracy.n) == (b.accuracy.count, b.accuracy.n)
        assert a.detection.d_prime == b.detection.d_prime
        assert a.kappa == b.kappa
    there = int((~np.isnan(some.given)).sum())
    assert summarize(some).accuracy.n == there < given.size
    assert len(by_image(some)) == there
    assert next(sentences(summarize(some), some)).startswith(
        f"9 judges, {there} of 216 answers to 24 images: right in "
    )
    assert sum(one.answered - one.wrong for one in mistaken(some)) <= summarize(some).accuracy.count


def test_intervals_hold_the_truth_where_judges_stopped_early():
    rng = np.random.default_rng(6)
    held = []
    for _ in range(EXPERIMENTS):
        values = judged(0.7, 8, 30, 0.3, 0.3, rng)
        for judge in range(8):  # each in an order of its own, up to somewhere
            values[judge, rng.permutation(30)[rng.integers(3, 31) :]] = np.nan
        share = share_of(values)
        held.append(share.low <= 0.7 <= share.high)
    assert 0.92 <= np.mean(held) <= 0.985


def test_the_trials_that_judges_were_wrong_about():
    given = [[1, 1, 0, 0], [1, 0, 0, np.nan], [1, 0, 0, np.nan]]
    answers = answers_of(np.array(given), [0, 1, 1, 1], [0, REAL, REAL, REAL])
    found = [(one.trial, one.source, one.wrong, one.answered) for one in mistaken(answers)]
    assert found == [(0, 0, 3, 3), (2, REAL, 3, 3), (3, REAL, 1, 1), (1, REAL, 2, 3)]
    assert most_fooling(answers) == [(1, "a", 3)]
