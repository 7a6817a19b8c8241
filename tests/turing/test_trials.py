"""What judges are shown is balanced and blind."""

import json
import re
from collections import Counter
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.ensemble import HistGradientBoostingClassifier

from genlearn.core.errors import UserError
from genlearn.core.spec import ImageSpec
from genlearn.turing import make_trials, quiz_page
from genlearn.turing.component import LARGEST, as_shown
from genlearn.turing.trials import REAL, images_needed

KINDS = st.sampled_from(["one", "pair"])


def numbered(models, real, each):
    """Images whose value says which they are: real ones from 0, those of a model from 1,000 on."""
    return np.arange(real)[:, None, None], {
        f"model {m}": 1000 * (m + 1) + np.arange(each)[:, None, None] for m in range(models)
    }


@given(KINDS, st.integers(0, 60), st.integers(1, 5), st.integers(0, 9), st.integers(0, 6))
def test_trials_are_balanced_and_tell_what_they_are(kind, n, models, seed, practice):
    n += 2 * models
    real, drawn = numbered(models, *images_needed(kind, n, models, practice))
    made = make_trials(real, drawn, n=n, kind=kind, seed=seed, practice=practice)
    scored = [t for t in made.trials[practice:] if t.answer is not None]
    assert len(scored) == n
    fakes = Counter(t.source for t in scored if t.source != REAL)
    counts = [fakes[m] for m in range(models)]
    assert max(counts) - min(counts) <= 1
    ones = sum(t.answer for t in scored)
    assert abs(2 * ones - n) <= (1 if kind == "one" else 2)
    shown = [int(x) for t in made.trials for x in t.images.ravel()]
    assert len(set(shown)) == len(shown)
    for trial in made.trials:
        kinds = [int(x) // 1000 - 1 for x in trial.images.ravel()]
        expected = [trial.source]
        if kind == "pair":
            expected.insert(trial.answer or 0, REAL)
        assert kinds == expected


def test_pairs_have_controls_unless_they_are_not_wanted(discs):
    controls = [t for t in discs("pair", 40).trials if t.answer is None]
    assert len(controls) == 5
    assert all(t.source == REAL for t in controls)
    assert not [t for t in discs("pair", 40, control=False).trials if t.answer is None]
    assert not [t for t in discs("one", 40).trials if t.answer is None]


def test_the_seed_names_the_draw(discs):
    def content(trials):
        return [(t.source, t.answer, t.images.tobytes()) for t in trials.trials]

    assert content(discs(seed=3)) == content(discs(seed=3))
    assert content(discs(seed=3)) != content(discs(seed=4))


def test_too_few_images_are_told():
    real, drawn = numbered(2, 3, 40)
    with pytest.raises(UserError, match="3 real images were given; the quiz shows more"):
        make_trials(real, drawn, n=20, kind="one", seed=0)
    real, drawn = numbered(2, 100, 3)
    with pytest.raises(UserError, match=r"3 images of model \d were given"):
        make_trials(real, drawn, n=20, kind="one", seed=0)
    for few in ({}, {str(i): drawn["model 0"] for i in range(11)}):
        with pytest.raises(UserError, match="images of one model or more, and"):
            make_trials(real, few, n=20, kind="one", seed=0)


@pytest.mark.parametrize(("dtype", "levels"), [("uint8", 256), ("uint8", 2), ("float64", None)])
def test_real_and_generated_images_take_the_same_way(dtype, levels):
    """What a round trip through the model's units leaves of an image, it leaves of a real one."""
    high = 1.0 if dtype == "float64" else 255
    spec = ImageSpec(
        shape=(1, 6, 6),
        dtype=dtype,
        low=0,
        high=high,
        levels=levels,
        binarise="threshold" if levels == 2 else "none",
    )
    real = (np.random.default_rng(0).random((50, 6, 6)) * high).astype(dtype)
    generated = spec.to_user(spec.to_internal(real))
    np.testing.assert_array_equal(as_shown(real, spec), as_shown(generated, spec))
    if levels == 2:
        assert set(np.unique(as_shown(real, spec))) == {0, 255}


def test_large_images_are_shrunk():
    spec = ImageSpec(
        shape=(3, 300, 1200), dtype="uint8", low=0, high=255, levels=256, channel_axis=True
    )
    assert as_shown(np.zeros((1, 300, 1200, 3), np.uint8), spec).shape == (1, 128, LARGEST, 3)


def of_the_page(page):
    """All numbers that the page has for each trial, its pixels aside: its place, the text of its
    hash, and what stands before and behind it."""
    data = json.loads(re.search(r'class="quiz-data">(.*?)</script>', page, re.DOTALL)[1])
    assert "<img" not in page
    assert page.count("data:image/png") == 1
    count = len(data["hashes"])
    rows = []
    for index, one in enumerate(data["hashes"]):
        place = page.index(one)
        digits = [int(one[i : i + 2], 16) for i in range(0, len(one), 2)]
        around = [ord(c) for c in page[place - 3 : place] + page[place + len(one) :][:3]]
        rows.append([len(one), index, index / count, place % 7, *digits, *around])
    return np.array(rows, dtype=float)


def file_lengths(trial, spec):
    """The lengths of the files that a trial's images would have, each by itself."""
    files = [BytesIO() for _ in trial.images]
    for image, file in zip(as_shown(trial.images, spec), files, strict=True):
        Image.fromarray(image).save(file, "PNG")
    return [len(file.getvalue()) for file in files]


def told_apart(x, y):
    """How often trees that learn from two thirds are right about the rest, in standard errors from
    chance."""
    many = 2 * len(y) // 3
    trees = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(x[:many], y[:many])
    right = trees.predict(x[many:]) == y[many:]
    return (right.mean() - 0.5) * 2 * np.sqrt(right.size)


@pytest.mark.parametrize("kind", ["one", "pair"])
def test_nothing_but_pixels_tells_the_answer(discs, spec, kind):
    """Trees that learn from fourteen pages are at chance on seven others; given the length of a
    file for each image they are not, since one model's images are noisy and the other's faint."""
    made = [discs(kind, 40, seed=seed, control=False) for seed in range(21)]
    answers = np.array([trial.answer for trials in made for trial in trials.trials])
    pages = np.concatenate([of_the_page(quiz_page(trials, spec)) for trials in made])
    assert abs(told_apart(pages, answers)) < 3
    lengths = [file_lengths(trial, spec) for trials in made for trial in trials.trials]
    assert told_apart(np.hstack([pages, lengths]), answers) > 6
