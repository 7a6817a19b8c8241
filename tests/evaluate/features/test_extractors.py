"""Feature spaces are fixed maps: named by what they hold, the same from disk, blind to the batch,
and there for any data."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import blobs, gaussian_table

from genlearn.core.errors import UserError
from genlearn.data import open_data
from genlearn.evaluate.features import choose, load_extractors, pretext_tasks, save_extractors
from genlearn.evaluate.features.feature_stats import principal_components
from genlearn.evaluate.features.tabular_features import BOUND, soft_clip


def quiet(line):
    pass


@pytest.fixture(autouse=True)
def _short_lessons(monkeypatch):
    monkeypatch.setattr(pretext_tasks, "planned_steps", lambda examples: 12)


def images(n=60, height=8, width=8, channels=0, dtype=np.uint8, classes=0):
    values = (
        blobs(n, height, width, channels)
        if min(height, width) > 4
        else np.random.default_rng(0).integers(0, 255, (n, height, width))
    )
    values = (
        values / 255
        if np.dtype(dtype).kind == "f"
        else values.astype(dtype) * (257 if dtype is np.uint16 else 1)
    )
    data = open_data(values.astype(dtype))
    return replace(data, labels=np.arange(n) % classes) if classes else data


def table(n=200):
    return open_data(np.column_stack([gaussian_table(n, 4), np.full(n, 3.0)]))


KINDS = {
    "tiny": lambda: images(height=4, width=4, classes=2),
    "not square": lambda: images(height=6, width=37, channels=3),
    "colour": lambda: images(height=12, width=9, channels=3, classes=3),
    "16-bit": lambda: images(dtype=np.uint16),
    "float": lambda: images(dtype=np.float32),
    "one class": lambda: images(classes=1),
    "a class each": lambda: images(classes=60),
    "constant": lambda: open_data(np.full((50, 8, 8), 7, np.uint8)),
    "constant columns": table,
    "one column": lambda: open_data(gaussian_table(80, 2)[:, :1]),
    "many columns": lambda: open_data(gaussian_table(80, 70)),
    "a constant table": lambda: open_data(np.ones((50, 3))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_data_has_spaces(kind):
    data = KINDS[kind]()
    spaces = choose(data, 0, 60, quiet)
    assert len({one.name for one in spaces}) == 2
    for one in spaces:
        vectors = one(data.values)
        assert vectors.dtype == np.float64
        assert vectors.shape == (len(data), one.dim)
        assert np.isfinite(vectors).all()
        assert one(data.values[:0]).shape == (0, one.dim)


@pytest.mark.parametrize(
    "make",
    [lambda: images(200, classes=4), lambda: images(200, 12, 9, 3), table],
    ids=["classes", "views", "table"],
)
def test_a_row_depends_on_its_example_alone(make):
    data = make()
    for one in choose(data, 0, 60, quiet):
        whole = one(data.values)
        np.testing.assert_array_equal(one(data.values[:7]), whole[:7])
        np.testing.assert_array_equal(
            np.concatenate([one(data.values[i : i + 1]) for i in (0, 150)]), whole[[0, 150]]
        )
        np.testing.assert_array_equal(one(data.values[::-1]), whole[::-1])


@pytest.mark.parametrize("classes", [0, 4])
def test_the_seed_names_the_features(classes):
    data = images(200, classes=classes)
    state = torch.random.get_rng_state(), np.random.get_state()[1]
    first, again, other = (choose(data, seed, 60, quiet) for seed in (0, 0, 1))
    assert [one.digest for one in first] == [one.digest for one in again]
    assert first[0].digest != other[0].digest
    assert torch.equal(state[0], torch.random.get_rng_state())
    np.testing.assert_array_equal(state[1], np.random.get_state()[1])


def test_the_digest_names_the_weights():
    first, again = (choose(images(), 0, 60, quiet)[0] for _ in range(2))
    next(again.net.parameters()).data[0] += 1e-6
    assert first.digest != again.digest


@pytest.mark.parametrize(
    "make", [lambda: images(classes=3), images, table], ids=["classes", "views", "table"]
)
def test_saved_spaces_are_the_same(make, tmp_path):
    data = make()
    spaces = choose(data, 0, 60, quiet)
    save_extractors(tmp_path / "features", spaces)
    loaded = load_extractors(tmp_path / "features", data.spec)
    assert [one.to_json() for one in loaded] == [one.to_json() for one in spaces]
    for one, same in zip(spaces, loaded, strict=True):
        np.testing.assert_array_equal(one(data.values), same(data.values))


def test_a_changed_file_is_told(tmp_path):
    save_extractors(tmp_path, choose(table(), 0, 60, quiet))
    file = tmp_path / "features.json"
    file.write_text(file.read_text().replace("columns that vary", "columns that very"))
    with pytest.raises(UserError, match="changed after"):
        load_extractors(tmp_path, table().spec)


def test_too_little_time_is_told_and_kept(monkeypatch):
    monkeypatch.setattr(pretext_tasks, "planned_steps", lambda examples: 10_000)
    lines = []
    learned = choose(images(classes=2), 0, 0.1, lines.append)[0]
    assert "of 10000 steps" in lines[0]
    assert 8 < learned.settings()["steps"] < 1000


def test_learned_features_tell_classes_apart(monkeypatch):
    monkeypatch.setattr(pretext_tasks, "planned_steps", lambda examples: 60)
    learned = choose(open_data("digits"), 0, 60, quiet)[0]
    assert "10 classes of 1,618 training examples" in learned.about
    assert float(learned.about.split("(")[1].split("%")[0]) > 90
    assert learned(open_data("digits").values).var(0).mean() == pytest.approx(1, rel=0.2)


def test_principal_directions_are_those_of_the_covariance():
    rows = torch.from_numpy(gaussian_table(50, 6))
    for wide in (rows, rows[:4]):  # fewer examples than columns
        mean, basis = principal_components(wide, 6)
        np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-8)
        np.testing.assert_allclose(((wide - mean) @ basis @ basis.T + mean), wide, atol=1e-6)


def test_outliers_count_by_their_logarithm():
    z = torch.tensor([-1e6, -BOUND, 0.3, BOUND + np.e - 1, 1e6], dtype=torch.float64)
    np.testing.assert_allclose(soft_clip(z)[1:4], [-BOUND, 0.3, BOUND + 1], atol=1e-12)
    assert soft_clip(z).abs().max() < 20
