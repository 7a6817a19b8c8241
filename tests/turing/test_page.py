"""The quiz in a browser: its figures are Python's, and it is taken by keys, by mouse and from a
file."""

import numpy as np
import pytest

from genlearn.evaluate.report.markup import Html
from genlearn.turing import (
    QUIZ_SCRIPT,
    QUIZ_STYLE,
    make_trials,
    quiz_fragment,
    quiz_page,
    read_results,
    summarize,
)
from genlearn.turing.results import Answers
from genlearn.turing.trials import truths


@pytest.fixture
def opened(open_tab, tmp_path):
    """Opens a page from a file; none may complain, or ask the network for anything."""
    tabs = []

    def get(page, width=1280, scheme="light"):
        (tmp_path / "quiz.html").write_text(page)
        tabs.append(open_tab(tmp_path / "quiz.html", width, scheme))
        return tabs[-1]

    yield get
    assert not [line for tab in tabs for line in tab.told]


def pressed(tab, key):
    """Press ``key`` until it counts: not before the image is there."""
    place = tab.locator(".quiz-place").inner_text
    before = place()
    for _ in range(200):
        tab.keyboard.press(key)
        if tab.locator(".quiz-told button, .quiz-code").count() or place() != before:
            return
        tab.wait_for_timeout(5)
    raise AssertionError("no key counted")


def taken(tab, trials, answer, keys):
    """Take the quiz by keys, ``answer(number, trial)`` each; the code that it ends with."""
    tab.get_by_role("button", name="Start").click()
    for number, trial in enumerate(trials.trials):
        pressed(tab, keys[answer(number, trial)])
        if number < trials.practice:
            tab.keyboard.press("Enter")
    return tab.locator(".quiz-code").input_value()


def until(tab, visible):
    """Wait until the images are shown, or hidden."""
    seen = (
        "[...document.querySelectorAll('canvas')].every(c => { const blank = c.cloneNode();"
        " return c.toDataURL() !== blank.toDataURL(); })"
    )
    for _ in range(1000):
        if tab.evaluate(seen) == visible:
            return
    raise AssertionError(f"never {'shown' if visible else 'hidden'}")


KEYS = {"one": ("f", "ArrowLeft"), "pair": ("ArrowLeft", "b")}


def right(number, trial):
    """The right answer, but for every third trial."""
    return trial.answer ^ (number % 3 == 0) if trial.answer is not None else 0


@pytest.mark.parametrize("kind", ["one", "pair"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_is_taken_by_keys_and_its_code_is_read(
    opened, discs, spec, tmp_path, kind, width, scheme
):
    trials = discs(kind, 12)
    tab = opened(quiz_page(trials, spec), width, scheme)
    code = taken(tab, trials, right, KEYS[kind])
    answers = read_results(tmp_path / "quiz.html", [("x", f"Hello,\n{code} Bye.")], print)
    scored = trials.trials[4:]
    assert answers.right.tolist() == [-1 if t.answer is None else t.answer for t in scored]
    assert answers.source.tolist() == [t.source for t in scored]
    assert answers.given.tolist() == [[right(i + 4, t) for i, t in enumerate(scored)]]
    assert (answers.seconds < 5).all()
    found = summarize(answers).accuracy
    assert f"You were right {found.count:.0f} of 12: " in tab.locator(".quiz-stage").inner_text()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    wrong = tab.locator(".quiz-gallery canvas").count()
    assert wrong == 12 - found.count


def plain(summary):
    """A summary as the script gives it."""

    def share(one):
        return {key: getattr(one, key) for key in ("count", "n", "value", "low", "high")}

    def detection(one):
        found = {key: getattr(one, key) for key in ("low", "high", "criterion")}
        return found | {
            "d": one.d_prime,
            "hits": share(one.hits),
            "alarms": share(one.false_alarms),
        }

    return {
        "accuracy": share(summary.accuracy),
        "p": summary.p,
        "pEquivalent": summary.p_equivalent,
        "detection": detection(summary.detection),
        "firstSide": summary.first_side and share(summary.first_side),
        "models": [
            {
                "name": model.name,
                "fooled": share(model.fooled),
                "accuracy": model.accuracy,
                "low": model.low,
                "high": model.high,
                "detection": detection(model.detection),
            }
            for model in summary.models
        ],
    }


def equal(one, other):
    """Whether two JSON values are the same, numbers to a part in 10^9."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return np.isclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)
    return one == other


def test_its_statistics_are_pythons(opened, discs, spec):
    tab = opened(quiz_page(discs(), spec))
    rng = np.random.default_rng(0)
    for index in range(30):
        kind = ("one", "pair")[index % 2]
        models, n = int(rng.integers(1, 4)), int(rng.integers(4, 200))
        known = truths(kind, models)
        truth = [known[i] for i in rng.integers(len(known), size=n)]
        luck = (0, 0.3, 0.5, 0.8, 1)[index % 5]
        wrong = rng.random(n) > luck
        given = [int(bool(answer) ^ bool(w)) for (_, answer), w in zip(truth, wrong, strict=True)]
        names = tuple("abc"[:models])
        answers = Answers(
            kind,
            names,
            ("judge",),
            np.array([source for source, _ in truth]),
            np.array([-1 if answer is None else answer for _, answer in truth]),
            np.array([given]),
            np.ones((1, n)),
        )
        rows = [{"source": source, "right": answer} for source, answer in truth]
        found = tab.evaluate(
            "([kind, names, truth, given]) => genlearnQuiz.summarize(kind, names, truth, given)",
            [kind, names, rows, given],
        )
        assert equal(found, plain(summarize(answers))), (index, found, plain(summarize(answers)))


def test_it_is_taken_by_mouse_with_feedback_in_practice_alone(opened, discs, spec):
    trials = discs("pair", 4)
    tab = opened(quiz_page(trials, spec))
    tab.get_by_role("button", name="Start").click()
    first = trials.trials[0]
    side = "AB"[first.answer]
    tab.get_by_role("img", name=f"Image {side}, Practice 1 of 4").click()
    assert "Right: " in tab.locator(".quiz-told").inner_text()
    tab.get_by_role("button", name="Next").click()
    wrong = "BA"[trials.trials[1].answer]
    tab.get_by_role("button", name=wrong, exact=True).click()
    assert "No: " in tab.locator(".quiz-told").inner_text()
    for _ in range(2):
        tab.locator(".quiz-told button").click()
        tab.get_by_role("button", name="A", exact=True).click()
    tab.get_by_role("button", name="Now the 6").click()
    tab.get_by_role("button", name="A", exact=True).click()
    assert tab.locator(".quiz-told").inner_text() == ""
    assert tab.locator(".quiz-place").inner_text() == "2 of 6: which one is real?"
    assert tab.locator("progress").get_attribute("value") == "5"


def test_images_are_large_and_what_they_are(opened, discs, spec):
    trials = discs("pair", 4)
    tab = opened(quiz_page(trials, spec), 390)
    tab.get_by_role("button", name="Start").click()
    until(tab, True)
    for place in (0, 1):
        canvas = tab.locator("canvas").nth(place)
        box = canvas.bounding_box()
        assert max(box["width"], box["height"]) >= 160
        drawn = canvas.evaluate("c => [...c.getContext('2d').getImageData(0, 0, 9, 12).data]")
        grey = np.array(drawn).reshape(12, 9, 4)[..., 0]
        np.testing.assert_array_equal(grey, trials.trials[0].images[place])


def test_an_image_is_hidden_after_its_time_and_the_answer_counts(opened, discs, spec):
    trials = discs("one", 4, practice=0)
    tab = opened(quiz_page(trials, spec, limit=0.05))
    assert "shown for 0.05 s" in tab.locator(".quiz-stage").inner_text()
    tab.get_by_role("button", name="Start").click()
    until(tab, True)
    until(tab, False)
    pressed(tab, "r")
    assert tab.locator(".quiz-place").inner_text().startswith("2 of 4")


def test_two_share_a_page_whose_keys_stay_its_own(opened, discs, spec):
    body = quiz_fragment(discs("one", 4), spec) + quiz_fragment(discs("pair", 4), spec)
    tab = opened(
        f"<!doctype html><style>{QUIZ_STYLE}</style><input id=other>{body}"
        f"<script>{QUIZ_SCRIPT}</script>"
    )
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(set(ids)) == len(ids) == 3
    starts = tab.get_by_role("button", name="Start")
    starts.nth(1).click()
    starts.nth(0).click()
    tab.wait_for_timeout(50)
    tab.locator("#other").press("r")
    assert tab.locator("#other").input_value() == "r"
    assert tab.locator(".quiz-told button").count() == 0
    tab.locator(".quiz-stage").nth(0).focus()
    tab.keyboard.press("r")
    assert tab.locator(".quiz-told button").count() == 1
    tab.evaluate("document.body.append(document.createElement('iframe'))")
    own = "Object.keys(window).filter(key => !(key in frames[0]) && isNaN(key))"
    assert tab.evaluate(own) == ["genlearnQuiz"]


def test_names_are_text_and_paper_has_a_line(opened, spec):
    name = "</script><b>x</b>"
    rng = np.random.default_rng(0)
    real, drawn = (rng.integers(0, 255, (40, 12, 9), dtype=np.uint8) for _ in range(2))
    trials = make_trials(real, {name: drawn}, n=4, kind="one", seed=0)
    page = quiz_page(trials, spec, title=name)
    assert page.count("</script>") == 3
    tab = opened(page)
    code = taken(tab, trials, lambda number, trial: 1, KEYS["one"])
    assert name in tab.locator(".quiz-models").inner_text()
    assert code
    tab.emulate_media(media="print")
    assert "quiz" in tab.locator(".quiz").inner_text()
    assert len(tab.locator(".quiz").inner_text()) < 100


def test_markup_is_finished(discs, spec):
    assert isinstance(quiz_fragment(discs("one", 4), spec), Html)
